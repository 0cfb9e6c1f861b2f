package dev.rebasis.client.internal.core;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Keeps a store from growing beyond its limit, and the disk from filling up: a log that cannot be written ends the client,
 * so it stops before. Asking the disk costs as much as a small transaction, so it is asked once in a while, by number and by
 * bytes, and each time while there is no room. Thread-safe.
 */
final class Quota {
  private static final Keyword STORE_FULL = Keyword.of(":rebasis.error/store-full");
  private static final Keyword DISK_FULL = Keyword.of(":rebasis.error/disk-full");
  /** Of local transactions, one in so many looks at the disk. */
  private static final int EVERY = 64;
  /** Of batches that arrive, which are larger, one in so many does. */
  private static final int EVERY_ARRIVAL = 8;
  /** So many times between two looks would what is written fill the reserve: tables and log each take their part of it. */
  private static final int LOOKS_PER_RESERVE = 8;
  /** Without its value, in the log and in the four orders of the index. */
  private static final int DATOM_BYTES = 100;
  private static final long RETRY_MILLIS = 5_000;
  /** What the rows of one block of loaded datoms take at the most, with what is written twice on the way. */
  private static final long ROWS_BYTES = 4 << 20;

  private final long bytesMax;
  private final LongSupplier bytes;
  private final long freeMin;
  private final LongSupplier free;
  private final long bytesBetween;
  private int until;
  /** About what was written since the last look. */
  private long unseen;
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
    this.bytesBetween = Math.min(freeMin == 0 ? Long.MAX_VALUE : freeMin / LOOKS_PER_RESERVE,
        bytesMax == Long.MAX_VALUE ? Long.MAX_VALUE : bytesMax / LOOKS_PER_RESERVE);
  }

  /**
   * A transaction is about to be made.
   *
   * @param weight about how many bytes it has; room for so many more must be left
   * @throws RebasisException {@code :rebasis.error/store-full} or {@code :rebasis.error/disk-full}
   */
  void check(long weight) {
    RebasisException reason = look(1, weight);
    if (reason != null) {
      throw reason;
    }
  }

  /** Something is arriving, or about to: the reason why no more can be stored, or null. */
  RebasisException arriving() {
    return look(EVERY / EVERY_ARRIVAL, 0);
  }

  /**
   * Rows are about to be made of some thousand datoms that are stored already; looks at the disk each time.
   *
   * @throws RebasisException {@code :rebasis.error/store-full} or {@code :rebasis.error/disk-full} if they have no room,
   *     {@code :rebasis.error/store-failed} if the disk does not say
   */
  void checkRoomForRows() {
    RebasisException reason = reason(ROWS_BYTES, " (rows of what was loaded take about " + ROWS_BYTES + " at a time)",
        "Not all of what was loaded has become rows for database tools");
    if (reason != null) {
      throw reason;
    }
  }

  /** These have arrived, and are stored whether there is room or not. */
  synchronized void arrived(List<Transaction> transactions) {
    for (Transaction transaction : transactions) {
      for (Datom datom : transaction.datoms()) {
        unseen += DATOM_BYTES
            + (datom.v() instanceof String text ? text.length() : datom.v() instanceof Bytes some ? some.length() : 0);
      }
    }
  }

  private synchronized RebasisException look(int count, long wanted) {
    until -= count;
    unseen += wanted;
    if (!full && until >= 0 && unseen <= bytesBetween) {
      return null;
    }
    until = EVERY - count;
    // What is wanted is not on the disk yet.
    unseen = wanted;
    RebasisException reason = reason(wanted, wanted == 0 ? "" : " (the transaction takes about " + wanted + ")", "Nothing was made or taken");
    full = reason != null;
    return reason;
  }

  /**
   * Why there is no room, or null.
   *
   * @param what is wanted, in brackets
   * @param undone says what has not been done
   */
  private RebasisException reason(long wanted, String what, String undone) {
    long now = bytesMax == Long.MAX_VALUE ? 0 : bytes.getAsLong();
    if (now > bytesMax || wanted > bytesMax - now) {
      return new RebasisException(STORE_FULL, ErrorCategory.ASK_PERSON, "The store has " + now
          + " bytes" + what + ", more than the " + bytesMax + " that it may have. " + undone + ". Raise the limit"
          + " (Tuning.withStoreBytesMax), or trim its history with 'rebasis client trim'; what is there stays readable.",
          Map.of(Keyword.of(":bytes"), now, Keyword.of(":max"), bytesMax), null);
    }
    long left = freeMin == 0 ? Long.MAX_VALUE : free.getAsLong();
    if (left - wanted < freeMin) {
      return new RebasisException(DISK_FULL, ErrorCategory.RETRY_LATER, "The disk of the store has " + left
          + " bytes free" + what + ", less than the " + freeMin + " that are kept in reserve (Tuning.withDiskReserveBytes). " + undone
          + "; what is there stays readable. Make room: the client goes on by itself then.",
          Map.of(Keyword.of(":free"), left, Keyword.of(":reserve"), freeMin, RebasisException.RETRY_AFTER, RETRY_MILLIS), null);
    }
    return null;
  }
}
