package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How each node fared over virtual time, for people to look at. Confined while it is written, then left alone. */
public final class Story {
  /**
   * A node from a moment on, until its next one.
   *
   * @param millis since the beginning
   * @param node which
   * @param state {@code live}, {@code syncing}, {@code offline}, {@code cut}, {@code down}
   * @param t the confirmed T; for the server its forced T
   * @param pending undecided transactions
   * @param differing in how many current datoms it differs from the server; 0 for the server, -1 if that was not counted
   */
  public record Moment(long millis, String node, String state, long t, int pending, long differing) {}

  /**
   * A fault that struck.
   *
   * @param millis since the beginning
   * @param node whom
   * @param fault its word
   */
  public record Struck(long millis, String node, String fault) {}

  private final List<Moment> moments = new ArrayList<>();
  private final List<Struck> struck = new ArrayList<>();
  private final List<Long> heals = new ArrayList<>();
  private final Map<String, Moment> latest = new HashMap<>();
  private long convergenceMillis = -1;
  private boolean stuck;
  private long endMillis;

  void add(Moment moment) {
    Moment last = latest.get(moment.node());
    if (last == null || !last.state().equals(moment.state()) || last.t() != moment.t()
        || last.pending() != moment.pending() || last.differing() != moment.differing()) {
      latest.put(moment.node(), moment);
      moments.add(moment);
    }
  }

  void struck(long millis, String node, Fault fault) {
    struck.add(new Struck(millis, node, fault.word()));
  }

  void healed(long millis) {
    heals.add(millis);
  }

  void converged(long millis) {
    convergenceMillis = Math.max(convergenceMillis, millis - heals.get(heals.size() - 1));
  }

  /** Healed nodes did not converge, whatever they did after an earlier heal. */
  void stuck() {
    stuck = true;
  }

  void ended(long millis) {
    endMillis = millis;
  }

  /** All moments, by rising time. */
  public List<Moment> moments() {
    return List.copyOf(moments);
  }

  /** Each fault that struck, by rising time. */
  public List<Struck> struck() {
    return List.copyOf(struck);
  }

  /** When each heal began: some clients are healed first, and all afterwards. */
  public List<Long> heals() {
    return List.copyOf(heals);
  }

  /** How long healed nodes took to converge, the longer of the two heals; -1 if they did not after one of them. */
  public long convergenceMillis() {
    return stuck ? -1 : convergenceMillis;
  }

  /** When it ended. */
  public long endMillis() {
    return endMillis;
  }
}
