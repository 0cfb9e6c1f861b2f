package dev.rebasis.simulations.world;

import java.util.Random;

/**
 * How the way between one client and the server behaves. Immutable.
 *
 * <p>A connection is a stream, as TCP's is: what is lost is sent again after a while and holds up all that comes after
 * it. Duplication and reordering of whole messages are what a broken intermediary does to them.
 *
 * @param delayMillisMin the shortest time that a message is under way, 0 or more
 * @param delayMillisMax the longest, at least the shortest
 * @param loss the share of messages whose packets are lost, 0 to 1; such a message takes up to three seconds longer
 * @param duplication the share of messages that arrive twice, 0 to 1
 * @param reordering the share of messages that the one behind overtakes, 0 to 1
 * @param tail 0 for delays that are all as likely; else the shape of a Pareto distribution from the shortest delay on, cut
 *     off at the longest: the smaller, the heavier its tail (1.1: a tenth take eight times the shortest, a hundredth 66 times)
 */
public record LinkConditions(
    long delayMillisMin, long delayMillisMax, double loss, double duplication, double reordering, double tail) {
  /** A line whose delays are all as likely. */
  public LinkConditions(
      long delayMillisMin, long delayMillisMax, double loss, double duplication, double reordering) {
    this(delayMillisMin, delayMillisMax, loss, duplication, reordering, 0);
  }

  /** Checks the ranges. */
  public LinkConditions {
    if (!(tail >= 0)) {
      throw new IllegalArgumentException("the shape of a distribution is more than 0, not " + tail);
    }
    if (delayMillisMin < 0 || delayMillisMax < delayMillisMin) {
      throw new IllegalArgumentException("not a span of delays: " + delayMillisMin + " to " + delayMillisMax);
    }
    for (double share : new double[] {loss, duplication, reordering}) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("a share is a number from 0 to 1, not " + share);
      }
    }
  }

  /** A line that only takes its time, always the same. */
  public static LinkConditions steady(long delayMillis) {
    return new LinkConditions(delayMillis, delayMillis, 0, 0, 0);
  }

  /** A delay without what lost packets add, by Pareto's inverse distribution function if there is a tail. */
  long delayMillis(Random random) {
    if (tail == 0) {
      return delayMillisMin + random.nextLong(delayMillisMax - delayMillisMin + 1);
    }
    double drawn = delayMillisMin * Math.pow(1 - random.nextDouble(), -1 / tail);
    return (long) Math.min(delayMillisMax, drawn);
  }

  boolean isSteady() {
    return delayMillisMin == delayMillisMax && loss == 0 && duplication == 0 && reordering == 0;
  }
}
