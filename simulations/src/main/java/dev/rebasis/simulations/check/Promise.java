package dev.rebasis.simulations.check;

import java.util.Locale;

/** What Rebasis promises. Immutable. */
public enum Promise {
  /** All clients hold the server's datoms at the server's T once they can reach it, within the stated time. */
  CONVERGENCE("All clients come to hold the same datoms as the server, in time."),
  /** Each transaction is in the server's log once. */
  EXACTLY_ONCE("Each transaction is in the server's log once."),
  /** Whatever {@code transact} returned for is confirmed, recorded as overridden, parked, or rejected with a reason. */
  NOTHING_LOST("Each write that transact returned for is confirmed, recorded as overridden, parked or rejected."),
  /** What was acknowledged survives any crash. */
  DURABLE("What was acknowledged survives any crash."),
  /** T never goes back, nobody sees part of a transaction, own writes stay visible until decided. */
  MONOTONIC("T never goes back, nobody sees part of a transaction, own writes stay visible."),
  /** What a client predicts comes true if nobody else writes. */
  PREDICTION("What a client predicts comes true if nobody else writes."),
  /** Operations end as their policies say. */
  INTENTION("Operations end as their policies and the workload say."),
  /** Index, log and overlay agree inside each client, and no program fails at an error of its own. */
  SOUNDNESS("The inside of each client is in order, and nothing fails at an error of its own."),
  /** No promise of Rebasis: what the run was given (an operation, a law, a judge, an invariant) failed itself. */
  WORKLOAD("What the run was given works: its operations, laws, judge and invariants end without an error.");

  private final String sentence;

  Promise(String sentence) {
    this.sentence = sentence;
  }

  /** The promise in a sentence. */
  public String sentence() {
    return sentence;
  }

  /** Its name for people, for example {@code exactly-once}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
