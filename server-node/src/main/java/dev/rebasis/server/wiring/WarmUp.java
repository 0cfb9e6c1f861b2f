package dev.rebasis.server.wiring;

import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionLimits;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Lets the JVM compile what a push runs through, before the first client comes: a made-up client ({@link WarmUpClient})
 * pushes to a scratch server, all of it but sockets, with its log in a scratch folder, on a thread of its own, until the
 * JVM has little left to compile.
 *
 * <p>Why: measured, a server's first 10,000 transactions cost it five to seven times what later ones do, and the first
 * hundred some 10 ms each; the clients that wait longest to reconnect are those of a server that was just started again.
 * Why the whole way and not deciding alone: what it leaves out is compiled while the first clients wait, which took as
 * much processor time as deciding their transactions.
 *
 * <p>Ends early when real transactions arrive in number, since they warm up as well. Thread-safe.
 */
final class WarmUp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
  private static final int TRANSACTIONS_MIN = 20_000;
  private static final int TRANSACTIONS_MAX = 60_000;
  private static final int ROUND = 6_000;
  private static final Duration TIME_MAX = Duration.ofSeconds(30);
  /** So many real transactions end it. */
  private static final int REAL_MAX = 500;
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  /** Of the time between two looks, the JVM may spend so much on compiling for it to have little left. */
  private static final double CALM_SHARE = 0.2;

  static final String SCHEMA = """
      [{:db/ident :warm/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :warm/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :warm/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :warm/at :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
       {:db/ident :warm/other :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}]""";

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final CompletableFuture<Duration> done = new CompletableFuture<>();
  private final Path folder;
  private final LongSupplier realTransactions;
  private final Thread thread;
  private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();

  private Instant looked = Instant.EPOCH;
  private long compiledMillis;
  private boolean calm;

  private WarmUp(Path folder, LongSupplier realTransactions) {
    this.folder = folder;
    this.realTransactions = realTransactions;
    this.thread = new Thread(this::run, "rebasis-warm-up");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  /**
   * Begins.
   *
   * @param folder where the scratch log goes; emptied before, gone afterwards. Null for a log in memory
   * @param realTransactions how many the real master has committed since the start; any thread
   */
  static WarmUp start(Path folder, LongSupplier realTransactions) {
    WarmUp warmUp = new WarmUp(folder, realTransactions);
    warmUp.thread.start();
    return warmUp;
  }

  /** Completes when it has ended, with the time it took. */
  CompletableFuture<Duration> done() {
    return done.copy();
  }

  private void run() {
    Instant begin = Instant.now();
    try {
      clear();
      exercise(begin);
    } catch (IOException | RuntimeException e) {
      // The real database is not touched by this; whatever is wrong shows there, too.
      LOG.warn("The warm-up ended early: {}", e.toString());
    } finally {
      clearAtEnd();
    }
    done.complete(Duration.between(begin, Instant.now()));
  }

  /** Round after round, each from its opening to its close: what only these run through would undo what was compiled. */
  private void exercise(Instant begin) throws IOException {
    long pushed = 0;
    // Its sessions are logged like any other: nobody is to take them for a client's.
    try (MDC.MDCCloseable about = MDC.putCloseable(LogKeys.DATABASE, "(warm-up)")) {
      while (goOn(begin, pushed)) {
        pushed += round(begin);
        clear();
      }
    }
    LOG.debug("Warmed up with {} transactions.", pushed);
  }

  private long round(Instant begin) throws IOException {
    InlineExecutor executor = new InlineExecutor();
    String log = folder == null ? null : Files.createDirectories(folder).resolve("log").toString();
    MasterSetup setup = new MasterSetup(log, "(warm-up)", Clock.systemUTC(), UUID::randomUUID, executor, executor,
        this::ended, (done, total) -> { });
    try (EmbeddedMaster master = EmbeddedMaster.open(setup)) {
      master.transact((List<?>) Edn.read(SCHEMA), new SchemaAnswer());
      ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT);
      WarmUpClient client = new WarmUpClient(machine, reason -> stopped.set(true));
      while (client.pushed() < ROUND && isWanted(begin)) {
        client.push(master.forcedT());
        machine.tick(Instant.now());
      }
      client.leave();
      return client.pushed();
    }
  }

  private boolean isWanted(Instant begin) {
    look(Instant.now());
    return !stopped.get() && realTransactions.getAsLong() < REAL_MAX
        && Duration.between(begin, looked).compareTo(TIME_MAX) < 0;
  }

  private boolean goOn(Instant begin, long pushed) {
    return isWanted(begin) && (pushed < TRANSACTIONS_MIN || !calm && pushed < TRANSACTIONS_MAX);
  }

  /** A JVM that does not tell how long it compiles counts as calm. */
  private void look(Instant now) {
    Duration since = Duration.between(looked, now);
    if (since.compareTo(LOOK_EVERY) > 0) {
      long compiled = compiler == null || !compiler.isCompilationTimeMonitoringSupported() ? 0
          : compiler.getTotalCompilationTime();
      calm = compiled - compiledMillis < since.toMillis() * CALM_SHARE;
      compiledMillis = compiled;
      looked = now;
    }
  }

  private void ended(RebasisException reason) {
    LOG.debug("The warm-up ends: {}", reason.getMessage());
    stopped.set(true);
  }

  private void clearAtEnd() {
    try {
      clear();
    } catch (IOException e) {
      LOG.warn("The scratch folder {} of the warm-up cannot be deleted ({}); the next start will try again.", folder,
          e.toString());
    }
  }

  private void clear() throws IOException {
    if (folder == null || !Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() {
    stopped.set(true);
    try {
      thread.join(Duration.ofSeconds(5).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** That the schema was committed is all that is wanted. */
  private static final class SchemaAnswer implements Master.Answer<Master.Transacted> {
    @Override
    public void done(Master.Transacted result) {
      LOG.trace("The warm-up has its schema.");
    }

    @Override
    public void refused(RebasisException reason) {
      throw reason;
    }
  }
}
