package dev.rebasis.client.internal.core;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Keeps a store from growing beyond its limit, and the disk from filling up: a log that cannot be written ends the client,
 * so it stops before. Asking the disk costs as much as a small transaction, so it is asked once in a while, and each time
 * while there is no room. Thread-safe.
 */
final class Quota {
  private static final Keyword STORE_FULL = Keyword.of(":rebasis.error/store-full");
  private static final Keyword DISK_FULL = Keyword.of(":rebasis.error/disk-full");
  /** Of local transactions, one in so many looks at the disk. */
  private static final int EVERY = 64;
  /** Of batches that arrive, which are larger, one in so many does. */
  private static final int EVERY_ARRIVAL = 8;
  private static final long RETRY_MILLIS = 5_000;

  private final long bytesMax;
  private final LongSupplier bytes;
  private final long freeMin;
  private final LongSupplier free;
  private int until;
  private boolean full;

  /**
   * Makes one.
   *
   * @param bytesMax what the store's files may have
   * @param freeMin what must be free on the disk
   * @param free bytes that are
   */
  Quota(long bytesMax, LongSupplier bytes, long freeMin, LongSupplier free) {
    this.bytesMax = bytesMax;
    this.bytes = bytes;
    this.freeMin = freeMin;
    this.free = free;
  }

  /**
   * A transaction is about to be made.
   *
   * @throws RebasisException {@code :rebasis.error/store-full} or {@code :rebasis.error/disk-full}
   */
  void check() {
    RebasisException reason = look(1);
    if (reason != null) {
      throw reason;
    }
  }

  /** Something is arriving, or about to: the reason why it cannot be stored, or null. */
  RebasisException arriving() {
    return look(EVERY / EVERY_ARRIVAL);
  }

  private synchronized RebasisException look(int weight) {
    until -= weight;
    if (!full && until >= 0) {
      return null;
    }
    until = EVERY - weight;
    RebasisException reason = reason();
    full = reason != null;
    return reason;
  }

  private RebasisException reason() {
    long now = bytesMax == Long.MAX_VALUE ? 0 : bytes.getAsLong();
    if (now > bytesMax) {
      return new RebasisException(STORE_FULL, ErrorCategory.ASK_PERSON, "The store has " + now
          + " bytes, more than the " + bytesMax + " that it may have. Nothing was made or taken. Raise the limit"
          + " (Tuning.withStoreBytesMax), or trim its history with 'rebasis client trim'; what is there stays readable.",
          Map.of(Keyword.of(":bytes"), now, Keyword.of(":max"), bytesMax), null);
    }
    long left = freeMin == 0 ? Long.MAX_VALUE : free.getAsLong();
    if (left < freeMin) {
      return new RebasisException(DISK_FULL, ErrorCategory.RETRY_LATER, "The disk of the store has " + left
          + " bytes free, less than the " + freeMin + " that are kept in reserve (Tuning.withDiskReserveBytes). Nothing was"
          + " made or taken; what is there stays readable. Make room: the client goes on by itself then.",
          Map.of(Keyword.of(":free"), left, Keyword.of(":reserve"), freeMin, Transport.RETRY_AFTER, RETRY_MILLIS), null);
    }
    return null;
  }
}
