package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.client.internal.log.StoreFiles;
import java.lang.System.Logger.Level;
import java.util.UUID;
import org.h2.mvstore.MVStoreException;

/**
 * Makes the trees of an old version again, in memory, for a reader who met damage in them; and remembers what the owner has
 * to know of that, and what the readers have to know of the owner. Thread-safe.
 */
final class Mending {
  private final StoreFiles files;
  private final IndexSource source;
  private volatile UUID incarnation;
  private volatile boolean damaged;
  private volatile long withdrawnT;

  Mending(StoreFiles files, IndexSource source, UUID incarnation) {
    this.files = files;
    this.source = source;
    this.incarnation = incarnation;
  }

  /** The log's. */
  UUID incarnation() {
    return incarnation;
  }

  /** The log was told to forget all that is confirmed. */
  void begin(UUID other) {
    incarnation = other;
  }

  /** The log forgot entities at this T: what it held before cannot be made again from it. */
  void withdrawn(long t) {
    withdrawnT = t;
  }

  /** Whether a reader met damage. */
  boolean isDamaged() {
    return damaged;
  }

  /** The index was made again. */
  void mended() {
    damaged = false;
  }

  /**
   * How a snapshot that is taken now has its trees made again.
   *
   * @param treesT what the trees stand at
   * @param t what the snapshot stands at, with the newest transactions
   */
  Snapshot.Mending of(long treesT, long t) {
    UUID madeFrom = incarnation;
    return damage -> trees(madeFrom, treesT, t, damage);
  }

  private IndexRoots trees(UUID madeFrom, long treesT, long t, MVStoreException damage) {
    if (!madeFrom.equals(incarnation)) {
      throw StoreErrors.expired(t, "its storage is damaged and the store was loaded anew since");
    }
    if (withdrawnT >= t) {
      throw StoreErrors.expired(t, "its storage is damaged and what it held has left the scopes of this store since");
    }
    DatomIndex.logger().log(Level.WARNING,
        "The index of {0} is damaged; a reader''s value of T {1} is made again from the log: {2}", files, Long.toString(t), damage);
    damaged = true;
    return new IndexRoots(source.makeInMemory(treesT).maps());
  }
}
