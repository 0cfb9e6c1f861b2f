package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;

/**
 * The confirmed datoms as of one T. It stays as it is while the index goes on. Thread-safe: threads may share it.
 *
 * <p>Every method but {@link #basisT()} and {@link #schema()}, and every iterator that it gave out, throws
 * {@code :rebasis.error/database-expired} once its storage has been given up (the index was closed, or it was held for
 * so long that it kept too many bytes from being used again); it never answers wrongly.
 */
public interface IndexSnapshot extends DatomSource {
  /** The newest confirmed T in it, 0 if nothing was confirmed yet. */
  long basisT();

  /**
   * The T from which on the history is complete: what was retracted before it is not known here. 0 if all is there.
   */
  default long historyFrom() {
    return 0;
  }

  /**
   * Walks over an index, lazily. In a walk over history the datoms of one fact come by rising T, retraction before
   * assertion; backwards the other way round.
   *
   * @return an iterable that may be iterated more than once
   */
  Iterable<Datom> scan(Scan scan);

  /** Like {@link #estimate}, but of all datoms ever. */
  long historyEstimate(IndexOrder order, Object... components);

  @Override
  default Iterable<Datom> datoms(IndexOrder order, Object... components) {
    return scan(Scan.of(Prefix.of(order, components)));
  }

  @Override
  default Iterable<Datom> seek(IndexOrder order, Object... components) {
    return scan(new Scan(Prefix.of(order, components), true, false, false));
  }

  /**
   * All datoms ever whose leading components equal the given ones, assertions and retractions, in the order's own
   * order; datoms of one fact by rising T, retraction before assertion. Lazily.
   */
  default Iterable<Datom> history(IndexOrder order, Object... components) {
    return scan(new Scan(Prefix.of(order, components), false, true, false));
  }

  /** The orders by value of attributes that only pending transactions gave one; shared by all who ask this snapshot. */
  default LateOrder lateOrder() {
    return new LateOrder(this);
  }

  /**
   * Checks that the storage is still there.
   *
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/database-expired} if not
   */
  void checkUsable();
}
