package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import java.util.Comparator;

/**
 * The order in time of confirmed and pending transactions: the confirmed ones by T, then the pending ones in the order
 * in which they were made. Pure functions.
 */
final class TimeOrder {
  /** The time of the first pending transaction; confirmed ones are before it, since a T has 42 bits. */
  static final long PENDING = 1L << 62;
  /** Before every transaction. */
  static final long BEGIN = -1;
  /** After every transaction. */
  static final long END = Long.MAX_VALUE;

  private TimeOrder() {}

  /** The time of a transaction: its T, or something above every T if its entity id is a local one. */
  static long of(long tx) {
    // Local numbers are given in rising order, also to the transactions themselves.
    return tx >= 0 ? EntityIds.tOf(tx) : PENDING - tx;
  }

  /** Whether the time is that of a pending transaction. */
  static boolean isPending(long time) {
    return time >= PENDING;
  }

  /** By the order's components, then by time, retraction before assertion. */
  static Comparator<Datom> of(IndexOrder order) {
    Comparator<Datom> facts = FactOrder.of(order);
    return (x, y) -> {
      int c = facts.compare(x, y);
      c = c != 0 ? c : Long.compare(of(x.tx()), of(y.tx()));
      return c != 0 ? c : Boolean.compare(x.added(), y.added());
    };
  }
}
