package dev.rebasis.client;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.time.Duration;
import java.util.Objects;

/**
 * Limits and delays of a client. Immutable; the defaults suit most programs.
 *
 * @param backoffMin the span from which the first delay before a reconnect is drawn; default 250 ms. Smaller values
 *     find a returning server sooner and load a struggling one more
 * @param backoffMax the longest span, after doubling it at each attempt; default 30 s. With 1,000 clients a server that
 *     is down for long meets about 1,000 attempts in every 15 s
 * @param handshakeTimeout how long a new connection may take until the server has said welcome; default 10 s
 * @param creditDatoms how many datoms the server may send before the client has taken them in; default 50,000, at
 *     least 1. They may wait in memory, some 200 bytes each. At 200 ms round trip, 50,000 allow at most 250,000 datoms
 *     a second
 * @param pushBatch the most transactions in one message; default 256, at least 1. Larger batches cost the server fewer
 *     forces, smaller ones give the first outcome sooner
 * @param pushWindow the most transactions that are sent and not yet decided; default 2,048, at least {@code pushBatch}.
 *     At 200 ms round trip, 2,048 allow at most 10,000 transactions a second
 * @param pinnedBytesMax about how many bytes of the index file old database values may hold back before the oldest of
 *     them expire ({@code :rebasis.error/database-expired}); default 512 MB
 * @param storeBytesMax about how many bytes the store's files may have before no transaction can be made any more
 *     ({@code :rebasis.error/store-full}); nothing is taken from the server either. Default: no limit. It is looked at now and
 *     then, so leave some megabytes free
 * @param webSocketAgain where the network lets no WebSocket through and the client goes by HTTP requests: after how long
 *     it tries a WebSocket again; default 5 minutes
 * @param diskReserveBytes when less than this is free on the store's disk, nothing is made or taken from the server any more
 *     ({@code :rebasis.error/disk-full}) until there is; 0 to go on to the end. Default 32 MB. It is looked at now and then
 */
public record Tuning(
    Duration backoffMin,
    Duration backoffMax,
    Duration handshakeTimeout,
    long creditDatoms,
    int pushBatch,
    int pushWindow,
    long pinnedBytesMax,
    long storeBytesMax,
    Duration webSocketAgain,
    long diskReserveBytes) {
  /** The defaults. */
  public static final Tuning DEFAULT = new Tuning(
      Duration.ofMillis(250), Duration.ofSeconds(30), Duration.ofSeconds(10), 50_000, 256, 2_048, 512L << 20,
      Long.MAX_VALUE, Duration.ofMinutes(5), 32L << 20);

  /** Checks the ranges. */
  public Tuning {
    Objects.requireNonNull(backoffMin, "backoffMin");
    Objects.requireNonNull(backoffMax, "backoffMax");
    Objects.requireNonNull(handshakeTimeout, "handshakeTimeout");
    check(backoffMin.toMillis() > 0, "backoffMin must be at least one millisecond, not " + backoffMin);
    check(backoffMax.compareTo(backoffMin) >= 0, "backoffMax must not be shorter than backoffMin");
    check(handshakeTimeout.toMillis() > 0, "handshakeTimeout must be at least one millisecond");
    check(creditDatoms > 0, "creditDatoms must be at least 1, not " + creditDatoms);
    check(pushBatch > 0, "pushBatch must be at least 1, not " + pushBatch);
    check(pushWindow >= pushBatch, "pushWindow must be at least pushBatch (" + pushBatch + "), not " + pushWindow);
    check(storeBytesMax > 0, "storeBytesMax must be at least 1, not " + storeBytesMax);
    Objects.requireNonNull(webSocketAgain, "webSocketAgain");
    check(diskReserveBytes >= 0, "diskReserveBytes must not be negative");
    check(pinnedBytesMax >= 0, "pinnedBytesMax must not be negative");
  }

  /** With other spans for the delays before a reconnect. */
  public Tuning withBackoff(Duration min, Duration max) {
    return new Tuning(min, max, handshakeTimeout, creditDatoms, pushBatch, pushWindow, pinnedBytesMax, storeBytesMax,
        webSocketAgain, diskReserveBytes);
  }

  /** With another limit for the handshake. */
  public Tuning withHandshakeTimeout(Duration timeout) {
    return new Tuning(backoffMin, backoffMax, timeout, creditDatoms, pushBatch, pushWindow, pinnedBytesMax, storeBytesMax,
        webSocketAgain, diskReserveBytes);
  }

  /** With another credit. */
  public Tuning withCreditDatoms(long datoms) {
    return new Tuning(backoffMin, backoffMax, handshakeTimeout, datoms, pushBatch, pushWindow, pinnedBytesMax, storeBytesMax,
        webSocketAgain, diskReserveBytes);
  }

  /** With other sizes of a push. */
  public Tuning withPush(int batch, int window) {
    return new Tuning(backoffMin, backoffMax, handshakeTimeout, creditDatoms, batch, window, pinnedBytesMax, storeBytesMax,
        webSocketAgain, diskReserveBytes);
  }

  /** With a limit for what old database values hold back. */
  public Tuning withPinnedBytesMax(long bytes) {
    return new Tuning(
        backoffMin, backoffMax, handshakeTimeout, creditDatoms, pushBatch, pushWindow, bytes, storeBytesMax,
        webSocketAgain, diskReserveBytes);
  }

  /** With a limit for the store's files. */
  public Tuning withStoreBytesMax(long bytes) {
    return new Tuning(
        backoffMin, backoffMax, handshakeTimeout, creditDatoms, pushBatch, pushWindow, pinnedBytesMax, bytes,
        webSocketAgain, diskReserveBytes);
  }

  /** With another time after which a WebSocket is tried again. */
  public Tuning withWebSocketAgain(Duration time) {
    return new Tuning(
        backoffMin, backoffMax, handshakeTimeout, creditDatoms, pushBatch, pushWindow, pinnedBytesMax, storeBytesMax, time,
        diskReserveBytes);
  }

  /** With another reserve on the disk. */
  public Tuning withDiskReserveBytes(long bytes) {
    return new Tuning(backoffMin, backoffMax, handshakeTimeout, creditDatoms, pushBatch, pushWindow, pinnedBytesMax,
        storeBytesMax, webSocketAgain, bytes);
  }

  private static void check(boolean holds, String sentence) {
    if (!holds) {
      throw new RebasisException(
          Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR, sentence + ".");
    }
  }
}
