package dev.rebasis.client.internal.db;

import dev.rebasis.data.Transaction;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The confirmed transactions of a span of time, read page by page. Thread-safe; each iterator is confined to the thread
 * that iterates.
 */
public final class TransactionRange implements Iterable<Transaction> {
  /** Where pages come from. */
  @FunctionalInterface
  public interface Pages {
    /** The first transactions after a T up to another, some at once; none if none are left. */
    List<Transaction> page(long afterT, long upToT);
  }

  private final long afterT;
  private final long upToT;
  private final Pages pages;

  private TransactionRange(long afterT, long upToT, Pages pages) {
    this.afterT = afterT;
    this.upToT = upToT;
    this.pages = pages;
  }

  /**
   * The span between two moments, the second one exclusive.
   *
   * @param confirmed the newest confirmed value
   * @param start null for the begin
   * @param end null for no end
   */
  public static TransactionRange of(DatabaseValue confirmed, Object start, Object end, Pages pages) {
    confirmed.checkUsable();
    long first = start == null ? 0 : Moments.firstFrom(confirmed, start);
    long stop = end == null ? TimeOrder.END : Moments.firstFrom(confirmed, end);
    DatabaseView.checkHistory(confirmed.snapshot(), first);
    return new TransactionRange(first - 1, Math.min(stop - 1, confirmed.basisT()), pages);
  }

  @Override
  public Iterator<Transaction> iterator() {
    return new Walk();
  }

  private final class Walk implements Iterator<Transaction> {
    private Iterator<Transaction> page = Collections.emptyIterator();
    private long readT = afterT;
    private boolean ended;

    @Override
    public boolean hasNext() {
      if (!page.hasNext() && !ended) {
        List<Transaction> next = readT < upToT ? pages.page(readT, upToT) : List.of();
        ended = next.isEmpty();
        page = next.iterator();
      }
      return page.hasNext();
    }

    @Override
    public Transaction next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no more transactions");
      }
      Transaction transaction = page.next();
      readT = transaction.t();
      return transaction;
    }
  }
}
