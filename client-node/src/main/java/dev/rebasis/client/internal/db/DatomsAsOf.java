package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.Comparator;
import java.util.Iterator;
import java.util.function.Predicate;

/**
 * The facts that were current at a moment, from a walk over history: of each fact the newest operation that is not after
 * the moment, if it is an assertion. Confined to the thread that iterates.
 */
final class DatomsAsOf extends LookAhead {
  private final Iterator<Datom> all;
  private final Comparator<Datom> facts;
  private final boolean backwards;
  private final Predicate<Datom> counts;
  private Datom ahead;

  /**
   * Begins.
   *
   * @param all all datoms ever, in the walk's order
   * @param counts whether an operation is not after the moment
   */
  DatomsAsOf(Iterator<Datom> all, Scan scan, Predicate<Datom> counts) {
    this.all = all;
    this.facts = FactOrder.of(scan.order());
    this.backwards = scan.backwards();
    this.counts = counts;
    this.ahead = all.hasNext() ? all.next() : null;
    advance();
  }

  @Override
  Datom read() {
    while (ahead != null) {
      Datom newest = newestOfFact();
      if (newest != null && newest.added()) {
        return newest;
      }
    }
    return null;
  }

  /** Reads the operations of one fact; null if all are after the moment. */
  private Datom newestOfFact() {
    Datom fact = ahead;
    Datom newest = null;
    while (ahead != null && facts.compare(ahead, fact) == 0) {
      // Forwards the last that counts is the newest, backwards the first.
      if ((newest == null || !backwards) && counts.test(ahead)) {
        newest = ahead;
      }
      ahead = all.hasNext() ? all.next() : null;
    }
    return newest;
  }
}
