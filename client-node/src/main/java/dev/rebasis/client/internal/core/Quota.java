package dev.rebasis.client.internal.core;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Keeps a store from growing beyond its limit. Asking the disk costs as much as a small transaction, so it is asked once in
 * {@value #EVERY} transactions, and at each one while the limit is passed. Confined to the core lock.
 */
final class Quota {
  private static final int EVERY = 64;

  private final long bytesMax;
  private final LongSupplier bytes;
  private int made;
  private boolean full;

  Quota(long bytesMax, LongSupplier bytes) {
    this.bytesMax = bytesMax;
    this.bytes = bytes;
  }

  /**
   * A transaction is about to be made.
   *
   * @throws RebasisException {@code :rebasis.error/store-full}
   */
  void check() {
    if (bytesMax == Long.MAX_VALUE || !full && made++ % EVERY != 0) {
      return;
    }
    long now = bytes.getAsLong();
    full = now > bytesMax;
    if (full) {
      throw new RebasisException(Keyword.of(":rebasis.error/store-full"), ErrorCategory.ASK_PERSON, "The store has " + now
          + " bytes, more than the " + bytesMax + " that it may have. Nothing was made. Raise the limit"
          + " (Tuning.withStoreBytesMax), or trim its history with 'rebasis client trim'; what is there stays readable.",
          Map.of(Keyword.of(":bytes"), now, Keyword.of(":max"), bytesMax), null);
    }
  }
}
