package dev.rebasis.client.internal.core;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.TxReportQueue;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.index.PinStatus;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.LogState;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.client.internal.rebase.PendingTransaction;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.client.internal.rebase.Settled;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.client.internal.sync.SyncMachine;
import dev.rebasis.client.internal.sync.SyncSettings;
import dev.rebasis.client.internal.sync.Verdict;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A client: the public API over log, index, optimistic view and sync machine. Thread-safe; docs/concurrency.md names
 * every thread and lock.
 *
 * <p>A local transaction: under the core lock it is decided on the optimistic view, added to it, and handed to the
 * group commit and to the {@link Publisher}; then, without the lock, its thread waits until it is durable. A confirmed
 * batch: written by the storage executor; then the sync executor applies it to the index without a lock, and under the
 * core lock to the optimistic view. The lock is thus held for the deciding alone, never for the disk, and what programs
 * see is published only when everything of their own in it is durable.
 */
public final class ClientCore implements SyncClient {
  private static final Logger LOG = System.getLogger(ClientCore.class.getName());
  /** The index file is written after so many datoms: a restart applies at most these again from the log. */
  private static final long PERSIST_DATOMS = 100_000;

  private final ClientEnvironment environment;
  private final ClientLog log;
  private final DatomIndex index;
  private final UUID storeId;
  private final GroupCommit commit;
  private final Publisher publisher;
  private final SyncDriver driver;
  private final boolean hasServer;

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by lock.
  private final OptimisticState state;
  private long nextSeq;
  private long nextLocal;

  private final Map<UUID, PendingHandle> handles = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<Database>> syncs = new ConcurrentHashMap<>();
  private final AtomicLong syncRefs = new AtomicLong();
  private final Notifier<TxReport> reports;
  private final Notifier<Status> states;
  private final Notifier<Outcome> outcomes;
  private final Set<ReportQueue> queues = ConcurrentHashMap.newKeySet();
  private final Tally tally = new Tally();
  private final long parkedBefore;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile RebasisException failure;
  private volatile PinStatus pins;
  // Confined to the sync executor.
  private long unpersistedDatoms;

  /**
   * Opens a store and begins to connect, if the environment has a transport.
   *
   * @param config where and how
   * @param environment the world; closed with the client, and if this fails
   */
  public static SyncClient open(ClientConfig config, ClientEnvironment environment) {
    ClientLog log = null;
    DatomIndex index = null;
    try {
      log = ClientLog.open(config.files(), config.durability(), environment::newId);
      index = DatomIndex.open(config.files(), log);
      ClientCore core = new ClientCore(config, environment, log, index);
      core.start();
      return core;
    } catch (RuntimeException | Error e) {
      close(index, e);
      close(log, e);
      environment.close();
      throw e;
    }
  }

  private static void close(AutoCloseable resource, Throwable reason) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (Exception e) {
      reason.addSuppressed(e);
    }
  }

  private ClientCore(ClientConfig config, ClientEnvironment environment, ClientLog log, DatomIndex index) {
    this.environment = environment;
    this.log = log;
    this.index = index;
    LogState stored = log.state();
    this.storeId = stored.storeId();
    this.nextSeq = stored.nextSeq();
    this.nextLocal = stored.nextLocal();
    this.hasServer = environment.transport() != null;
    this.reports = new Notifier<>(environment.notificationExecutor());
    this.states = new Notifier<>(environment.notificationExecutor());
    this.outcomes = new Notifier<>(environment.notificationExecutor());
    this.parkedBefore = log.parkedCount();
    this.pins = index.pins();
    IndexSnapshot snapshot = index.snapshot();
    this.state = new OptimisticState(snapshot, stored.made(), stored.clientNumber(), Decider::decide, new QueryEngine()::query);
    this.state.restore(stored.pending());
    this.publisher = new Publisher(views(), nextSeq - 1);
    this.commit = new GroupCommit(log::write, this::fail);
    SyncSettings settings = new SyncSettings(
        config.tuning(), hasServer, environment::randomBelow, storeId, stored.clientNumber(), stored.databaseId(),
        stored.confirmedT(), snapshot.schema());
    this.driver = new SyncDriver(environment, commit, new SyncMachine(settings), new Steps());
    for (Intent intent : stored.pending()) {
      handles.put(intent.id(), handle(intent));
    }
  }

  private void start() {
    driver.restored(log.state().pending());
    driver.goOnline();
  }

  // ---- transactions ----

  @Override
  public Pending transact(Object forms) {
    Object data = forms instanceof String text ? Edn.read(text) : forms;
    PendingHandle handle;
    long ticket;
    lock.lock();
    try {
      checkUsable();
      DatabaseValue before = state.optimistic();
      Intent intent = intent(data, before);
      PendingTransaction pending = state.transact(intent);
      nextSeq++;
      handle = handle(intent);
      publisher.add(intent.seq(), views(), published(handle, pending.datoms(), before, state.optimistic()));
      ticket = commit.submit(List.of(new LogEntry.IntentMade(intent)), true, () -> {
        publisher.durable(intent.seq());
        if (hasServer) {
          driver.madeLocally(intent);
        }
      });
    } finally {
      lock.unlock();
    }
    commit.await(ticket);
    return handle;
  }

  private Intent intent(Object data, DatabaseValue before) {
    IntentBuilder.Completed completed = IntentBuilder.complete(data, before.schema(), () -> nextLocal++);
    Instant now = environment.now().truncatedTo(ChronoUnit.MILLIS);
    Intent intent = new Intent(
        environment.newId(), nextSeq, before.basisT(), now, completed.forms(), completed.tempids());
    IntentSize.check(intent);
    return intent;
  }

  private Runnable published(PendingHandle handle, List<Datom> datoms, Database before, Database after) {
    return () -> {
      handles.put(handle.id(), handle);
      if (reports.isWatched()) {
        reports.tell(new TxReport(TxReport.Kind.OPTIMISTIC, before, after, datoms, handle));
      }
    };
  }

  private PendingHandle handle(Intent intent) {
    return new PendingHandle(intent, () -> publisher.views().optimistic().localIds());
  }

  private Publisher.Views views() {
    return new Publisher.Views(state.optimistic(), state.confirmed(), state.pending().size());
  }

  // ---- what the sync machine has done ----

  /** The steps that the sync executor takes. */
  private final class Steps implements SyncDriver.Core {
    @Override
    public long apply(SyncAction.Apply batch) {
      return ClientCore.this.apply(batch);
    }

    @Override
    public void synced(long ref, RebasisException error) {
      CompletableFuture<Database> future = syncs.remove(ref);
      if (future == null) {
        return;
      }
      if (error != null) {
        environment.notificationExecutor().execute(() -> future.completeExceptionally(error));
        return;
      }
      whenPublished(() -> environment.notificationExecutor().execute(() -> future.complete(publisher.views().optimistic())));
    }

    @Override
    public void stateChanged() {
      if (states.isWatched()) {
        states.tell(status());
      }
    }

    @Override
    public void clientNumber(long number) {
      lock.lock();
      try {
        state.setClient(number);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void failed(RuntimeException cause) {
      fail(cause);
    }
  }

  private long apply(SyncAction.Apply batch) {
    if (!batch.transactions().isEmpty()) {
      index.apply(batch.transactions());
    }
    IndexSnapshot snapshot = index.snapshot();
    lock.lock();
    try {
      Rebased rebased = state.confirm(snapshot, batch.transactions(), settled(batch.verdicts()));
      tally.countConfirmed(batch.transactions().size(), rebased.decidedAnew());
      publisher.add(nextSeq - 1, views(), () -> tell(batch, rebased));
    } finally {
      lock.unlock();
    }
    pins = index.pins();
    for (Transaction transaction : batch.transactions()) {
      unpersistedDatoms += transaction.datoms().size();
    }
    if (unpersistedDatoms > PERSIST_DATOMS) {
      unpersistedDatoms = 0;
      index.persist();
    }
    return index.position();
  }

  private static List<Settled> settled(List<Verdict> verdicts) {
    List<Settled> settled = new ArrayList<>(verdicts.size());
    for (Verdict verdict : verdicts) {
      settled.add(new Settled(verdict.id(), verdict.kind(), verdict.t(), verdict.made(), verdict.transaction()));
    }
    return settled;
  }

  private void tell(SyncAction.Apply batch, Rebased rebased) {
    if (reports.isWatched() && !batch.transactions().isEmpty()) {
      List<Datom> datoms = new ArrayList<>();
      batch.transactions().forEach(transaction -> datoms.addAll(transaction.datoms()));
      reports.tell(new TxReport(
          TxReport.Kind.CONFIRMED, rebased.confirmedBefore(), rebased.confirmedAfter(), datoms, null));
    }
    if (batch.verdicts().isEmpty()) {
      return;
    }
    environment.notificationExecutor().execute(() -> {
      for (Verdict verdict : batch.verdicts()) {
        Outcome outcome = verdict.outcome();
        tally.count(outcome);
        PendingHandle handle = handles.remove(verdict.id());
        if (handle != null) {
          handle.complete(outcome);
        }
        outcomes.tell(outcome);
      }
    });
  }

  private void whenPublished(Runnable task) {
    lock.lock();
    try {
      publisher.add(nextSeq - 1, views(), task);
    } finally {
      lock.unlock();
    }
  }

  // ---- reading ----

  @Override
  public Database db() {
    checkUsable();
    return publisher.views().optimistic();
  }

  @Override
  public Database confirmed() {
    checkUsable();
    return publisher.views().confirmed();
  }

  @Override
  public CompletableFuture<Database> sync() {
    checkUsable();
    long seq;
    lock.lock();
    try {
      seq = nextSeq - 1;
    } finally {
      lock.unlock();
    }
    return sync(0, seq);
  }

  @Override
  public CompletableFuture<Database> sync(long t) {
    checkUsable();
    if (t <= 0) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-argument"), ErrorCategory.PROGRAMMING_ERROR,
          "sync(t) needs a T, which is positive, not " + t + ". To wait for the server's T of now, call sync().");
    }
    return sync(t, 0);
  }

  private CompletableFuture<Database> sync(long t, long seq) {
    long ref = syncRefs.incrementAndGet();
    CompletableFuture<Database> future = new CompletableFuture<>();
    syncs.put(ref, future);
    driver.sync(ref, t, seq);
    return future.copy();
  }

  @Override
  public Status status() {
    SyncDriver.Connection connection = driver.connection();
    Publisher.Views views = publisher.views();
    PinStatus held = pins;
    RebasisException error = failure != null ? failure : connection.lastError();
    Duration reconnectIn = connection.reconnectAtMillis() < 0 ? null
        : Duration.ofMillis(Math.max(0, connection.reconnectAtMillis() - environment.millis()));
    long basisT = views.confirmed().basisT();
    return new Status(
        connection.state(), storeId, connection.database(), connection.client(), basisT,
        Math.max(basisT, connection.serverT()), views.pendingCount(), (int) (parkedBefore + tally.parked()), error,
        reconnectIn, Math.min(basisT, held.oldestT()), held.bytesHeldBack(),
        tally.counters(connection.duplicates(), driver.bytesSent(), driver.bytesReceived()));
  }

  @Override
  public List<Pending> pending() {
    checkUsable();
    List<Pending> pending = new ArrayList<>(handles.values());
    pending.sort(Comparator.comparingLong(Pending::seq));
    return pending;
  }

  @Override
  public List<ConflictRecord> conflicts() {
    checkUsable();
    return log.conflicts();
  }

  @Override
  public TxReportQueue txReports() {
    checkUsable();
    ReportQueue queue = new ReportQueue(reports, queues::remove);
    queues.add(queue);
    return queue;
  }

  @Override
  public Subscription onTxReport(Consumer<TxReport> listener) {
    checkUsable();
    return reports.add(listener);
  }

  @Override
  public Subscription onStateChange(Consumer<Status> listener) {
    checkUsable();
    return states.add(listener);
  }

  @Override
  public Subscription onOutcome(Consumer<Outcome> listener) {
    checkUsable();
    return outcomes.add(listener);
  }

  @Override
  public boolean sameEntity(long a, long b) {
    checkUsable();
    return resolve(a) == resolve(b);
  }

  private long resolve(long id) {
    return EntityIds.isLocal(id) ? publisher.views().optimistic().localIds().resolve(id) : id;
  }

  /**
   * Compares index and log, the orders of the index with each other, and the optimistic view with a naive replay. For
   * tests and doubts: reads everything, holds the core lock meanwhile, and needs that nothing is written.
   *
   * @return what differs, in sentences; empty if all is well
   */
  public List<String> audit() {
    CompletableFuture<List<String>> differences = new CompletableFuture<>();
    environment.syncExecutor().execute(() -> {
      lock.lock();
      try {
        List<String> found = new ArrayList<>(StoreAudit.differences(log, index.snapshot()));
        List<List<Datom>> replayed = new ArrayList<>();
        state.replayed().pending().forEach(pending -> replayed.add(pending.datoms()));
        found.addAll(StoreAudit.differences(state.optimistic(), replayed));
        differences.complete(found);
      } catch (RuntimeException e) {
        differences.completeExceptionally(e);
      } finally {
        lock.unlock();
      }
    });
    return differences.join();
  }

  /** The log, for tests that read it. */
  ClientLog log() {
    return log;
  }

  // ---- life ----

  @Override
  public void goOffline() {
    checkUsable();
    driver.goOffline();
  }

  @Override
  public void goOnline() {
    checkUsable();
    driver.goOnline();
  }

  /** Stops everything after a failure that leaves memory and disk apart. Any thread, without locks. */
  private void fail(RuntimeException cause) {
    synchronized (this) {
      if (failure != null || closed.get()) {
        return;
      }
      failure = cause instanceof RebasisException known ? known : new RebasisException(
          Keyword.of(":rebasis.error/internal"), ErrorCategory.PROGRAMMING_ERROR,
          "The client stopped at an error of its own: " + cause + ". What was acknowledged is in the store; open it"
              + " again, and report the error.", Map.of(), cause);
    }
    LOG.log(Level.ERROR, "The client stopped.", failure);
    driver.storageFailed(failure);
    failPending(failure);
  }

  private void failPending(RebasisException cause) {
    environment.notificationExecutor().execute(() -> {
      handles.values().forEach(handle -> handle.fail(cause));
      syncs.values().forEach(future -> future.completeExceptionally(cause));
      queues.forEach(ReportQueue::close);
    });
  }

  private void checkUsable() {
    if (closed.get()) {
      throw closedError();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RebasisException closedError() {
    return new RebasisException(Keyword.of(":rebasis.error/client-closed"), ErrorCategory.PROGRAMMING_ERROR,
        "This client is closed. Open the store again with SyncClient.builder().");
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    driver.close();
    try {
      commit.close(closedError());
    } catch (RuntimeException e) {
      // Already told: by the call that failed, or by status().
      LOG.log(Level.DEBUG, "The log could not be written before closing.", e);
    }
    failPending(closedError());
    environment.close();
    try {
      index.close();
    } finally {
      log.close();
    }
  }
}
