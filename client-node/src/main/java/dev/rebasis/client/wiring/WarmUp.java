package dev.rebasis.client.wiring;

import dev.rebasis.client.Durability;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.core.ClientEnvironment;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Keyword;
import dev.rebasis.executor.InlineExecutor;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets the JVM load and compile what coming back runs through, before the first client of the process comes back: a scratch
 * client in memory edits offline and meets a {@link ScriptedServer}, on a thread of its own, for a moment.
 *
 * <p>Why: measured in a fresh process, a third of the time from the first message to the merged view went to the first
 * conflicts, whose code nothing had run before: the first ten decisions took 3 ms each, later ones 0.1 ms.
 *
 * <p>Runs once in a process, some seconds after the first client with a server was opened, and ends with that client.
 * Touches no store, file or socket. Thread-safe.
 */
final class WarmUp implements AutoCloseable {
  /** Programs that end sooner than this after opening a client have no use for it. */
  static final long DELAY_MILLIS = 1_500;

  private static final AtomicBoolean DONE = new AtomicBoolean();
  private static final int ROUNDS = 12;
  private static final int EDITS = 150;
  private static final Duration TIME_MAX = Duration.ofSeconds(4);

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Thread thread;

  private WarmUp() {
    this.thread = new Thread(this::run, "rebasis-warm-up");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  /** Begins unless it was begun in this process before; null then. */
  static WarmUp start() {
    if (!DONE.compareAndSet(false, true)) {
      return null;
    }
    WarmUp warmUp = new WarmUp();
    warmUp.thread.start();
    return warmUp;
  }

  private void run() {
    try {
      rehearse(ROUNDS, stopped);
    } catch (RuntimeException e) {
      // No store of the program is touched by this; whatever is wrong shows there, too.
      System.getLogger(WarmUp.class.getName()).log(Level.WARNING, "The warm-up of the client ended early.", e);
    }
  }

  /**
   * Goes offline, edits, and comes back, so many times.
   *
   * @param stopped asked after each round
   * @return the scratch client's counters at the end
   */
  static Status.Counters rehearse(int rounds, AtomicBoolean stopped) {
    ScriptedServer server = new ScriptedServer();
    Instant until = Instant.now().plus(TIME_MAX);
    try (SyncClient client = ClientCore.open(
        new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT), new Scratch(server))) {
      for (int round = 0; round < rounds && !stopped.get() && Instant.now().isBefore(until); round++) {
        client.goOffline();
        for (int i = 0; i < EDITS; i++) {
          client.transact(List.of(Map.of(ScriptedServer.KEY, ScriptedServer.key(i), ScriptedServer.COUNT, (long) round)));
        }
        client.transact(List.of(List.of(Keyword.of(":db/cas"), List.of(ScriptedServer.KEY, ScriptedServer.key(EDITS)),
            ScriptedServer.COUNT, client.db().entity(
                List.of(ScriptedServer.KEY, ScriptedServer.key(EDITS))).get(ScriptedServer.COUNT), (long) round)));
        server.othersEdit();
        client.goOnline();
        client.db().q("[:find ?k :in $ ?n :where [?e :warm/count ?n] [?e :warm/key ?k]]", (long) round);
      }
      return client.status().counters();
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

  /** Everything on the calling thread; no timer ever fires. */
  private static final class Scratch implements ClientEnvironment {
    private final Executor executor = new InlineExecutor();
    private final Transport transport;

    Scratch(Transport transport) {
      this.transport = transport;
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public long millis() {
      return System.nanoTime() / 1_000_000;
    }

    @Override
    public UUID newId() {
      return UUID.randomUUID();
    }

    @Override
    public long randomBelow(long bound) {
      return ThreadLocalRandom.current().nextLong(bound);
    }

    @Override
    public Executor syncExecutor() {
      return executor;
    }

    @Override
    public Executor storageExecutor() {
      return executor;
    }

    @Override
    public Executor notificationExecutor() {
      return executor;
    }

    @Override
    public void schedule(long millis, Runnable task) {
      // Nothing here takes so long that a timer would matter.
    }

    @Override
    public Transport transport() {
      return transport;
    }

    @Override
    public void close() {
      // there is nothing to end
    }
  }
}
