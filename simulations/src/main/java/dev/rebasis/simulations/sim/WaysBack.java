package dev.rebasis.simulations.sim;

import dev.rebasis.protocol.Fork;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which clients may still hold what a restored server has forgotten, and so may go back to an older T. Confined to one play. */
final class WaysBack {
  /**
   * What a store knows of the server's past when it is copied.
   *
   * @param restores how many times the server had been restored by then
   * @param awaited how many forks its client had to hear of then; null if it had heard of all
   */
  record Known(int restores, Integer awaited) {}

  /** By client, how many forks a welcome has to name to tell it all. */
  private final Map<String, Integer> awaited = new HashMap<>();
  /** Those that were told it all and stand behind the fork: what they show on a slow disk may be from before. */
  private final Set<String> goingBack = new HashSet<>();
  private int restores;
  private int newestForks;

  /** Whether a client has not heard yet that the server went back. */
  boolean isOpen(String client) {
    return awaited.containsKey(client);
  }

  /**
   * The server went back.
   *
   * @param forks how many forks its database has from now on
   */
  void serverWentBack(Collection<String> clients, int forks) {
    restores++;
    newestForks = forks;
    goingBack.clear();
    clients.forEach(client -> awaited.put(client, forks));
  }

  /** What the store of a client knows now. */
  Known known(String client) {
    return new Known(restores, awaited.get(client));
  }

  /** A client has a store of that knowledge from now on. */
  void replaced(String client, Known known) {
    goingBack.remove(client);
    Integer forks = known.restores() < restores ? Integer.valueOf(newestForks) : known.awaited();
    if (forks != null) {
      awaited.put(client, forks);
    }
  }

  /** A client that said it holds a T was told of these forks; who stands at the newest or before it has nothing to forget. */
  void welcomed(String client, long t, List<Fork> forks) {
    Integer wanted = awaited.get(client);
    if (wanted == null || forks.size() < wanted) {
      return;
    }
    if (t > forks.get(forks.size() - 1).t()) {
      goingBack.add(client);
    } else if (!goingBack.contains(client)) {
      awaited.remove(client);
    }
  }

  /** A client has stored all that its server holds. */
  void level(String client) {
    if (goingBack.remove(client)) {
      awaited.remove(client);
    }
  }

  /** A client has gone back; whether it might. */
  boolean goes(String client) {
    goingBack.remove(client);
    return awaited.remove(client) != null;
  }
}
