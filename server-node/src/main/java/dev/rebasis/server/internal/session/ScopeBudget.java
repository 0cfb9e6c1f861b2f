package dev.rebasis.server.internal.session;

import java.util.function.LongSupplier;

/**
 * What the scopes of one user (or of one client, where there are no users) cost. How long they may hold the core is a token bucket of
 * time; what is short is free, so that it is not paid by who has many sessions with ordinary scopes. How much memory they take is
 * counted. Confined to the core.
 */
final class ScopeBudget {
  /** At most so much at once. */
  static final long ROOM_NANOS = 5_000_000_000L;
  /** Of the time that passes, one part in so many comes back. Many devices may share a user, and come all at once after a restart. */
  private static final long SHARE = 2;
  private static final long FREE_NANOS = 5_000_000;
  private static final long NANOS_A_MILLI = 1_000_000;

  private final LongSupplier nanos;
  private long left = ROOM_NANOS;
  private long filled;
  private long began;
  private int depth;
  private long bytes;

  /**
   * Makes a full one.
   *
   * @param nanos a clock that only runs forward
   */
  ScopeBudget(LongSupplier nanos) {
    this.nanos = nanos;
    this.filled = nanos.getAsLong();
  }

  /** Work begins that this budget pays; must be ended. Works may lie inside of each other, and are paid once. */
  void begin() {
    if (depth++ == 0) {
      fill();
      began = nanos.getAsLong();
    }
  }

  /** The work is over. */
  void end() {
    if (--depth == 0) {
      long now = nanos.getAsLong();
      left -= Math.max(0, now - began - FREE_NANOS);
      filled = now;
    }
  }

  private void fill() {
    long now = nanos.getAsLong();
    left = Math.min(ROOM_NANOS, left + (now - filled) / SHARE);
    filled = now;
  }

  /** How much is left for the work that goes on, in milliseconds; may be negative. */
  long millisLeft() {
    if (depth == 0) {
      fill();
    }
    return (depth == 0 ? left : left - (nanos.getAsLong() - began)) / NANOS_A_MILLI;
  }

  /** Whether nothing is left. */
  boolean isOver() {
    return millisLeft() <= 0;
  }

  /** Whether it is as good as a new one. */
  boolean isFull() {
    millisLeft();
    return depth == 0 && bytes == 0 && left >= ROOM_NANOS;
  }

  /** After how long half of it is there again, in milliseconds. */
  long waitMillis() {
    return Math.max(1, (ROOM_NANOS / 2 - left) * SHARE / NANOS_A_MILLI);
  }

  /** More is remembered for it, or, if negative, less. */
  void holds(long more) {
    bytes += more;
  }

  /** How much is remembered for it, in bytes by estimate. */
  long bytes() {
    return bytes;
  }
}
