package dev.rebasis.client;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * What became of a transaction on the server. Immutable.
 *
 * @param id the transaction's id
 * @param kind accepted, merged, parked or rejected
 * @param duplicate true if the server had decided it before and was asked again, because its first answer was lost
 * @param t the T at which it was committed, or at which its parking or rejection was recorded; 0 if the server wrote
 *     nothing
 * @param code why it was parked or rejected, else null
 * @param message the reason in words, else null
 * @param conflicts what it met and how each was resolved; empty if nothing
 */
public record Outcome(
    UUID id, OutcomeKind kind, boolean duplicate, long t, Keyword code, String message, List<Conflict> conflicts) {
  /** Copies the list. */
  public Outcome {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(kind, "kind");
    conflicts = List.copyOf(conflicts);
  }

  /** Whether the transaction's datoms are in the database. */
  public boolean isCommitted() {
    return kind.isCommitted();
  }
}
