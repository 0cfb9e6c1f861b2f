package dev.rebasis.client.internal.core;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Queries;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.LogState;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.rebase.AsSeen;
import dev.rebasis.client.internal.rebase.Decide;
import dev.rebasis.client.internal.rebase.MovedBehind;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.client.internal.rebase.PendingTransaction;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.client.internal.rebase.SetAside;
import dev.rebasis.client.internal.rebase.Settled;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.client.internal.sync.Verdict;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Reason;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a client's transactions and confirmed batches change in memory, behind the core lock: the optimistic state, what
 * new transactions are numbered by ({@link NewTransactions}), and the order in which views are published. Thread-safe.
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
  private final FreshTransactions fresh;
  private final NewTransactions making;
  private final Publisher publisher;
  private final Handles handles = new Handles(() -> views().optimistic());

  private final ReentrantLock lock = new ReentrantLock();
  private final ClientLog log;

  // Guarded by lock.
  private OptimisticState state;
  private LogEntry.Forking forking;
  private SyncCore.Mended mended;
  private long mendedTicket;

  /**
   * Takes up what an earlier run left pending.
   *
   * @param queries answers the queries of all views
   * @param durable told of each local transaction once it is on the disk, in order
   */
  CoreState(
      ClientEnvironment environment, Health health, GroupCommit commit, ClientEvents events, ClientLog log, Quota quota,
      IndexSnapshot snapshot, Rules rules, TermsBuilder terms, Queries queries, Consumer<Intent> durable) {
    LogState stored = log.state();
    this.log = log;
    this.forking = stored.forking();
    this.environment = environment;
    this.health = health;
    this.commit = commit;
    this.events = events;
    this.durable = durable;
    this.fresh = new FreshTransactions(terms);
    this.making = new NewTransactions(environment, health, quota, stored.nextSeq(), stored.nextLocal());
    this.state = new OptimisticState(
        snapshot, stored.made(), stored.clientNumber(), Decide.by(rules),
        Queries.deciding(queries, rules));
    this.state.restore(stored.pending(), stored.failed());
    this.publisher = new Publisher(newest(), making.lastSeq());
    for (Intent intent : stored.pending()) {
      handles.put(handles.make(intent));
    }
  }

  /** What programs see: the newest views in which every own transaction is durable. */
  Publisher.Views views() {
    return publisher.views();
  }

  /** Makes a transaction, and returns when it is durable and published. */
  Pending transact(Object forms, TransactionOptions options) {
    return make(List.of(fresh.one(forms, options)), intents -> List.of()).get(0);
  }

  /** Makes several of which all are committed or none. */
  List<Pending> transactTogether(List<Object> all, TransactionOptions options) {
    return make(fresh.together(environment.newId(), all, options), intents -> List.of());
  }

  /**
   * Makes transactions, all or none, and returns when they are durable and published.
   *
   * @param beside gives further entries for the same write of the log
   */
  List<Pending> make(List<Making> makings, Function<List<Intent>, List<LogEntry>> beside) {
    return makeEach(List.of(makings), 1, units -> beside.apply(units.get(0))).get(0);
  }

  /**
   * Makes units of transactions, of each all or none, in one write of the log, and returns when they are durable and
   * published.
   *
   * @param units in order
   * @param required so many of the first units must be possible, or what the first one throws that is not is thrown, and
   *     nothing was made; of the others those are left out that are not possible
   * @param beside gives further entries for the same write; it is given the intents of each unit, none for one left out
   * @return what was made of each unit, nothing of one that was left out
   */
  List<List<Pending>> makeEach(
      List<List<Making>> units, int required, Function<List<List<Intent>>, List<LogEntry>> beside) {
    List<List<Pending>> made = new ArrayList<>();
    long ticket;
    lock.lock();
    try {
      health.check();
      List<LogEntry> entries = new ArrayList<>();
      List<List<Intent>> intents = new ArrayList<>();
      for (List<NewTransactions.Step> unit : making.make(state, units, required)) {
        intents.add(unit.stream().map(NewTransactions.Step::intent).toList());
        made.add(unit.stream().map(step -> handOver(step, entries)).toList());
      }
      entries.addAll(beside.apply(intents));
      ticket = commit.submit(entries, true, () -> intents.forEach(unit -> unit.forEach(intent -> {
        publisher.durable(intent.seq());
        durable.accept(intent);
      })));
    } finally {
      lock.unlock();
    }
    commit.await(ticket);
    return made;
  }

  private Pending handOver(NewTransactions.Step step, List<LogEntry> entries) {
    PendingHandle handle = handles.make(step.intent());
    entries.add(new LogEntry.IntentMade(step.intent()));
    publisher.add(step.intent().seq(), step.views(),
        published(handle, step.datoms(), step.before(), step.views().optimistic()));
    return handle;
  }

  /**
   * Takes transactions out that were never sent, and returns when that is durable and published.
   *
   * @param entry what the log is told of each
   */
  void withdraw(List<UUID> ids, Function<UUID, LogEntry> entry) {
    long ticket;
    lock.lock();
    try {
      health.check();
      DatabaseValue before = state.optimistic();
      ids.forEach(state::withdraw);
      publishTakenBack(before);
      ticket = commit.submit(ids.stream().map(entry).toList(), true, () -> { });
    } finally {
      lock.unlock();
    }
    commit.await(ticket);
    for (UUID id : ids) {
      handles.withdrawn(id);
    }
  }

  /**
   * Has pending transactions stand behind all others, and hands that to storage.
   *
   * @param chosen given the state and what gives out sequence numbers, those to be moved, as they are to be, in order; it may throw
   *     as long as it took no number
   * @return the ticket to wait for
   */
  long move(BiFunction<OptimisticState, LongSupplier, List<Intent>> chosen) {
    lock.lock();
    try {
      health.check();
      DatabaseValue before = state.optimistic();
      List<Intent> moved = chosen.apply(state, making::newSeq);
      if (moved.isEmpty()) {
        return 0;
      }
      MovedBehind.move(state, moved);
      DatabaseValue after = state.optimistic();
      long last = making.lastSeq();
      publisher.add(last, newest(), () -> {
        handles.moved(moved);
        events.takenBack(before, after);
      });
      return commit.submit(List.of(new LogEntry.Moved(moved)), true, () -> {
        publisher.durable(last);
        moved.forEach(durable);
      });
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes what touches facts that this client may soon see no more out of the view, and hands to storage that it is parked;
   * what is handed in after this returns is written after it.
   *
   * @param facts confirmed facts that still stand in the view
   * @param mayTake takes a transaction out of what is to be sent; false if it may have been sent
   * @param written told on an unspecified thread once that is durable
   * @return the ticket that somebody must wait for, 0 if nothing touches them
   */
  long setAside(Iterable<Datom> facts, Predicate<UUID> mayTake, Consumer<List<Verdict>> written) {
    return setAside(() -> state.setAside(facts, mayTake), written);
  }

  /** The same of transactions that the server does not take; see {@link OptimisticState#setAside(Set, Keyword, String, Predicate)}. */
  long setAside(Wire.TooLarge tooLarge, Predicate<UUID> mayTake, Consumer<List<Verdict>> written) {
    Set<UUID> ids = tooLarge.intents().stream().map(Intent::id).collect(Collectors.toSet());
    return setAside(() -> state.setAside(ids, tooLarge.reason().code(), tooLarge.reason().getMessage(), mayTake), written);
  }

  private long setAside(Supplier<List<SetAside>> chosen, Consumer<List<Verdict>> written) {
    lock.lock();
    try {
      DatabaseValue before = state.optimistic();
      List<Verdict> verdicts = Verdicts.ofParked(chosen.get());
      if (verdicts.isEmpty()) {
        return 0;
      }
      publishTakenBack(before);
      return commit.submit(List.copyOf(verdicts.stream().map(Verdict::entry).toList()), true,
          () -> written.accept(verdicts));
    } finally {
      lock.unlock();
    }
  }

  private void publishTakenBack(DatabaseValue before) {
    DatabaseValue after = state.optimistic();
    publisher.add(making.lastSeq(), newest(), () -> events.takenBack(before, after));
  }

  /** What the view as seen earlier is made of. */
  AsSeen.Present present() {
    lock.lock();
    try {
      return state.present();
    } finally {
      lock.unlock();
    }
  }

  /** How many transactions wait for the server's decision, those included whose callers still wait for the disk. */
  int pendingCount() {
    lock.lock();
    try {
      return state.pending().size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes that the client is closed, with nothing made between a look and that.
   *
   * @param look throws if the client has to stay open
   * @return whether it was open
   */
  boolean closeIf(Runnable look) {
    lock.lock();
    try {
      look.run();
      return health.close();
    } finally {
      lock.unlock();
    }
  }

  /** What would become of the pending transactions if they were decided now by other rules. */
  List<Preview> preview(Rules rules) {
    lock.lock();
    try {
      health.check();
      return state.replayed(Decide.at(environment.now(), rules)).pending().stream().map(this::preview).toList();
    } finally {
      lock.unlock();
    }
  }

  private Preview preview(PendingTransaction pending) {
    Decision decision = pending.decision();
    Reason reason = decision.reason();
    return new Preview(handles.of(pending.intent()), decision.kind(), reason == null ? null : reason.code(),
        reason == null ? null : reason.message(), decision.conflicts());
  }

  private Runnable published(PendingHandle handle, List<Datom> datoms, Database before, Database after) {
    return () -> {
      handles.put(handle);
      events.made(handle, datoms, before, after);
    };
  }

  private Publisher.Views newest() {
    return Publisher.Views.of(state);
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
      List<Settled> settled = Verdicts.settled(batch.verdicts());
      if (batch.view() == SyncAction.View.FORKED) {
        fork(snapshot, settled, published);
        return;
      }
      Rebased rebased = batch.view() == SyncAction.View.LOADED
          ? state.reload(snapshot, settled)
          : state.confirm(snapshot, batch.transactions(), settled);
      publisher.add(making.lastSeq(), newest(), () -> published.accept(rebased));
    } finally {
      lock.unlock();
    }
  }

  /** Moves on to another way of the database, with all that was made here since the fork pending again. */
  private void fork(IndexSnapshot snapshot, List<Settled> settled, Consumer<Rebased> published) {
    DatabaseValue optimisticBefore = state.optimistic();
    DatabaseValue confirmedBefore = state.confirmed();
    Forked forked = Forked.of(forking, snapshot, state, settled, making::newLocal, log);
    List<Intent> pending = forked.entry().pending();
    state = state.onOther(snapshot, forked.made(), pending);
    forking = null;
    pending.forEach(handles::putIfNew);
    Rebased rebased = new Rebased(confirmedBefore, state.confirmed(), optimisticBefore, state.optimistic(),
        forked.left(), pending.size(), 0, 0);
    publisher.add(making.lastSeq(), newest(), () -> published.accept(rebased));
    mended = new SyncCore.Mended(pending, making.lastSeq());
    mendedTicket = commit.submit(List.of(forked.scrubbed(), forked.entry()), true, () -> { });
  }

  /** The pending transactions as the fork left them, on the disk. */
  SyncCore.Mended mended() {
    SyncCore.Mended result;
    long ticket;
    lock.lock();
    try {
      result = mended;
      ticket = mendedTicket;
      mended = null;
    } finally {
      lock.unlock();
    }
    commit.await(ticket);
    return result;
  }

  /** The database forked: what is confirmed is loaded anew. */
  void setForking(LogEntry.Forking fork) {
    lock.lock();
    try {
      forking = fork;
    } finally {
      lock.unlock();
    }
  }

  /** Of the local numbers in intents those that are confirmed; see {@link KnownNumbers}. */
  Map<Long, Long> known(List<Intent> intents) {
    lock.lock();
    try {
      return new KnownNumbers(state.made()).in(intents);
    } finally {
      lock.unlock();
    }
  }

  /** Shows the same confirmed T from an index that was made again. */
  void reload(IndexSnapshot snapshot, Consumer<Rebased> published) {
    lock.lock();
    try {
      Rebased rebased = state.reload(snapshot, List.of());
      publisher.add(making.lastSeq(), newest(), () -> published.accept(rebased));
    } finally {
      lock.unlock();
    }
  }

  /** Runs a task once everything that is in the newest view is published. */
  void whenPublished(Runnable task) {
    lock.lock();
    try {
      publisher.add(making.lastSeq(), newest(), task);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The server has given this client a number; 0 if it has to get another one.
   *
   * @param published told what changed, when programs see it, if anything did
   */
  void setClient(long number, Consumer<Rebased> published) {
    lock.lock();
    try {
      Rebased rebased = state.setClient(number);
      if (rebased != null) {
        publisher.add(making.lastSeq(), newest(), () -> published.accept(rebased));
      }
    } finally {
      lock.unlock();
    }
  }

  /** The sequence number of the newest transaction made here, 0 if none. */
  long lastSeq() {
    lock.lock();
    try {
      return making.lastSeq();
    } finally {
      lock.unlock();
    }
  }

  /** The published transactions whose outcome is not known. */
  Handles handles() {
    return handles;
  }

  /**
   * What differs between the optimistic view and a naive replay, and between its local ids and the log. Costs the whole
   * queue, under the lock, and what was ever made here.
   */
  List<String> audit(ClientLog log) {
    List<String> differences;
    MadeIds made;
    lock.lock();
    try {
      List<List<Datom>> replayed = new ArrayList<>();
      state.replayed().pending().forEach(pending -> replayed.add(pending.datoms()));
      differences = new ArrayList<>(StoreAudit.differences(state.optimistic(), replayed));
      made = state.made();
    } finally {
      lock.unlock();
    }
    differences.addAll(StoreAudit.differences(log, made));
    return differences;
  }
}
