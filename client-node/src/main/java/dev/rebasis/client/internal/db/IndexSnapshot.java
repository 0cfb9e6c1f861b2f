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
   * All datoms ever whose leading components equal the given ones, assertions and retractions, in the order's own
   * order; datoms of one fact by rising T, retraction before assertion. Lazily.
   */
  Iterable<Datom> history(IndexOrder order, Object... components);

  /**
   * Checks that the storage is still there.
   *
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/database-expired} if not
   */
  void checkUsable();
}
