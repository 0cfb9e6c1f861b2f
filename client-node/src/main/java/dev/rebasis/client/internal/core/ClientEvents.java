package dev.rebasis.client.internal.core;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient.Subscription;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.TxReportQueue;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Who is told of what happens in a client, on the notification thread. Thread-safe. */
final class ClientEvents {
  private final Notifier<TxReport> reports;
  private final Notifier<Status> states;
  private final Notifier<Outcome> outcomes;
  private final LiveQueries live;
  private final Notifier<ConflictRecord> conflicts;
  private final Set<ReportQueue> queues = ConcurrentHashMap.newKeySet();

  ClientEvents(Executor notifications, LiveQueries live) {
    this.live = live;
    this.reports = new Notifier<>(notifications);
    this.states = new Notifier<>(notifications);
    this.outcomes = new Notifier<>(notifications);
    this.conflicts = new Notifier<>(notifications);
  }

  /** The queries that are asked again after changes. */
  LiveQueries live() {
    return live;
  }

  TxReportQueue reportQueue() {
    ReportQueue queue = new ReportQueue(reports, queues::remove);
    queues.add(queue);
    return queue;
  }

  Subscription onReport(Consumer<TxReport> listener) {
    return reports.add(listener);
  }

  Subscription onState(Consumer<Status> listener) {
    return states.add(listener);
  }

  Subscription onOutcome(Consumer<Outcome> listener) {
    return outcomes.add(listener);
  }

  /** A transaction of this client was made. */
  void made(PendingHandle handle, List<Datom> datoms, Database before, Database after) {
    live.made(datoms);
    if (reports.isWatched()) {
      reports.tell(new TxReport(TxReport.Kind.OPTIMISTIC, before, after, datoms, handle));
    }
  }

  /** Transactions were confirmed. */
  void confirmed(List<Transaction> transactions, Rebased rebased) {
    if (transactions.stream().anyMatch(transaction -> !transaction.withdrawn().isEmpty())) {
      live.loaded();
    } else {
      live.confirmed(transactions, rebased);
    }
    if (reports.isWatched() && !transactions.isEmpty()) {
      List<Datom> datoms = new ArrayList<>();
      transactions.forEach(transaction -> datoms.addAll(transaction.datoms()));
      reports.tell(new TxReport(
          TxReport.Kind.CONFIRMED, rebased.confirmedBefore(), rebased.confirmedAfter(), datoms, null));
    }
  }

  /** Pending transactions were taken out of the view, without a batch from the server. */
  void takenBack(DatabaseValue before, DatabaseValue after) {
    live.takenBack(before, after);
  }

  /** A load is at its end. */
  void loaded(Rebased rebased) {
    live.loaded();
    if (reports.isWatched()) {
      reports.tell(new TxReport(
          TxReport.Kind.LOADED, rebased.confirmedBefore(), rebased.confirmedAfter(), List.of(), null));
    }
  }

  /** What another user saw is shown no more: nobody is handed it once again, not even as what was before. */
  void hidden(Rebased rebased) {
    live.loaded();
    if (reports.isWatched()) {
      reports.tell(new TxReport(
          TxReport.Kind.LOADED, rebased.confirmedAfter(), rebased.confirmedAfter(), List.of(), null));
    }
  }

  Subscription onConflict(Consumer<ConflictRecord> listener) {
    return conflicts.add(listener);
  }

  /**
   * The server has decided.
   *
   * @param intent the transaction, null if it is not known any more
   */
  void decided(Outcome outcome, Intent intent) {
    outcomes.tell(outcome);
    if (conflicts.isWatched() && intent != null && outcome.kind() != OutcomeKind.ACCEPTED) {
      ConflictRecord.State state = outcome.isCommitted() ? ConflictRecord.State.RESOLVED : ConflictRecord.State.OPEN;
      conflicts.tell(new ConflictRecord(
          outcome.id(), intent.seq(), Edn.write(intent.forms()), outcome, state, null));
    }
  }

  /** The status is another one; it is computed only if somebody wants it. */
  void stateChanged(Supplier<Status> status) {
    if (states.isWatched()) {
      states.tell(status.get());
    }
  }

  /** Nothing more will come: whoever waits at a queue is let go. */
  void end() {
    queues.forEach(ReportQueue::close);
  }
}
