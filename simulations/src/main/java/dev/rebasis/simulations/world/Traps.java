package dev.rebasis.simulations.world;

import java.util.ArrayList;
import java.util.List;

/**
 * Faults that wait for a message: "the server crashes when it is about to send outcomes". A trap springs once. Confined.
 */
public final class Traps {
  /** The moment in a message's life at which a trap springs. */
  public enum Moment {
    /** Its sender is about to send it; if the sender or the connection goes down, it is never sent. */
    SEND,
    /** It has arrived and is about to be handled; if the receiver goes down, it never is. */
    ARRIVAL
  }

  /** Someone who is told of each message at each moment, before any trap springs. */
  public interface Watch {
    /**
     * A message passes.
     *
     * @param client on whose connection
     * @param atServer whether it is the server that sends or has received it
     * @param moment when in the message's life
     * @param type its type
     */
    void passing(String client, boolean atServer, Moment moment, String type);
  }

  private record Trap(String client, Moment moment, String type, Runnable fault) {}

  private final List<Trap> set = new ArrayList<>();
  private Watch watch = (client, atServer, moment, type) -> { };

  /**
   * Sets a trap.
   *
   * @param client on whose connection, or null for any
   * @param moment when in the message's life
   * @param type the message's type, for example {@code push}
   * @param fault what happens then
   */
  public void set(String client, Moment moment, String type, Runnable fault) {
    set.add(new Trap(client, moment, type, fault));
  }

  /** From now on this one is told. */
  public void watch(Watch watcher) {
    watch = watcher;
  }

  /** Called for each message at each moment. */
  void pass(String client, boolean atServer, Moment moment, String type) {
    watch.passing(client, atServer, moment, type);
    for (Trap trap : List.copyOf(set)) {
      if ((trap.client == null || trap.client.equals(client)) && trap.moment == moment && trap.type.equals(type)) {
        set.remove(trap);
        trap.fault.run();
      }
    }
  }

  /** Takes back those that have not sprung yet. */
  public void clear() {
    set.clear();
  }

  /** How many have not sprung yet. */
  public int waiting() {
    return set.size();
  }
}
