package dev.rebasis.client.internal.sync;

import java.util.function.LongUnaryOperator;

/**
 * Delays between attempts to connect: "full jitter" of M. Brooker, "Exponential Backoff And Jitter" (AWS Architecture
 * Blog, 2015): a uniformly random part of a span that doubles with each attempt, so that clients that lost their server
 * at the same moment do not come back at the same moment. Confined to the {@link SyncMachine}.
 */
final class Backoff {
  private final long minMillis;
  private final long maxMillis;
  private final LongUnaryOperator randomBelow;
  private int attempts;

  /** Makes delays; {@code randomBelow} gives a number from 0 up to, not including, its argument. */
  Backoff(long minMillis, long maxMillis, LongUnaryOperator randomBelow) {
    this.minMillis = minMillis;
    this.maxMillis = maxMillis;
    this.randomBelow = randomBelow;
  }

  /** The next delay in milliseconds, at least 1. */
  long nextMillis() {
    long span = attempts >= 32 ? maxMillis : Math.min(maxMillis, minMillis << attempts);
    attempts++;
    return 1 + randomBelow.applyAsLong(Math.max(1, span));
  }

  /** A delay from the longest span, for errors that only a person can mend. */
  long longMillis() {
    return maxMillis / 2 + randomBelow.applyAsLong(Math.max(1, maxMillis / 2));
  }

  /** Begins anew: a session worked. */
  void reset() {
    attempts = 0;
  }
}
