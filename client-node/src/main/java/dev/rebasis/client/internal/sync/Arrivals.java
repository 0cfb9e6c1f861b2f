package dev.rebasis.client.internal.sync;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What arrives from the server: checks that it follows on what is here, reads the decisions about own transactions from
 * it, and hands both to storage as one write. Confined to the {@link SyncMachine}.
 */
final class Arrivals {
  private final PushQueue queue;
  private final ConfirmedBatches batches;
  private final Outbox outbox;
  private final DecisionReader decisions;
  private long receivedT;
  private long duplicates;

  Arrivals(SyncSettings settings, PushQueue queue, ConfirmedBatches batches, Outbox outbox) {
    this.queue = queue;
    this.batches = batches;
    this.outbox = outbox;
    this.decisions = new DecisionReader(settings.schema());
    this.receivedT = settings.t();
  }

  /** The newest T that arrived. */
  long receivedT() {
    return receivedT;
  }

  /** How often the server answered that it had decided a transaction before. */
  long duplicates() {
    return duplicates;
  }

  /**
   * Takes transactions in.
   *
   * @param client this client's number
   * @return why the session must end, with nothing taken in; null if all is well
   */
  RebasisException transactions(Message.Transactions message, long client) {
    if (message.follows() != receivedT) {
      return SyncErrors.gap(receivedT, message.follows());
    }
    List<Verdict> verdicts = new ArrayList<>();
    long last = receivedT;
    for (Transaction transaction : message.transactions()) {
      if (transaction.t() <= last) {
        return SyncErrors.outOfOrder("T " + transaction.t() + " came after T " + last);
      }
      last = transaction.t();
      Verdict verdict = verdict(transaction, client);
      if (verdict != null) {
        verdicts.add(verdict);
      }
    }
    verdicts.forEach(verdict -> queue.decided(verdict.id()));
    receivedT = last;
    persist(message.transactions(), verdicts);
    return null;
  }

  /** What the server decided about the own transaction that this one is, or null if it is not an own, pending one. */
  private Verdict verdict(Transaction transaction, long client) {
    decisions.follow(transaction);
    UUID id = decisions.idOf(transaction);
    Intent intent = id == null ? null : queue.get(id);
    if (intent == null) {
      return null;
    }
    PushOutcome answer = queue.answer(id);
    return decisions.read(transaction, intent, client).withDuplicate(answer != null && answer.duplicate());
  }

  /** Takes answers in. One whose transaction has not arrived yet waits for it. */
  void outcomes(Message.Outcomes message) {
    List<Verdict> verdicts = new ArrayList<>();
    for (PushOutcome outcome : message.outcomes()) {
      duplicates += outcome.duplicate() ? 1 : 0;
      Intent intent = queue.get(outcome.id());
      if (intent != null) {
        queue.answered(outcome);
        if (outcome.t() <= receivedT) {
          verdicts.add(Verdict.of(outcome, madeBy(outcome, intent)));
        }
      }
    }
    if (!verdicts.isEmpty()) {
      verdicts.forEach(verdict -> queue.decided(verdict.id()));
      persist(List.of(), verdicts);
    }
  }

  private static Map<Long, Long> madeBy(PushOutcome outcome, Intent intent) {
    if (!outcome.kind().isCommitted()) {
      return Map.of();
    }
    Map<Long, Long> made = new HashMap<>(outcome.made());
    made.put(intent.tempids().get(Intent.TX_TEMPID), EntityIds.txOf(outcome.t()));
    return made;
  }

  private void persist(List<Transaction> transactions, List<Verdict> verdicts) {
    List<LogEntry> entries = new ArrayList<>(verdicts.size() + 1);
    if (!transactions.isEmpty()) {
      entries.add(new LogEntry.Confirmed(transactions));
    }
    verdicts.forEach(verdict -> entries.add(verdict.entry()));
    long number = batches.add(transactions, verdicts);
    outbox.add(new SyncAction.Persist(number, entries, !verdicts.isEmpty()));
  }
}
