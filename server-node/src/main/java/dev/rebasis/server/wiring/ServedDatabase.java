package dev.rebasis.server.wiring;

import datomic.Connection;
import datomic.Database;
import dev.rebasis.conflict.TimeLimit;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.DatabaseConfig;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.DatabaseFunctions;
import dev.rebasis.server.internal.master.DatomicMaster;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Excisions;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.master.Missing;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionLimits;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One database of a server: its master, its sessions and their threads. Thread-safe.
 *
 * <p>Threads: the core decides, commits to memory and runs the sessions; the log thread writes and forces (or, over Datomic,
 * decides and waits for the transactor); the out thread encodes messages and hands them to Jetty. Each hands over to the next
 * by a queue, and no lock is held across them.
 */
final class ServedDatabase implements AutoCloseable {
  /** How long a custom policy, function or premise may take. */
  private static final Duration CUSTOM_LIMIT = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(ServedDatabase.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  /** So many seconds apart the transactor is asked for a sign of life. */
  private static final int PROBE_TICKS = 10;

  /** Policies, functions and premises that are not called any more. */
  private final Set<String> givenUp = ConcurrentHashMap.newKeySet();
  private final DatabaseConfig config;
  private final Consumer<RebasisException> fatal;
  private final FolderLock lock;
  private final Worker core;
  private final Worker log;
  private final Worker out;
  private final MasterSetup.ForceTimer forceTimer;
  private final Master master;
  /** The master, if the database is in Datomic; else null. */
  private final DatomicMaster shared;
  private final TxReports reports;
  private final ServerMachine machine;
  private final CoreCalls calls;
  private final Announcement tokens;
  private final DevicePages.Desk desk;
  private final DiskRoom disk;
  private volatile long transactions;
  /** Why nothing can be written until the next start; null while something can. */
  private volatile RebasisException logFailure;
  /** The timer's. */
  private int ticks;

  private ServedDatabase(DatabaseConfig config, ServerLimits limits, Consumer<RebasisException> fatal,
      MasterSetup.ForceTimer forceTimer, Closer undo) {
    this.forceTimer = forceTimer;
    this.disk = new DiskRoom(config.data(), limits.diskReserveBytes());
    this.config = config;
    this.fatal = fatal;
    lock = config.data() == null ? null : undo.add(FolderLock.acquire(config.data()));
    core = undo.add(worker("core"));
    calls = new CoreCalls(core, config.name(), PATIENCE);
    log = undo.add(worker("log"));
    out = undo.add(worker("out"));
    if (config.datomic() == null) {
      master = undo.add(EmbeddedMaster.open(setup()));
      shared = null;
      reports = null;
    } else {
      Connection connection = DatomicUri.connect(config.datomic());
      shared = undo.add(DatomicMaster.open(setup(), connection));
      master = shared;
      reports = undo.add(TxReports.listen(connection, shared::lookAgain));
    }
    machine = calls.ask(() -> new ServerMachine(master, SessionLimits.DEFAULT.with(limits), System::nanoTime));
    tokens = new Announcement(calls, () -> {
      machine.tokensChanged();
      return null;
    });
    desk = new DatabaseDesk(master, machine, calls);
    new SchemaInstaller(master, core).install(config.schemas());
    lookAtDisk();
  }

  /**
   * Opens a database. Blocks until it can be used.
   *
   * @param limits what its clients may do
   * @param fatal told of a fault of ours after which it cannot go on
   * @param forceTimer told how long the forces of its log take
   * @throws RebasisException if it cannot be opened; nothing is left open then
   */
  static ServedDatabase open(DatabaseConfig config, ServerLimits limits, Consumer<RebasisException> fatal,
      MasterSetup.ForceTimer forceTimer) {
    Closer undo = new Closer();
    try {
      return new ServedDatabase(config, limits, fatal, forceTimer, undo);
    } catch (RuntimeException e) {
      undo.closeAll(e);
      throw e;
    }
  }

  private Worker worker(String what) {
    return new Worker("rebasis-" + what + "-" + config.name(), config.name(), e -> fatal.accept(broken(e)));
  }

  private MasterSetup setup() {
    Path file = config.data() == null ? null : config.data().toAbsolutePath().resolve("log");
    return new MasterSetup(file == null ? null : file.toString(),
        file == null ? "(in memory)" : file + ".mv.db", Clock.systemUTC(), UUID::randomUUID, core, log,
        this::logFailed, new ProgressLog(),
        config.rules().toBuilder().guard(new TimeLimit(ServedDatabase::onThreadOfItsOwn, CUSTOM_LIMIT, this::gaveUp)).build(),
        functions(), this::force);
  }

  /** Called by the thread of the log. */
  private void force(Runnable force) {
    forceTimer.timed(force);
    if (machine != null && disk.hasGrown()) {
      lookAtDisk();
    }
  }

  /** Called on the core. The end of the process would take the reading away as well. */
  private void logFailed(RebasisException reason) {
    LOG.error("The log of {} cannot be written: from now on it can only be read. See to the disk, then start the server again.",
        config.name(), reason);
    logFailure = reason;
    if (machine != null) {
      machine.disk(reason);
    }
  }

  private void gaveUp(String what) {
    givenUp.add(what);
    LOG.warn("{} took more than {} s three times and is not called any more; what it should decide is parked until this"
        + " server is started again.", what, CUSTOM_LIMIT.toSeconds());
  }

  private DatabaseFunctions functions() {
    DatabaseFunctions all = DatabaseFunctions.NONE;
    for (DatabaseConfig.SchemaText text : config.databaseFunctions()) {
      all = all.with(text.name(), text.edn());
    }
    return all;
  }

  private static void onThreadOfItsOwn(Runnable task) {
    Thread thread = new Thread(task, "rebasis-custom");
    thread.setDaemon(true);
    thread.start();
  }

  /** Its name in URLs. */
  String name() {
    return config.name();
  }

  /** How it was opened. */
  DatabaseConfig config() {
    return config;
  }

  /** What its users may see and write at the start. */
  AccessRules accessAtStart() {
    return config.access();
  }

  /** Runs the sessions' steps. */
  Worker core() {
    return core;
  }

  /** Encodes what is sent. */
  Worker out() {
    return out;
  }

  /** The sessions; their steps run on the core. */
  ServerMachine machine() {
    return machine;
  }

  /** The T of the newest durable transaction. */
  long t() {
    return calls.ask(master::forcedT);
  }

  /** How many transactions were committed since the start, as of the last tick. */
  long transactions() {
    return transactions;
  }

  /** Datomic's value of the database as of the newest durable transaction. */
  Database database() {
    return calls.ask(master::database);
  }

  /**
   * Has Datomic excise what it was asked to; for a database in Datomic only.
   *
   * @return how many requests were carried out
   * @throws RebasisException if Datomic takes longer
   */
  long exciseInDatomic() {
    Excisions.Begun begun = calls.done(shared.excisions()::begin);
    begun.await();
    return calls.done(answer -> shared.excisions().end(begun, answer));
  }

  /** Registers who is told that another node, or this one, found facts to be excised; for a database in Datomic only. */
  void onExcised(Runnable listener) {
    if (shared != null) {
      shared.onExcised(listener);
    }
  }

  /** Goes by other access rules from now on, for those who are connected. */
  void accessChanged(AccessRules rules) {
    calls.ask(() -> {
      machine.accessChanged(access -> new Access(access.user(), rules.of(access.user())));
      return null;
    });
  }

  /** Ends all sessions: their tokens may be good no more. For one thread at a time. */
  void tokensChanged(Authenticator by) {
    tokens.tell(by);
  }

  /** Commits a transaction of this program. */
  CompletableFuture<Master.Transacted> transact(List<?> forms) {
    CompletableFuture<Master.Transacted> result = new CompletableFuture<>();
    core.execute(() -> {
      if (machine.diskFull() == null) {
        master.transact(forms, SchemaInstaller.completing(result));
      } else {
        result.completeExceptionally(machine.diskFull());
      }
    });
    return result;
  }

  /** See {@link LoadPages.Source}. */
  Missing missing(long afterT, Access access, UUID store) {
    return calls.ask(() -> {
      if (afterT > 0 && !master.hasTransaction(afterT)) {
        throw ServerMachine.unknownT(afterT, master.forcedT());
      }
      return machine.seenBy(access, store, master.missingAfter(afterT));
    });
  }

  /** Its figures at one moment. */
  Metrics.Reading reading(int loads) {
    return calls.ask(() -> new Metrics.Reading(master.stats(), master.forcedT(), machine.sessionCount(), machine.lags(),
        machine.outcomes(), loads, givenUp.size()));
  }

  /** Its state as JSON. */
  String health() {
    return calls.ask(() -> {
      Master.Stats stats = master.stats();
      String status = stats.clockBehindMillis() > 0 ? "clock-behind"
          : stats.unreachable() != null ? "transactor-unavailable"
          : logFailure != null ? "log-failed"
          : machine.diskFull() != null ? "disk-full" : "up";
      return "{\"status\":\"" + status + "\",\"database\":\"" + config.name() + "\",\"t\":" + master.forcedT()
          + ",\"sessions\":" + machine.sessionCount() + ",\"queued\":" + stats.queued() + ",\"unforced\":"
          + stats.unforced() + "}";
    });
  }

  /** Why no client should be sent here, or null. */
  String notReady() {
    return calls.ask(() -> {
      Master.Stats stats = master.stats();
      if (stats.clockBehindMillis() > 0) {
        return "The clock is " + stats.clockBehindMillis() + " ms behind the newest transaction of " + config.name() + ".";
      }
      RebasisException reason = stats.unreachable() != null ? stats.unreachable() : machine.diskFull();
      return reason == null ? null : "The database '" + config.name() + "' cannot be written: " + reason.getMessage();
    });
  }

  /** The operator's desk, for any thread. */
  DevicePages.Desk desk() {
    return desk;
  }

  /** Writes the whole durable log. */
  void archive(OutputStream to) {
    long t = t();
    LOG.info("Backing the log of {} up to T {}.", config.name(), t);
    master.archive(t, to);
  }

  private void lookAtDisk() {
    RebasisException full = disk.look();
    core.execute(() -> machine.disk(logFailure != null ? logFailure : full));
  }

  /** Time goes on. */
  void tick(Instant now) {
    lookAtDisk();
    if (shared != null && ++ticks % PROBE_TICKS == 0) {
      shared.probe();
      shared.excisions().look();
    }
    core.execute(() -> {
      machine.tick(now);
      transactions = master.stats().transactions();
    });
  }

  static RebasisException broken(Throwable e) {
    return new RebasisException(Keyword.of(":rebasis.error/broken"), ErrorCategory.PROGRAMMING_ERROR,
        "A fault in the server itself: " + e + ". Start it again, and report this.", java.util.Map.of(), e);
  }

  /** Says goodbye to the clients and lets everything decided become durable. Connections may be closed then. */
  void finish() {
    calls.ask(() -> {
      machine.shutDown("The server is shutting down.");
      master.stop();
      return null;
    });
    if (reports != null) {
      reports.close();
    }
    log.finish(PATIENCE);
    core.finish(PATIENCE);
    out.finish(PATIENCE);
  }

  /** Ends the threads, whatever they have to do, closes the log and gives the folder back, whatever fails on the way. */
  @Override
  public void close() {
    try {
      if (reports != null) {
        reports.close();
      }
      log.close();
      core.close();
      out.close();
    } finally {
      try {
        master.close();
      } finally {
        if (lock != null) {
          lock.close();
        }
      }
    }
  }
}
