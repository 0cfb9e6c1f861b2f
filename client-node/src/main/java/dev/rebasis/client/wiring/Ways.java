package dev.rebasis.client.wiring;

import java.util.function.LongSupplier;

/**
 * Which way a client connects: by WebSocket first; by HTTP exchange once the network has shown that it lets no WebSocket
 * through, or cuts them again and again; by WebSocket again after a while. Thread-safe.
 */
final class Ways {
  /** So many WebSockets in a row that were cut soon count as a network that cuts them. */
  static final int CUTS_MAX = 3;
  /** A WebSocket that lived so long was not cut for being one. */
  static final long LIVED_MILLIS = 30_000;

  private final LongSupplier millis;
  private final long againMillis;
  private int cuts;
  private boolean exchange;
  private long exchangeSince;

  /**
   * Makes one that begins with WebSockets.
   *
   * @param millis a clock that only goes forward
   * @param againMillis how long it goes by exchange before it tries a WebSocket again
   */
  Ways(LongSupplier millis, long againMillis) {
    this.millis = millis;
    this.againMillis = againMillis;
  }

  /** Whether the next connection is to be an exchange at once. */
  synchronized boolean isExchange() {
    return exchange && !isDue();
  }

  /** Whether a WebSocket is to be tried again. */
  synchronized boolean isDue() {
    return exchange && millis.getAsLong() - exchangeSince >= againMillis;
  }

  /** The network refused to let a WebSocket begin. */
  synchronized void refused() {
    exchange = true;
    exchangeSince = millis.getAsLong();
  }

  /** A WebSocket broke, or one that began was never answered. */
  synchronized void cut(long livedMillis) {
    cuts = livedMillis >= LIVED_MILLIS ? 0 : cuts + 1;
    if (cuts >= CUTS_MAX) {
      cuts = 0;
      refused();
    }
  }

  /** A WebSocket was opened, after an exchange. */
  synchronized void webSocketWorks() {
    exchange = false;
  }
}
