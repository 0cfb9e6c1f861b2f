package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory that messages of clients may take while they arrive and until they are taken, all clients of a database together:
 * whatever the number of connections, each of which could hold the largest message half sent. The first {@value #FREE_BYTES} bytes of each
 * are not counted, so that small messages go through whatever large ones do. One user has a share of it. Thread-safe.
 */
final class ReceiveRoom {
  /** Of each message; the number of sessions bounds their sum. */
  static final int FREE_BYTES = 16 << 10;

  static final Keyword BUSY = Keyword.of(":rebasis.error/receiving-too-much");
  private static final long RETRY_MILLIS = 2_000;
  private static final long LEAST = 64L << 20;

  /** Of the whole, one user has one part in so many, or room for so many of the largest messages. */
  private static final int SHARE = 4;
  private static final int LARGEST_OF_ONE = 2;

  private final long max;
  private final long shareMax;
  private final Map<String, Long> shares = new HashMap<>();
  private long taken;

  /**
   * So many bytes in all.
   *
   * @param messageMax the largest message
   */
  ReceiveRoom(long max, long messageMax) {
    this.max = max;
    this.shareMax = Math.min(max, Math.max(max / SHARE, LARGEST_OF_ONE * messageMax));
  }

  /** An eighth of the heap, and 64 MiB at least. */
  static ReceiveRoom ofHeap(long messageMax) {
    return new ReceiveRoom(Math.max(LEAST, Runtime.getRuntime().maxMemory() / 8), messageMax);
  }

  /** How many bytes are taken. */
  synchronized long taken() {
    return taken;
  }

  /**
   * A message gets larger.
   *
   * @param user whose it is; null for one without a name, who has no share but the whole
   * @param from its bytes so far
   * @param to its bytes now
   * @throws RebasisException if there is no room; nothing was taken then
   */
  synchronized void grow(String user, long from, long to) {
    long more = counted(to) - counted(from);
    if (more <= 0) {
      return;
    }
    if (taken + more > max) {
      throw full("Many clients send large messages at once, and this server keeps no more than " + max + " bytes of them.");
    }
    if (user != null && shares.getOrDefault(user, 0L) + more > shareMax) {
      throw full("The user " + user + " sends many large messages at once, and this server keeps no more than " + shareMax
          + " bytes of one user's.");
    }
    add(user, more);
  }

  private static RebasisException full(String why) {
    return new RebasisException(BUSY, ErrorCategory.RETRY_LATER, why + " Come back in 2 seconds; nothing is lost.",
        Map.of(RebasisException.RETRY_AFTER, RETRY_MILLIS), null);
  }

  /** A message of so many bytes was taken, or given up. */
  synchronized void give(String user, long bytes) {
    add(user, -counted(bytes));
  }

  private void add(String user, long bytes) {
    taken += bytes;
    if (user != null) {
      shares.merge(user, bytes, (all, more) -> all + more == 0 ? null : Long.valueOf(all + more));
    }
  }

  private static long counted(long bytes) {
    return Math.max(0, bytes - FREE_BYTES);
  }
}
