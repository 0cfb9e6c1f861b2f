package dev.rebasis.server.internal.session;

import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.server.internal.master.Missing;
import dev.rebasis.server.internal.scope.Reader;
import dev.rebasis.server.internal.scope.TransactionRecord;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * Of what is missing, what bears on certain entities. Transactions of which nothing is seen are left out, but for the last one,
 * of which then the T is told. Confined to one reader.
 */
final class PartOfMissing implements Iterator<Transaction> {
  private final Iterator<Transaction> all;
  private final Set<Long> members;
  private final Reader reader;
  private final TransactionRecord record;
  private Transaction next;

  private PartOfMissing(Iterator<Transaction> all, Set<Long> members, Reader reader, TransactionRecord record) {
    this.all = all;
    this.members = members;
    this.reader = reader;
    this.record = record;
    advance();
  }

  /**
   * The part.
   *
   * @param members the entities, as of the last T; the set is shared with another thread and must not change
   * @param reader whom it is for
   */
  static Missing of(Missing missing, Set<Long> members, Reader reader, Schema schema) {
    TransactionRecord record = new TransactionRecord(schema);
    return new Missing(missing.afterT(), missing.t(), missing.datomsMax(),
        () -> new PartOfMissing(missing.transactions().iterator(), members, reader, record));
  }

  private void advance() {
    next = null;
    while (next == null && all.hasNext()) {
      Transaction whole = all.next();
      next = record.seen(whole, members, reader);
      if (next == null && !all.hasNext()) {
        next = new Transaction(whole.t(), List.of());
      }
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Transaction next() {
    if (next == null) {
      throw new NoSuchElementException("no more transactions");
    }
    Transaction result = next;
    advance();
    return result;
  }
}
