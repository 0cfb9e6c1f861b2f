package dev.rebasis.client.internal.core;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Credentials;
import dev.rebasis.client.Database;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Discarded;
import dev.rebasis.client.LeftBehind;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.QueryListener;
import dev.rebasis.client.Retry;
import dev.rebasis.client.SchemaCheck;
import dev.rebasis.client.Scope;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.TxReportQueue;
import dev.rebasis.client.Verification;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.client.internal.db.TransactionRange;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.rebase.AsSeen;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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
  private final ClientParts parts;
  private final ClientEnvironment environment;
  private final ClientLog log;
  private final DatomIndex index;
  private final CoreState state;
  private final SyncDriver driver;
  private final ServerCalls calls;
  private final ClientEvents events;
  private final Rules rules;
  private final ParkedCalls parked;
  private final Health health;
  private final UserCalls users;

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
      index.limitBytesHeldBack(config.tuning().pinnedBytesMax());
      ForkMender.afterCrash(log, index.snapshot());
      ClientParts parts = new ClientParts(config, environment, log, index);
      parts.start();
      return new ClientCore(parts);
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

  private ClientCore(ClientParts parts) {
    this.parts = parts;
    this.environment = parts.environment;
    this.log = parts.log;
    this.index = parts.index;
    this.state = parts.state;
    this.driver = parts.driver;
    this.calls = parts.calls;
    this.events = parts.events;
    this.rules = parts.rules;
    this.parked = parts.parked;
    this.health = parts.health;
    this.users = new UserCalls(parts);
  }

  // ---- transactions ----

  @Override
  public Pending transact(Object forms) {
    return state.transact(data(forms), TransactionOptions.DEFAULT);
  }

  @Override
  public Pending transact(Object forms, TransactionOptions options) {
    return state.transact(data(forms), options);
  }

  @Override
  public List<Pending> transactTogether(List<?> transactions, TransactionOptions options) {
    List<Object> all = new ArrayList<>();
    for (Object forms : transactions) {
      all.add(data(forms));
    }
    return all.size() == 1 ? List.of(state.transact(all.get(0), options)) : state.transactTogether(all, options);
  }

  /** Forms may be given as EDN text. */
  private static Object data(Object forms) {
    return forms instanceof String text ? Edn.read(text) : forms;
  }

  // ---- reading ----

  @Override
  public Database db() {
    health.checkShown();
    return state.views().optimistic();
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T query(Object query, Object... inputs) {
    return (T) parts.queries.query(query, Arrays.asList(inputs));
  }

  @Override
  public Connection readOnlyConnection() {
    health.check();
    return parts.rowsOfLoads.reader();
  }

  @Override
  public Database confirmed() {
    health.checkShown();
    return state.views().confirmed();
  }

  @Override
  public Database asSeen(Pending pending) {
    health.check();
    long seq = log.reads().madeAs(pending.seq());
    List<Intent> before = log.reads().undecidedAt(seq, pending.basisT());
    return AsSeen.of(state.present(), pending.basisT(), before, log.reads().failedBefore(before, pending.basisT()),
        !before.isEmpty() && log.reads().endedHere(seq));
  }

  @Override
  public Iterable<Transaction> txRange(Object start, Object end) {
    health.check();
    return TransactionRange.of(state.views().confirmed(), start, end, log.reads()::page);
  }

  @Override
  public CompletableFuture<Database> sync() {
    health.check();
    return sync(0, state.lastSeq());
  }

  @Override
  public CompletableFuture<Database> sync(long t) {
    health.check();
    if (t <= 0) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-argument"), ErrorCategory.PROGRAMMING_ERROR,
          "sync(t) needs a T, which is positive, not " + t + ". To wait for the server's T of now, call sync().");
    }
    return sync(t, 0);
  }

  private CompletableFuture<Database> sync(long t, long seq) {
    return calls.sync(driver, t, seq);
  }

  @Override
  public CompletableFuture<Verification> verify() {
    health.check();
    VerifyCalls.Call call = calls.verify();
    environment.syncExecutor().execute(() -> {
      try {
        parts.confirmed.mendIndex();
        driver.verify(call.ref());
      } catch (RuntimeException | Error e) {
        parts.fail(Health.stopping(e));
      }
    });
    return call.result();
  }

  @Override
  public List<Scope> scopes() {
    List<ScopeSpec> wanted = calls.scopes().wanted();
    return wanted == null ? null : wanted.stream().map(Scope::of).toList();
  }

  @Override
  public CompletableFuture<Database> scopes(List<Scope> others) {
    health.check();
    return calls.scopes().change(before -> others.stream().map(Scope::spec).toList(), driver::scope);
  }

  @Override
  public CompletableFuture<Database> addScope(Scope scope) {
    health.check();
    return calls.scopes().change(ScopeCalls.with(scope), driver::scope);
  }

  @Override
  public CompletableFuture<Database> removeScope(String name) {
    health.check();
    return calls.scopes().change(ScopeCalls.without(name), driver::scope);
  }

  @Override
  public Status status() {
    return parts.status();
  }

  @Override
  public List<Pending> pending() {
    health.checkShown();
    return state.handles().pending();
  }

  @Override
  public List<ConflictRecord> conflicts() {
    health.check();
    return log.reads().conflicts();
  }

  @Override
  public List<ConflictRecord> parked() {
    health.check();
    return parked.open();
  }

  @Override
  public Retry retry(UUID parkedId) {
    health.check();
    return parked.retry(parkedId, null, null);
  }

  @Override
  public Retry retry(UUID parkedId, Object forms) {
    health.check();
    return parked.retry(parkedId, data(forms), null);
  }

  @Override
  public Retry retry(UUID parkedId, Object forms, TransactionOptions options) {
    health.check();
    return parked.retry(parkedId, data(forms), Objects.requireNonNull(options));
  }

  @Override
  public Discarded discard(UUID parkedId, Dependents dependents) {
    health.check();
    return parked.discard(parkedId, dependents);
  }

  @Override
  public Optional<Pending> undo(UUID id) {
    health.check();
    // What is taken back goes with its group: nobody may bind it to others meanwhile.
    synchronized (parts.binds) {
      return Optional.ofNullable(parts.undos.undo(id));
    }
  }

  @Override
  public List<Pending> bind(Collection<UUID> ids) {
    health.check();
    synchronized (parts.binds) {
      return parts.binds.bind(ids);
    }
  }

  @Override
  public List<Preview> preview(Map<String, PolicyRef> policies) {
    health.check();
    Map<Keyword, PolicyRef> instead = new HashMap<>();
    policies.forEach((attribute, policy) -> instead.put(Keyword.of(attribute), policy));
    parts.terms.check(instead, confirmed().schema());
    return state.preview(rules.toBuilder().instead(instead).build());
  }

  @Override
  public OutcomeCursor outcomes(String name) {
    health.check();
    return new LogCursor(name, log, parts.commit, health);
  }

  @Override
  public Subscription onConflict(Consumer<ConflictRecord> listener) {
    health.check();
    return events.onConflict(listener);
  }

  @Override
  public TxReportQueue txReports() {
    health.check();
    return events.reportQueue();
  }

  @Override
  public Subscription onTxReport(Consumer<TxReport> listener) {
    health.check();
    return events.onReport(listener);
  }

  @Override
  public Subscription onStateChange(Consumer<Status> listener) {
    health.check();
    return events.onState(listener);
  }

  @Override
  public Subscription onOutcome(Consumer<Outcome> listener) {
    health.check();
    return events.onOutcome(listener);
  }

  @Override
  public Subscription subscribe(Object query, List<?> inputs, QueryListener listener) {
    health.check();
    return events.live().subscribe(query, inputs, listener);
  }

  @Override
  public boolean sameEntity(long a, long b) {
    health.checkShown();
    return resolve(a) == resolve(b);
  }

  private long resolve(long id) {
    return EntityIds.isLocal(id) ? state.views().optimistic().localIds().resolve(id) : id;
  }

  /**
   * Compares index and log, the orders of the index with each other, and the optimistic view with a naive replay. For
   * tests and doubts: reads everything, holds the core lock in part, and needs that nothing is written meanwhile.
   *
   * @return what differs, in sentences; empty if all is well
   */
  public List<String> audit() {
    CompletableFuture<List<String>> differences = new CompletableFuture<>();
    environment.syncExecutor().execute(() -> {
      try {
        List<Transaction> unapplied = driver.unapplied();
        List<String> found = new ArrayList<>(
            unapplied == null ? List.of() : StoreAudit.differences(log, index.snapshot(), unapplied));
        found.addAll(state.audit(log));
        differences.complete(found);
      } catch (RuntimeException | Error e) {
        differences.completeExceptionally(e);
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
    health.check();
    driver.goOffline();
  }

  @Override
  public void goOnline() {
    health.check();
    driver.goOnline();
  }

  @Override
  public CompletableFuture<SchemaCheck> needs(Object schema) {
    health.check();
    return new SchemaNeeds(data(schema)).meet(this, parts.hasServer);
  }

  @Override
  public void login(Credentials credentials) {
    health.check();
    users.login(credentials);
  }

  @Override
  public void logout(LeftBehind leaves) {
    health.check();
    users.logout(leaves);
  }

  @Override
  public void wipe(LeftBehind leaves) {
    health.check();
    if (state.closeIf(() -> users.checkMayBeWiped(leaves))) {
      finish(false);
    }
    parts.files.delete();
  }

  @Override
  public void backup(Path folder) {
    health.check();
    // Whoever looks into the copy with a database tool finds rows, unless there is no room for them here.
    parts.rowsOfLoads.makeWhatCanBe();
    log.backup(folder);
  }

  @Override
  public void close() {
    if (health.close()) {
      finish(true);
    }
  }

  /** @param keep whether anybody is to read the store afterwards */
  private void finish(boolean keep) {
    driver.close();
    try {
      parts.commit.close(Health.closedError());
    } catch (RuntimeException e) {
      // Already told: by the call that failed, or by status().
      logger().log(Level.DEBUG, "The log could not be written before closing.", e);
    }
    parts.failPending(Health.closedError());
    events.live().end();
    environment.close();
    try {
      index.close();
      if (keep) {
        parts.rowsOfLoads.end();
      }
    } finally {
      log.close();
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(ClientCore.class.getName());
  }
}
