package dev.rebasis.server.internal.session;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How fast each user (or each store, where there are no users) does something: a token bucket each
 * (J. Turner, "New Directions in Communications", IEEE Communications Magazine, 1986). It is allowed as long as something
 * is left, whatever its size, so that everyone gets on, and what it takes too much is waited for. Confined to the core.
 */
final class Rates {
  private static final int PUSH_ROOM_SECONDS = 2;
  private static final int SECONDS_AN_HOUR = 3_600;

  private final double perSecond;
  private final double room;
  private final Map<Object, Double> left = new HashMap<>();
  private Instant filled;

  private Rates(double perSecond, double room) {
    this.perSecond = perSecond;
    this.room = room;
  }

  /**
   * How fast transactions are pushed, with room for two seconds.
   *
   * @param perSecond 0 for no limit
   */
  static Rates ofPushes(int perSecond) {
    return new Rates(perSecond, (double) perSecond * PUSH_ROOM_SECONDS);
  }

  /** So many at once, and as many more in each hour. */
  static Rates anHour(double most) {
    return new Rates(most / SECONDS_AN_HOUR, most);
  }

  /** Time has passed. */
  void tick(Instant now) {
    if (filled != null && now.isAfter(filled)) {
      double more = perSecond * (now.toEpochMilli() - filled.toEpochMilli()) / 1000.0;
      left.replaceAll((who, before) -> before + more);
      // Who has done nothing for a while is as good as new; so the map holds only who does.
      left.values().removeIf(tokens -> tokens >= room);
    }
    filled = now;
  }

  /**
   * Somebody does so much at once.
   *
   * @return 0 if it is allowed, else after how many milliseconds it would be
   */
  long take(Object who, int much) {
    if (perSecond == 0) {
      return 0;
    }
    double tokens = left.getOrDefault(who, room);
    if (tokens <= 0) {
      return (long) Math.ceil((1 - tokens) * 1000.0 / perSecond);
    }
    left.put(who, tokens - much);
    return 0;
  }

  /** How many are being counted. */
  int size() {
    return left.size();
  }
}
