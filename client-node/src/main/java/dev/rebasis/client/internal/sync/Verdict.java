package dev.rebasis.client.internal.sync;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What the server decided about one of this client's transactions, from its datoms or from its answer. Immutable.
 *
 * @param id the transaction's id
 * @param kind what became of it
 * @param duplicate whether the server had decided it before
 * @param t the T of the decision, 0 if nothing was written
 * @param made local number to server id, the transaction's own entity included; empty unless committed
 * @param code why it was parked or rejected, else null
 * @param message the reason in words, else null
 * @param conflicts what it met
 * @param transaction the confirmed transaction if it is in the same batch, else null
 */
public record Verdict(
    UUID id,
    OutcomeKind kind,
    boolean duplicate,
    long t,
    Map<Long, Long> made,
    Keyword code,
    String message,
    List<Conflict> conflicts,
    Transaction transaction) {

  static Verdict of(PushOutcome outcome, Map<Long, Long> made) {
    return new Verdict(outcome.id(), outcome.kind(), outcome.duplicate(), outcome.t(), made, outcome.code(),
        outcome.message(), List.of(), null);
  }

  Verdict withDuplicate(boolean isDuplicate) {
    return new Verdict(id, kind, isDuplicate, t, made, code, message, conflicts, transaction);
  }

  /** As the log keeps it. */
  public LogEntry.Decided entry() {
    return new LogEntry.Decided(id, kind, duplicate, t, made, code, message, conflicts);
  }

  /** As a program sees it. */
  public Outcome outcome() {
    return new Outcome(id, kind, duplicate, t, code, message, conflicts);
  }
}
