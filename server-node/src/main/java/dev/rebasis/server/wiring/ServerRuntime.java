package dev.rebasis.server.wiring;

import datomic.Database;
import dev.rebasis.conflict.TimeLimit;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.ServerConfig;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.DeviceDesk;
import dev.rebasis.server.internal.master.DatabaseFunctions;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.master.Missing;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionLimits;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's parts and threads. Thread-safe.
 *
 * <p>Threads: the core decides, commits to memory and runs the sessions; the log thread writes and forces; the out
 * thread encodes messages and hands them to Jetty; the timer ticks; Jetty's own threads read sockets and decode. Each
 * hands over to the next by a queue, and no lock is held across them.
 */
public final class ServerRuntime implements AutoCloseable {
  /** How long a custom policy, function or premise may take. */
  private static final Duration CUSTOM_LIMIT = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(ServerRuntime.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicBoolean closed = new AtomicBoolean();
  private final FolderLock lock;
  private final Worker core;
  private final Worker log;
  private final Worker out;
  private final ScheduledExecutorService timer;
  private final EmbeddedMaster master;
  private final ServerMachine machine;
  private final JettyServer jetty;
  private final ServerConfig config;
  private final WarmUp warmUp;
  private final Desk desk;
  private volatile long transactions;
  private volatile boolean draining;
  private volatile Metrics metrics;

  private ServerRuntime(ServerConfig config) {
    this.config = config;
    Closer undo = new Closer();
    try {
      lock = config.data() == null ? null : undo.add(FolderLock.acquire(config.data()));
      core = undo.add(new Worker("rebasis-core", e -> config.fatal().accept(broken(e))));
      log = undo.add(new Worker("rebasis-log", e -> config.fatal().accept(broken(e))));
      out = undo.add(new Worker("rebasis-out", e -> config.fatal().accept(broken(e))));
      master = undo.add(EmbeddedMaster.open(setup()));
      desk = new Desk();
      machine = onCore(() -> new ServerMachine(master, SessionLimits.DEFAULT));
      new SchemaInstaller(master, core).install(config.schemas());
      timer = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "rebasis-timer"));
      undo.add(timer::shutdownNow);
      jetty = undo.add(JettyServer.start(config, core, out, machine, new Answers(), this::missing, this::database));
      metrics = undo.add(new Metrics(this::reading));
      warmUp = config.warmUp() ? undo.add(WarmUp.start(warmUpFolder(), () -> transactions)) : null;
      timer.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    } catch (RuntimeException e) {
      undo.closeAll(e);
      throw e;
    }
  }

  /**
   * Starts a server. Blocks until clients can connect.
   *
   * @throws RebasisException if it cannot start; nothing is left open then
   */
  public static ServerRuntime start(ServerConfig config) {
    return new ServerRuntime(config);
  }

  /** Ends the process at once, since memory and disk can no longer be brought together in it. */
  public static void endProcess(RebasisException reason) {
    LOG.error("The server ends now: {}", reason.getMessage(), reason.getCause());
    Runtime.getRuntime().halt(70);
  }

  private MasterSetup setup() {
    Path file = config.data() == null ? null : config.data().toAbsolutePath().resolve("log");
    return new MasterSetup(file == null ? null : file.toString(),
        file == null ? "(in memory)" : file + ".mv.db", Clock.systemUTC(), UUID::randomUUID, core, log,
        config.fatal(), new ProgressLog(),
        config.rules().toBuilder().guard(new TimeLimit(ServerRuntime::onThreadOfItsOwn, CUSTOM_LIMIT)).build(),
        functions(config));
  }

  private Path warmUpFolder() {
    return config.data() == null ? null : config.data().toAbsolutePath().resolve("warm-up");
  }

  private static DatabaseFunctions functions(ServerConfig config) {
    DatabaseFunctions all = DatabaseFunctions.NONE;
    for (ServerConfig.SchemaText text : config.databaseFunctions()) {
      all = all.with(text.name(), text.edn());
    }
    return all;
  }

  private static void onThreadOfItsOwn(Runnable task) {
    Thread thread = new Thread(task, "rebasis-custom");
    thread.setDaemon(true);
    thread.start();
  }

  /** The port that it listens on. */
  public int port() {
    return jetty.port();
  }

  /** Where clients connect. */
  public URI uri() {
    String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
    return URI.create((config.tls() == null ? "http://" : "https://") + host + ":" + port() + "/db/" + config.database());
  }

  /** Completes when the warm-up has ended, with the time it took; at once, with zero, if none was wanted. */
  public CompletableFuture<Duration> warmedUp() {
    return warmUp == null ? CompletableFuture.completedFuture(Duration.ZERO) : warmUp.done();
  }

  /** The T of the newest durable transaction. */
  public long t() {
    return onCore(master::forcedT);
  }

  /** Datomic's value of the database as of the newest durable transaction. */
  public Database database() {
    return onCore(master::database);
  }

  /** Goes by other access rules from now on, for those who are connected too. */
  public void access(AccessRules rules) {
    jetty.access(rules);
    onCore(() -> {
      machine.accessChanged(access -> new Access(access.user(), rules.of(access.user())));
      return null;
    });
  }

  /** Commits a transaction of this program. */
  public CompletableFuture<Master.Transacted> transact(List<?> forms) {
    CompletableFuture<Master.Transacted> result = new CompletableFuture<>();
    core.execute(() -> master.transact(forms, SchemaInstaller.completing(result)));
    return result;
  }

  private Missing missing(long afterT, Access access, UUID store) {
    return onCore(() -> {
      if (afterT > 0 && !master.hasTransaction(afterT)) {
        throw ServerMachine.unknownT(afterT, master.forcedT());
      }
      return machine.seenBy(access, store, master.missingAfter(afterT));
    });
  }

  private Metrics.Reading reading() {
    return onCore(() -> new Metrics.Reading(master.stats(), master.forcedT(), machine.sessionCount(), machine.lagMax(),
        machine.outcomes(), jetty.loadsRunning()));
  }

  /** Tells monitors to send no more clients here; those that are here stay. */
  public void stopBeingReady() {
    draining = true;
  }

  /** The operator's desk, from any thread. */
  private final class Desk implements DevicePages.Desk {
    private final DeviceDesk real = new DeviceDesk(master);

    @Override
    public List<DeviceDesk.Device> devices() {
      return onCore(real::devices);
    }

    @Override
    public List<DeviceDesk.Parked> parked(long client) {
      return onCore(() -> real.parked(client));
    }

    @Override
    public void setRevoked(long number, boolean revoked) {
      ServerRuntime.this.<Master.Transacted>done(answer -> real.setRevoked(number, revoked, answer));
    }

    @Override
    public void discard(UUID id) {
      ServerRuntime.this.<Master.Transacted>done(answer -> real.discard(id, answer));
    }

    @Override
    public PushOutcome retry(UUID id, String operator) {
      return ServerRuntime.this.<PushOutcome>done(answer -> real.retry(id, Instant.now(), operator, answer));
    }
  }

  private <T> T done(Consumer<Master.Answer<T>> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    core.execute(() -> work.accept(SchemaInstaller.completing(result)));
    try {
      return result.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RebasisException reason ? reason : e;
    }
  }

  /** What monitors ask. */
  private final class Answers implements JettyServer.Operation {
    @Override
    public String health() {
      Master.Stats stats = onCore(master::stats);
      String status = stats.clockBehindMillis() > 0 ? "clock-behind" : "up";
      return "{\"status\":\"" + status + "\",\"database\":\"" + config.database() + "\",\"t\":" + t() + ",\"sessions\":"
          + onCore(machine::sessionCount) + ",\"queued\":" + stats.queued() + ",\"unforced\":" + stats.unforced() + "}";
    }

    @Override
    public String notReady() {
      if (draining) {
        return "The server is about to stop.";
      }
      long behind = onCore(master::stats).clockBehindMillis();
      return behind > 0 ? "The clock is " + behind + " ms behind the newest transaction." : null;
    }

    @Override
    public String metrics() {
      Metrics ready = metrics;
      return ready == null ? "" : ready.scrape();
    }

    @Override
    public DevicePages.Desk desk() {
      return desk;
    }

    @Override
    public void archive(OutputStream out) {
      long t = t();
      LOG.info("Backing the log up to T {}.", t);
      master.archive(t, out);
    }
  }

  private void tick() {
    Instant now = Instant.now();
    core.execute(() -> {
      machine.tick(now);
      transactions = master.stats().transactions();
    });
    jetty.tick(now);
  }

  private <T> T onCore(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    core.execute(() -> {
      try {
        answer.complete(question.get());
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    try {
      // Nobody answers once the core has ended.
      return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RebasisException reason ? reason : e;
    }
  }

  private static RebasisException broken(Throwable e) {
    return new RebasisException(Keyword.of(":rebasis.error/broken"), ErrorCategory.PROGRAMMING_ERROR,
        "A fault in the server itself: " + e + ". Start it again, and report this.", Map.of(), e);
  }

  /** Says goodbye, lets everything decided become durable, then closes from the outside in. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    timer.shutdownNow();
    if (warmUp != null) {
      warmUp.close();
    }
    onCore(() -> {
      machine.shutDown("The server is shutting down.");
      master.stop();
      return null;
    });
    log.finish(PATIENCE);
    core.finish(PATIENCE);
    out.finish(PATIENCE);
    jetty.close();
    metrics.close();
    master.close();
    if (lock != null) {
      lock.close();
    }
  }
}
