package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * The server's answer to one pushed transaction.
 *
 * @param id the transaction's id
 * @param kind what became of it
 * @param duplicate true if it had been decided before; then T and ids are those of the first decision
 * @param t the T at which it was committed, or at which its parking or rejection was recorded; 0 if nothing was
 *     written (a malformed push)
 * @param made local number to server id for each entity that its tempids named; empty unless committed
 * @param code why it was parked or rejected, else null
 * @param message the reason in words, else null
 */
public record PushOutcome(
    UUID id, OutcomeKind kind, boolean duplicate, long t, Map<Long, Long> made, Keyword code, String message) {
  /** Checks for nulls. */
  public PushOutcome {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(kind, "kind");
    made = Map.copyOf(made);
  }
}
