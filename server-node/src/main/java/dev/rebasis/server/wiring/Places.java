package dev.rebasis.server.wiring;

import java.util.HashMap;
import java.util.Map;

/** Places for what takes a thread and much of a processor: so many in all, and not all of them for one user. Thread-safe. */
final class Places {
  private final int max;
  private final int userMax;
  private final Map<String, Integer> byUser = new HashMap<>();
  private int taken;

  /** So many in all; one user gets a quarter of them, at least one. */
  Places(int max) {
    this.max = max;
    this.userMax = Math.max(1, max / 4);
  }

  /** How many are taken. */
  synchronized int taken() {
    return taken;
  }

  /**
   * Takes a place.
   *
   * @param user whose it is; null if there are no users, and then only the sum counts
   * @return null if it was taken, else who holds too many
   */
  synchronized String take(String user) {
    if (taken >= max) {
      return "this server has " + max;
    }
    if (user != null && byUser.getOrDefault(user, 0) >= userMax) {
      return "the user " + user + " has " + userMax;
    }
    taken++;
    if (user != null) {
      byUser.merge(user, 1, Integer::sum);
    }
    return null;
  }

  /** Gives one back. */
  synchronized void give(String user) {
    taken--;
    if (user != null) {
      byUser.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
    }
  }
}
