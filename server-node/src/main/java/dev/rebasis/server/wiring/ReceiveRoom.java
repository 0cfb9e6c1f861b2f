package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that messages of clients may take while they arrive and until they are taken, all clients of a database together:
 * whatever the number of connections, each of which could hold the largest message half sent. The first {@value #FREE_BYTES} bytes of each
 * are not counted, so that small messages go through whatever large ones do. Thread-safe.
 */
final class ReceiveRoom {
  /** Of each message; the number of sessions bounds their sum. */
  static final int FREE_BYTES = 16 << 10;

  static final Keyword BUSY = Keyword.of(":rebasis.error/receiving-too-much");
  private static final long RETRY_MILLIS = 2_000;
  private static final long LEAST = 64L << 20;

  private final long max;
  private final AtomicLong taken = new AtomicLong();

  /** So many bytes in all. */
  ReceiveRoom(long max) {
    this.max = max;
  }

  /** An eighth of the heap, and 64 MiB at least. */
  static ReceiveRoom ofHeap() {
    return new ReceiveRoom(Math.max(LEAST, Runtime.getRuntime().maxMemory() / 8));
  }

  /** How many bytes are taken. */
  long taken() {
    return taken.get();
  }

  /**
   * A message gets larger.
   *
   * @param from its bytes so far
   * @param to its bytes now
   * @throws RebasisException if there is no room; nothing was taken then
   */
  void grow(long from, long to) {
    long more = counted(to) - counted(from);
    if (more > 0 && taken.addAndGet(more) > max) {
      taken.addAndGet(-more);
      throw new RebasisException(BUSY, ErrorCategory.RETRY_LATER, "Many clients send large messages at once, and this server keeps no"
          + " more than " + max + " bytes of them. Come back in 2 seconds; nothing is lost.",
          Map.of(EmbeddedMaster.RETRY_AFTER, RETRY_MILLIS), null);
    }
  }

  /** A message of so many bytes was taken, or given up. */
  void give(long bytes) {
    taken.addAndGet(-counted(bytes));
  }

  private static long counted(long bytes) {
    return Math.max(0, bytes - FREE_BYTES);
  }
}
