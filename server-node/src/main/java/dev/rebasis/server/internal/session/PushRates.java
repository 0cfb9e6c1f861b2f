package dev.rebasis.server.internal.session;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How fast each user (or each store, where there are no users) pushes: a token bucket each, with room for two seconds
 * (J. Turner, "New Directions in Communications", IEEE Communications Magazine, 1986). A push is taken as long as something
 * is left, whatever its size, so that everyone gets on, and what it takes too much is waited for. Confined to the core.
 */
final class PushRates {
  private static final int ROOM_SECONDS = 2;

  private final int perSecond;
  private final Map<Object, Double> left = new HashMap<>();
  private Instant filled;

  /**
   * Makes them.
   *
   * @param perSecond transactions; 0 for no limit
   */
  PushRates(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Time has passed. */
  void tick(Instant now) {
    if (filled != null && now.isAfter(filled)) {
      double more = perSecond * (now.toEpochMilli() - filled.toEpochMilli()) / 1000.0;
      left.replaceAll((who, before) -> before + more);
      // Who has not pushed for a while is as good as new; so the map holds only who pushes.
      left.values().removeIf(tokens -> tokens >= (double) perSecond * ROOM_SECONDS);
    }
    filled = now;
  }

  /**
   * Somebody pushes.
   *
   * @return 0 if it is taken, else after how many milliseconds it would be
   */
  long take(Object who, int transactions) {
    if (perSecond == 0) {
      return 0;
    }
    double tokens = left.getOrDefault(who, (double) perSecond * ROOM_SECONDS);
    if (tokens <= 0) {
      return (long) Math.ceil((1 - tokens) * 1000.0 / perSecond);
    }
    left.put(who, tokens - transactions);
    return 0;
  }

  /** How many are being counted. */
  int size() {
    return left.size();
  }
}
