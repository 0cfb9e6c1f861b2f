package dev.rebasis.client;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;
import java.util.Objects;

/**
 * What would become of one pending transaction if the server decided now, as far as this client knows. Immutable.
 *
 * @param transaction the pending transaction
 * @param kind accepted, merged, parked or rejected
 * @param code why it would be parked or rejected, else null
 * @param message the reason in words, else null
 * @param conflicts what it would meet, and how each would be resolved
 */
public record Preview(
    Pending transaction, OutcomeKind kind, Keyword code, String message, List<Conflict> conflicts) {
  /** Copies the list. */
  public Preview {
    Objects.requireNonNull(transaction, "transaction");
    Objects.requireNonNull(kind, "kind");
    conflicts = List.copyOf(conflicts);
  }
}
