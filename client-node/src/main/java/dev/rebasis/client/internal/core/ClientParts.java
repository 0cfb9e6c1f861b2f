package dev.rebasis.client.internal.core;

import dev.rebasis.client.Status;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.index.PinStatus;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogState;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.client.internal.sync.SyncMachine;
import dev.rebasis.client.internal.sync.SyncSettings;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Schema;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.ScopeSpec;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * The parts of a client and how they hold together: who writes, who is told what, what happens when the disk fails.
 * {@link ClientCore} is what programs call. Thread-safe, as its parts are.
 */
final class ClientParts {
  final ClientEnvironment environment;
  final StoreFiles files;
  final ClientLog log;
  final DatomIndex index;
  final GroupCommit commit;
  final CoreState state;
  final SyncDriver driver;
  final boolean hasServer;
  final ServerCalls calls;
  final ClientEvents events;
  final Rules rules;
  final ParkedCalls parked;
  final UndoCalls undos;
  final BindCalls binds;
  final TermsBuilder terms;
  final Health health = new Health();
  final ConfirmedSide confirmed;
  final QueryEngine queries;
  final RowsOfLoads rowsOfLoads;
  private final Tally tally;

  /**
   * Puts them together; nothing is connected yet.
   *
   * @param log open, as is the index; both are closed by whoever opened them
   */
  ClientParts(ClientConfig config, ClientEnvironment environment, ClientLog log, DatomIndex index) {
    this.environment = environment;
    this.files = config.files();
    this.log = log;
    this.index = index;
    LogState stored = log.state();
    this.hasServer = environment.transport() != null;
    this.queries = new QueryEngine(config.extensions(), environment::randomBelow);
    this.events = new ClientEvents(environment.notificationExecutor(), new LiveQueries(
        queries, environment.queryExecutor(), environment.notificationExecutor(), this::newest));
    this.tally = new Tally(log.parkedCount());
    IndexSnapshot snapshot = index.snapshot();
    Quota quota = new Quota(
        config.tuning().storeBytesMax(), files::sizeBytes, config.tuning().diskReserveBytes(), files::freeBytes);
    this.rowsOfLoads = new RowsOfLoads(log, environment, this::isLoading, quota::checkRoomForRows, this::fail);
    this.commit = new GroupCommit(new Settling(log, environment, rowsOfLoads, this::fail), this::fail);
    Premises premises = new Premises(queries);
    this.rules = config.rules().toBuilder().leavesUnknownToServer().premises(premises)
        .guard(environment.guard()).build();
    this.terms = new TermsBuilder(rules, config.policies(), premises);
    this.state = new CoreState(
        environment, health, commit, events, log, quota, snapshot, rules, terms, queries, this::push);
    this.confirmed = new ConfirmedSide(
        index, state, events, tally, environment.notificationExecutor(), this::awaitStored, stored.loading() != null);
    this.parked = new ParkedCalls(log, state, terms, tally);
    this.undos = new UndoCalls(log, state, terms, this::takeUnsent);
    this.binds = new BindCalls(log, state, commit, environment, hasServer, step -> driver().move(step));
    List<ScopeSpec> wanted = config.scopes().in(stored.part());
    this.calls = new ServerCalls(wanted, state, environment.notificationExecutor());
    SyncSettings settings = new SyncSettings(
        config.tuning(), hasServer, environment::randomBelow, environment::newId, stored.ids(),
        stored.confirmedT(), stored.instant(), schemaOfLog(stored, snapshot.schema()), stored.visibleT(),
        stored.loading() == null ? 0 : stored.loading().targetT(), hasServer && environment.transport().canLoad(),
        wanted, stored.part(), stored.forking());
    this.driver = new SyncDriver(environment, commit,
        files.isDurable() ? environment.storageExecutor() : environment.syncExecutor(), new SyncMachine(settings), new CoreSteps(
        state, confirmed, calls, events, quota, this::machineScopes, this::status, this::fail));
  }

  /** The schema at the newest T of the log, which is beyond the index while a load is under way. */
  private Schema schemaOfLog(LogState stored, Schema visible) {
    Schema[] schema = {visible};
    if (stored.loading() != null) {
      log.transactionsAfter(stored.visibleT(), transaction -> schema[0] = schema[0].with(transaction.datoms()));
    }
    return schema[0];
  }

  /** Takes up what an earlier run left pending, and begins to connect. */
  void start() {
    rowsOfLoads.written();
    driver.restored(log.state().pending());
    driver.goOnline();
  }

  private boolean takeUnsent(UUID id) {
    return hasServer ? driver.takeUnsent(id).join() : state.handles().isPending(id);
  }

  private boolean isLoading() {
    return confirmed.isLoading();
  }

  private SyncDriver driver() {
    return driver;
  }

  private List<ScopeSpec> machineScopes() {
    return driver.wantedScopes();
  }

  private void awaitStored(long ticket) {
    driver.awaitStored(ticket);
  }

  private void push(Intent intent) {
    if (hasServer) {
      driver.madeLocally(intent);
    }
  }

  private DatabaseValue newest() {
    return state.views().optimistic();
  }

  /** How the client stands. */
  Status status() {
    SyncDriver.Connection connection = driver.connection();
    Publisher.Views views = state.views();
    PinStatus held = confirmed.pins();
    RebasisException error = health.failure() != null ? health.failure() : connection.lastError();
    Duration reconnectIn = connection.reconnectAtMillis() < 0 ? null
        : Duration.ofMillis(Math.max(0, connection.reconnectAtMillis() - environment.millis()));
    long basisT = views.confirmed().basisT();
    return new Status(
        connection.state(), connection.store(), connection.database(), connection.client(), basisT,
        Math.max(basisT, connection.serverT()), views.pendingCount(), (int) tally.waiting(), error,
        calls.lastDifference(), reconnectIn, connection.loadedDatoms() < 0 ? null
            : new Status.Load(connection.loadedDatoms(), connection.loadDatomsMax()),
        connection.scopes(), Math.min(basisT, held.oldestT()), held.bytesHeldBack(),
        tally.counters(connection.duplicates(), driver.bytesSent(), driver.bytesReceived()));
  }

  /** Stops everything after a failure that leaves memory and disk apart. Any thread, without locks. */
  void fail(RuntimeException cause) {
    RebasisException failure = health.fail(cause);
    if (failure != null) {
      logger().log(Level.ERROR, "The client stopped.", failure);
      driver.storageFailed(failure);
      failPending(failure);
    }
  }

  /** Nobody who waits will be answered any more. */
  void failPending(RebasisException cause) {
    environment.notificationExecutor().execute(() -> {
      state.handles().failPending(cause);
      calls.fail(cause);
      events.end();
    });
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(ClientParts.class.getName());
  }
}
