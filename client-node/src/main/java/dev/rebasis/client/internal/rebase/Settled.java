package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What the server decided about one of this client's transactions. Immutable.
 *
 * @param id the transaction's id
 * @param kind what became of it
 * @param t the T at which it was decided, 0 if nothing was written
 * @param made local number to server id; empty unless committed
 * @param transaction the confirmed transaction if it is in the same batch, else null
 * @param code why it was parked or rejected; null if it was not, or if nobody asked
 * @param conflicts what it met, as it is recorded on the transaction; null if nobody asked
 */
public record Settled(UUID id, OutcomeKind kind, long t, Map<Long, Long> made, Transaction transaction, Keyword code,
    List<Conflict> conflicts) {
  /** Without a reason. */
  public Settled(UUID id, OutcomeKind kind, long t, Map<Long, Long> made, Transaction transaction) {
    this(id, kind, t, made, transaction, null, null);
  }
}
