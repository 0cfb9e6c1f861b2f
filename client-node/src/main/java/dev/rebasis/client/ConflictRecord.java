package dev.rebasis.client;

import java.util.Objects;
import java.util.UUID;

/**
 * A transaction of this client that met what others had confirmed, or that was refused, as the client keeps it.
 * Immutable.
 *
 * @param id the transaction's id
 * @param seq its place among this client's transactions
 * @param forms the transaction as its author gave it, as EDN text
 * @param outcome what became of it, its conflicts included: merged (resolved), parked (waits for a person) or rejected
 * @param state whether somebody has still to deal with it
 * @param settledBy the transaction that takes it up again if it was retried, else null
 */
public record ConflictRecord(UUID id, long seq, String forms, Outcome outcome, State state, UUID settledBy) {
  /** How it stands with a conflict. */
  public enum State {
    /** Committed: a policy resolved it. */
    RESOLVED,
    /** Parked or rejected, and nobody has dealt with it. */
    OPEN,
    /** Taken up again by another transaction. */
    RETRIED,
    /** Given up; it stays in the record. */
    DISCARDED
  }

  /** Checks for nulls. */
  public ConflictRecord {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(forms, "forms");
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(state, "state");
  }
}
