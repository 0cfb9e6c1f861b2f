package dev.rebasis.client.internal.core;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.LogState;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.client.internal.rebase.PendingTransaction;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.client.internal.rebase.Settled;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.client.internal.sync.Verdict;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.data.Datom;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What a client's transactions and confirmed batches change in memory, behind the core lock: the optimistic state, the
 * next sequence number and local id, and the order in which views are published. Thread-safe.
 *
 * <p>The lock is held for deciding, never for the disk: a local transaction is decided on the newest view, added to it,
 * and handed to the group commit and to the {@link Publisher} in one go, so that the order in the view, in the log and
 * in what programs see is one order. Its thread then waits for the disk without the lock.
 */
final class CoreState {
  private final ClientEnvironment environment;
  private final Health health;
  private final GroupCommit commit;
  private final ClientEvents events;
  private final Consumer<Intent> durable;
  private final Publisher publisher;
  private final Map<UUID, PendingHandle> handles = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by lock.
  private final OptimisticState state;
  private long nextSeq;
  private long nextLocal;

  /**
   * Takes up what an earlier run left pending.
   *
   * @param queries answers the queries of all views
   * @param durable told of each local transaction once it is on the disk, in order
   */
  CoreState(
      ClientEnvironment environment, Health health, GroupCommit commit, ClientEvents events, QueryEngine queries,
      LogState stored, IndexSnapshot snapshot, Consumer<Intent> durable) {
    this.environment = environment;
    this.health = health;
    this.commit = commit;
    this.events = events;
    this.durable = durable;
    this.nextSeq = stored.nextSeq();
    this.nextLocal = stored.nextLocal();
    this.state = new OptimisticState(
        snapshot, stored.made(), stored.clientNumber(), Decider::decide, queries);
    this.state.restore(stored.pending());
    this.publisher = new Publisher(newest(), nextSeq - 1);
    for (Intent intent : stored.pending()) {
      handles.put(intent.id(), handle(intent));
    }
  }

  /** What programs see: the newest views in which every own transaction is durable. */
  Publisher.Views views() {
    return publisher.views();
  }

  /** Makes a transaction, and returns when it is durable and published. */
  Pending transact(Object forms) {
    PendingHandle handle;
    long ticket;
    lock.lock();
    try {
      health.check();
      DatabaseValue before = state.optimistic();
      Intent intent = intent(forms, before);
      PendingTransaction pending = state.transact(intent);
      nextSeq++;
      handle = handle(intent);
      publisher.add(intent.seq(), newest(), published(handle, pending.datoms(), before, state.optimistic()));
      ticket = commit.submit(List.of(new LogEntry.IntentMade(intent)), true, () -> {
        publisher.durable(intent.seq());
        durable.accept(intent);
      });
    } finally {
      lock.unlock();
    }
    commit.await(ticket);
    return handle;
  }

  private Intent intent(Object forms, DatabaseValue before) {
    IntentBuilder.Completed completed = IntentBuilder.complete(forms, before.schema(), () -> nextLocal++);
    Instant now = environment.now().truncatedTo(ChronoUnit.MILLIS);
    Intent intent = new Intent(
        environment.newId(), nextSeq, before.basisT(), now, completed.forms(), completed.tempids());
    IntentSize.check(intent);
    return intent;
  }

  private Runnable published(PendingHandle handle, List<Datom> datoms, Database before, Database after) {
    return () -> {
      handles.put(handle.id(), handle);
      events.made(handle, datoms, before, after);
    };
  }

  private PendingHandle handle(Intent intent) {
    return new PendingHandle(intent, () -> views().optimistic().localIds());
  }

  private Publisher.Views newest() {
    return new Publisher.Views(state.optimistic(), state.confirmed(), state.pending().size());
  }

  /**
   * Moves on to a newer confirmed snapshot, and publishes.
   *
   * @param snapshot the snapshot after the batch
   * @param published told what changed, when programs see it; short, and it must not call back
   */
  void confirm(IndexSnapshot snapshot, SyncAction.Apply batch, Consumer<Rebased> published) {
    lock.lock();
    try {
      Rebased rebased = batch.view() == SyncAction.View.LOADED
          ? state.reload(snapshot, settled(batch.verdicts()))
          : state.confirm(snapshot, batch.transactions(), settled(batch.verdicts()));
      publisher.add(nextSeq - 1, newest(), () -> published.accept(rebased));
    } finally {
      lock.unlock();
    }
  }

  private static List<Settled> settled(List<Verdict> verdicts) {
    List<Settled> settled = new ArrayList<>(verdicts.size());
    for (Verdict verdict : verdicts) {
      settled.add(new Settled(verdict.id(), verdict.kind(), verdict.t(), verdict.made(), verdict.transaction()));
    }
    return settled;
  }

  /** Runs a task once everything that is in the newest view is published. */
  void whenPublished(Runnable task) {
    lock.lock();
    try {
      publisher.add(nextSeq - 1, newest(), task);
    } finally {
      lock.unlock();
    }
  }

  /** The server has given this client a number. */
  void setClient(long number) {
    lock.lock();
    try {
      state.setClient(number);
    } finally {
      lock.unlock();
    }
  }

  /** The sequence number of the newest transaction made here, 0 if none. */
  long lastSeq() {
    lock.lock();
    try {
      return nextSeq - 1;
    } finally {
      lock.unlock();
    }
  }

  /** The published transactions whose outcome is not known, in order. */
  List<Pending> pending() {
    List<Pending> pending = new ArrayList<>(handles.values());
    pending.sort(Comparator.comparingLong(Pending::seq));
    return pending;
  }

  /** Completes the handle of a transaction that the server has decided. */
  void complete(Verdict verdict) {
    PendingHandle handle = handles.remove(verdict.id());
    if (handle != null) {
      handle.complete(verdict.outcome());
    }
  }

  /** No outcome will come any more. */
  void failPending(RebasisException cause) {
    handles.values().forEach(handle -> handle.fail(cause));
  }

  /** What differs between the optimistic view and a naive replay; costs the whole queue, under the lock. */
  List<String> audit() {
    lock.lock();
    try {
      List<List<Datom>> replayed = new ArrayList<>();
      state.replayed().pending().forEach(pending -> replayed.add(pending.datoms()));
      return StoreAudit.differences(state.optimistic(), replayed);
    } finally {
      lock.unlock();
    }
  }
}
