package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * A database value seen through time or through a predicate: as of a moment, since a moment, with its history, filtered,
 * or several of these at once. The schema is that of the value itself, whatever the moment, as in Datomic. Immutable;
 * threads may share it.
 *
 * <p>The moments are times in the sense of {@link TimeOrder}, so that a view of the optimistic value can end between two
 * pending transactions.
 */
final class DatabaseView extends AbstractDatabase {
  /** What lets every datom pass. */
  private static final BiPredicate<Database, Datom> ALL = (database, datom) -> true;

  private final DatabaseValue base;
  private final long asOf;
  private final long since;
  private final boolean history;
  private final BiPredicate<Database, Datom> filter;
  /** What a filter may ask: the same value each time, since programs remember by it. */
  private final DatabaseView shownToFilter;

  private DatabaseView(
      DatabaseValue base,
      long asOf,
      long since,
      boolean history,
      BiPredicate<Database, Datom> filter) {
    super(base.localIds(), base.queries());
    this.base = base;
    this.asOf = asOf;
    this.since = since;
    this.history = history;
    this.filter = filter;
    this.shownToFilter = filter == ALL ? this : new DatabaseView(base, asOf, since, history, ALL);
  }

  /** A view that shows what the value itself does. */
  static DatabaseView of(DatabaseValue base) {
    return new DatabaseView(base, TimeOrder.END, TimeOrder.BEGIN, false, ALL);
  }

  @Override
  public Database asOf(Object moment) {
    return new DatabaseView(base, Moments.of(base, moment), since, history, filter);
  }

  @Override
  public Database since(Object moment) {
    return new DatabaseView(base, asOf, Moments.of(base, moment), history, filter);
  }

  @Override
  public Database history() {
    return new DatabaseView(base, asOf, since, true, filter);
  }

  @Override
  public Database filter(BiPredicate<Database, Datom> test) {
    return new DatabaseView(base, asOf, since, history, filter == ALL ? test : filter.and(test));
  }

  @Override
  public long basisT() {
    return base.basisT();
  }

  @Override
  public Schema schema() {
    return base.schema();
  }

  @Override
  public Long asOfT() {
    return asOf == TimeOrder.END ? null : shown(asOf);
  }

  @Override
  public Long sinceT() {
    return since == TimeOrder.BEGIN ? null : shown(since);
  }

  @Override
  public boolean isHistory() {
    return history;
  }

  @Override
  public boolean isFiltered() {
    return filter != ALL;
  }

  private static Long shown(long time) {
    return TimeOrder.isPending(time) ? TimeOrder.PENDING - time : time;
  }

  @Override
  void checkUsable() {
    base.checkUsable();
    if (history || asOf != TimeOrder.END || since != TimeOrder.BEGIN) {
      checkHistory(base.snapshot(),
          Math.max(0, since != TimeOrder.BEGIN || history ? since : asOf));
    }
  }

  /**
   * Checks that the history is complete from a time on.
   *
   * @throws RebasisException {@code :rebasis.error/history-incomplete} if not
   */
  static void checkHistory(IndexSnapshot snapshot, long time) {
    long from = snapshot.historyFrom();
    if (time < from) {
      throw new RebasisException(
          Keyword.of(":rebasis.error/history-incomplete"), ErrorCategory.FIX_REQUEST,
          "The history of this database is complete from T " + from + " on only, since the client was loaded then."
              + " Ask for a later moment, or ask the server.",
          Map.of(Keyword.of(":history-from"), from), null);
    }
  }

  @Override
  DatabaseView with(Speculator.Tried tried) {
    return new DatabaseView(base.with(tried), asOf, since, history, filter);
  }

  @Override
  long nextNumber() {
    return base.nextNumber();
  }

  @Override
  Iterable<Datom> scan(Scan scan) {
    checkUsable();
    return filtered(through(scan), this::shows);
  }

  /** The datoms of the walk up to {@link #asOf}. */
  private Iterable<Datom> through(Scan scan) {
    if (!history && asOf == TimeOrder.END) {
      return base.scan(scan);
    }
    Iterable<Datom> all = base.scan(scan.ofHistory(true));
    return history
        ? filtered(() -> new NewestFirst(all.iterator(), scan), this::isUntilThen)
        : () -> new DatomsAsOf(all.iterator(), scan, this::isUntilThen);
  }

  private boolean isUntilThen(Datom datom) {
    return TimeOrder.of(datom.tx()) <= asOf;
  }

  @Override
  public DatabaseValue whole() {
    return base;
  }

  private boolean shows(Datom datom) {
    return TimeOrder.of(datom.tx()) > since && (filter == ALL || filter.test(shownToFilter, datom));
  }

  @Override
  public DatomSource unfiltered() {
    return base;
  }

  @Override
  long estimate(Prefix range) {
    return base.estimate(range, history || asOf != TimeOrder.END);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DatabaseView view && view.base == base && view.asOf == asOf && view.since == since
        && view.history == history && view.filter == filter;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(base) * 31 + Long.hashCode(asOf + 31 * since);
  }

  /** For example {@code Database(basisT 1004, as of 1002)}. */
  @Override
  public String toString() {
    return "Database(basisT " + basisT() + (asOfT() == null ? "" : ", as of " + asOfT())
        + (sinceT() == null ? "" : ", since " + sinceT()) + (history ? ", history" : "")
        + (isFiltered() ? ", filtered" : "") + ")";
  }
}
