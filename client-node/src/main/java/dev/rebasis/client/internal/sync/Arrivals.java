package dev.rebasis.client.internal.sync;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.sync.SyncAction.View;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.PushOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What arrives from the server: checks that it follows on what is here, reads the decisions about own transactions from
 * it, and hands both to storage as one write. Confined to the {@link SyncMachine}.
 */
final class Arrivals {
  private final PushQueue queue;
  private final ConfirmedBatches batches;
  private final Outbox outbox;
  private final DecisionReader decisions;
  /** What a load decided about own transactions; told when it is at its end, so that their effect is never unseen. */
  private final Map<UUID, Verdict> held = new LinkedHashMap<>();
  private long receivedT;
  private long visibleT;
  /** The T at which the load ends that is under way, 0 if there is none. */
  private long targetT;
  private LogEntry.Loading loading;
  /** Whether something was left out of the load, so that the history begins at its end. */
  private boolean partial;
  private long historyFrom;
  private long duplicates;
  /** What came in with a change of scopes that is not at its end. */
  private final List<Long> cameIn = new ArrayList<>();
  private Instant receivedInstant;
  /** What is loaded is another way of the database: the transactions made here are mended at the end. */
  private boolean forking;

  Arrivals(SyncSettings settings, PushQueue queue, ConfirmedBatches batches, Outbox outbox) {
    this.queue = queue;
    this.batches = batches;
    this.outbox = outbox;
    this.decisions = new DecisionReader(settings.schema());
    this.receivedT = settings.t();
    this.visibleT = settings.visibleT();
    this.targetT = settings.loadTargetT();
    this.partial = targetT > 0;
    this.receivedInstant = settings.instant();
    this.forking = settings.forking() != null;
  }

  /** Whether own transactions wait for being mended, so that nothing may be pushed. */
  boolean isForking() {
    return forking;
  }

  /** When the newest transaction that arrived was committed; null if that is not known. */
  Instant receivedInstant() {
    return receivedInstant;
  }

  /** Whether what is here is part of a load that is not at its end. */
  boolean isLoading() {
    return targetT > 0;
  }

  /**
   * Takes transactions in that are part of a load: they are no state of the database before its end.
   *
   * @return as {@link #transactions}
   */
  RebasisException loaded(Message.Transactions message) {
    if (message.follows() == receivedT && targetT != message.basisT()) {
      targetT = message.basisT();
      loading = new LogEntry.Loading(visibleT, targetT);
      partial = true;
    }
    return transactions(message);
  }

  /** Forgets all that is confirmed, to be loaded anew up to a T; what is pending stays. */
  void drop(long newTargetT) {
    drop(newTargetT, List.of(), View.DROPPED);
  }

  /**
   * The same, and programs see none of it any more.
   *
   * @return the number of the write after which that is so
   */
  long hide(long newTargetT) {
    held.clear();
    return drop(newTargetT, List.of(), View.HIDDEN);
  }

  /** The same since the database forked. */
  void fork(LogEntry.Forking fork, long newTargetT) {
    forking = true;
    held.clear();
    drop(newTargetT, List.of(fork), View.DROPPED);
  }

  private long drop(long newTargetT, List<LogEntry> with, View view) {
    receivedT = 0;
    receivedInstant = null;
    visibleT = 0;
    targetT = newTargetT;
    historyFrom = 0;
    cameIn.clear();
    loading = null;
    decisions.restart();
    long number = batches.add(List.of(), List.of(), view);
    List<LogEntry> entries = new ArrayList<>(with);
    entries.add(new LogEntry.DropConfirmed());
    entries.add(new LogEntry.Loading(0, targetT));
    outbox.add(new SyncAction.Persist(number, entries, true));
    return number;
  }

  /**
   * Takes in what leaves and comes in at the T that is here.
   *
   * @param part what the store holds with it; null if more is to come
   * @return the number of the write, 0 if there is none
   */
  long scopeChange(Transaction change, LogEntry.Part part) {
    List<Transaction> transactions = change.withdrawn().isEmpty() ? List.of() : List.of(change);
    if (transactions.isEmpty() && part == null) {
      return 0;
    }
    cameIn.addAll(change.withdrawn());
    if (part != null) {
      cameIn.clear();
    }
    List<LogEntry> entries = new ArrayList<>();
    transactions.forEach(one -> entries.add(new LogEntry.Confirmed(List.of(one))));
    if (part != null) {
      entries.add(part);
    }
    long number = batches.add(transactions, List.of(), isLoading() ? View.HELD : View.SHOWN);
    outbox.add(new SyncAction.Persist(number, entries, part != null));
    return number;
  }

  /**
   * The session ended before all that comes in with other scopes was there: forgets what came, so that the store holds again
   * what it says that it holds.
   */
  void forgetHalfChange() {
    if (!cameIn.isEmpty()) {
      scopeChange(new Transaction(receivedT, List.of(), List.copyOf(cameIn)), null);
      cameIn.clear();
    }
  }

  /** The load has come to its end, perhaps without anything that was new. */
  void loadEnded() {
    if (isLoading()) {
      targetT = receivedT;
      finishLoad(List.of());
    }
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
   * @return why the session must end, with nothing taken in; null if all is well
   */
  RebasisException transactions(Message.Transactions message) {
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
      Verdict verdict = verdict(transaction);
      if (verdict != null) {
        verdicts.add(verdict);
      }
    }
    receivedT = last;
    receivedInstant = instantOf(message.transactions().get(message.transactions().size() - 1));
    if (!isLoading()) {
      visibleT = last;
      verdicts.addAll(answered(verdicts.stream().map(Verdict::id).collect(Collectors.toSet())));
      verdicts.forEach(verdict -> queue.decided(verdict.id()));
      persist(message.transactions(), verdicts, View.SHOWN);
      return null;
    }
    verdicts.forEach(verdict -> held.put(verdict.id(), verdict));
    if (receivedT >= targetT) {
      finishLoad(message.transactions());
    } else {
      persist(message.transactions(), List.of(), View.HELD);
    }
    return null;
  }

  private static Instant instantOf(Transaction transaction) {
    for (Datom datom : transaction.datoms()) {
      if (datom.a() == SystemIds.DB_TX_INSTANT && datom.e() == transaction.tx() && datom.v() instanceof Instant at) {
        return at;
      }
    }
    return null;
  }

  private void finishLoad(List<Transaction> transactions) {
    answered(held.keySet()).forEach(verdict -> held.put(verdict.id(), verdict));
    List<Verdict> verdicts = List.copyOf(held.values());
    held.clear();
    targetT = 0;
    visibleT = receivedT;
    verdicts.forEach(verdict -> queue.decided(verdict.id()));
    persist(transactions, verdicts, forking ? View.FORKED : View.LOADED);
    forking = false;
  }

  /**
   * Decisions that the server has answered with and whose T is here, though no transaction here says that it is an own one:
   * another copy of this store pushed it, and who holds a part is not told whose it was, or a load left that out.
   *
   * @param read the ids of those that were read from transactions
   */
  private List<Verdict> answered(Set<UUID> read) {
    List<Verdict> verdicts = new ArrayList<>();
    for (PushOutcome answer : queue.answers()) {
      Intent intent = queue.get(answer.id());
      if (intent != null && answer.t() <= receivedT && !read.contains(answer.id())) {
        verdicts.add(Verdict.of(answer, madeBy(answer, intent)));
      }
    }
    return verdicts;
  }

  /** What the server decided about the own transaction that this one is, or null if it is not an own, pending one. */
  private Verdict verdict(Transaction transaction) {
    decisions.follow(transaction);
    UUID id = decisions.idOf(transaction);
    Intent intent = id == null ? null : queue.get(id);
    if (intent == null) {
      return null;
    }
    PushOutcome answer = queue.answer(id);
    return decisions.read(transaction, intent).withDuplicate(answer != null && answer.duplicate());
  }

  /** Takes answers in. One whose transaction has not arrived yet waits for it. */
  void outcomes(Message.Outcomes message) {
    List<Verdict> verdicts = new ArrayList<>();
    for (PushOutcome outcome : message.outcomes()) {
      duplicates += outcome.duplicate() ? 1 : 0;
      Intent intent = queue.get(outcome.id());
      if (intent != null) {
        queue.answered(outcome);
        if (outcome.t() <= (isLoading() ? visibleT : receivedT)) {
          verdicts.add(Verdict.of(outcome, madeBy(outcome, intent)));
        }
      }
    }
    if (!verdicts.isEmpty()) {
      verdicts.forEach(verdict -> queue.decided(verdict.id()));
      persist(List.of(), verdicts, View.SHOWN);
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

  private void persist(List<Transaction> transactions, List<Verdict> verdicts, View view) {
    List<LogEntry> entries = new ArrayList<>(verdicts.size() + 2);
    if (loading != null) {
      entries.add(loading);
      loading = null;
    }
    if (!transactions.isEmpty()) {
      entries.add(new LogEntry.Confirmed(transactions));
    }
    verdicts.forEach(verdict -> entries.add(verdict.entry()));
    if (view == View.LOADED || view == View.FORKED) {
      historyFrom = partial ? receivedT : historyFrom;
      entries.add(new LogEntry.Loaded(historyFrom));
      partial = false;
    }
    long number = batches.add(transactions, verdicts, view);
    outbox.add(new SyncAction.Persist(number, entries,
        !verdicts.isEmpty() || view == View.LOADED || view == View.FORKED));
  }
}
