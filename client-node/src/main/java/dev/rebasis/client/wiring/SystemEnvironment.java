package dev.rebasis.client.wiring;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.core.ClientEnvironment;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.conflict.Guard;
import dev.rebasis.conflict.TimeLimit;
import dev.rebasis.journal.Holder;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The system's clock, random source, threads and network. All threads are daemons, and their names begin with
 * {@code rebasis-}. Thread-safe.
 */
public final class SystemEnvironment implements ClientEnvironment {
  /** How long a custom policy or function may take. */
  private static final Duration CUSTOM_LIMIT = Duration.ofSeconds(2);
  /** How long closing waits for a live query that is in the middle of a call. */
  private static final long QUERY_MILLIS_MAX = 2_000;
  private static final long ORIGIN_NANOS = System.nanoTime();

  private final SerialThread sync = new SerialThread("rebasis-sync");
  private final SerialThread storage = new SerialThread("rebasis-storage");
  private final SerialThread notification = new SerialThread("rebasis-notify");
  private final SerialThread queries = new SerialThread("rebasis-query");
  private final OkHttpTransport transport;
  // Made at the first timer: a local database has none. Guarded by this.
  private ScheduledThreadPoolExecutor timers;
  private boolean closed;

  /**
   * Makes an environment.
   *
   * @param server the database's address, or null for a local database
   * @param subprotocol the codec to ask for
   */
  public SystemEnvironment(URI server, String subprotocol) {
    this(server, subprotocol, Credentials.none());
  }

  /** The same with what is to be shown to the server. */
  public SystemEnvironment(URI server, String subprotocol, Credentials credentials) {
    this(server, subprotocol, credentials, null, Tuning.DEFAULT.webSocketAgain(), Trust.OF_JVM);
  }

  /**
   * The same with more about the connection.
   *
   * @param version the program's version, told to the server; null for none
   * @param webSocketAgain after how long by HTTP exchange a WebSocket is tried again
   * @param trust which servers are taken for what they say they are
   */
  public SystemEnvironment(URI server, String subprotocol, Credentials credentials, String version, Duration webSocketAgain,
      Trust trust) {
    this.transport = server == null ? null : new OkHttpTransport(server,
        new OkHttpTransport.Options(subprotocol, version, webSocketAgain, trust), credentials, this::millis);
  }

  /** Who holds a store that this process opens, for whoever finds it open. */
  public static String holder() {
    return Holder.thisProcess(Instant.now());
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long millis() {
    return (System.nanoTime() - ORIGIN_NANOS) / 1_000_000;
  }

  /** Gives ids that nobody has. For any thread. */
  public static Supplier<UUID> newIds() {
    return Ids::newId;
  }

  @Override
  public UUID newId() {
    return Ids.newId();
  }

  /** Loaded at the first use: the secure random source takes a while to start. */
  private static final class Ids {
    private static final SecureRandom SEED = new SecureRandom();
    private static final int BATCH = 64;
    private static final byte[] POOL = new byte[16 * BATCH];
    private static int used = BATCH;

    // A random UUID of version 4 (RFC 9562), from bytes drawn many at a time: one draw costs a lock and a hash.
    static synchronized UUID newId() {
      if (used == BATCH) {
        SEED.nextBytes(POOL);
        used = 0;
      }
      int at = 16 * used++;
      long high = longAt(at) & 0xFFFFFFFFFFFF0FFFL | 0x4000L;
      long low = longAt(at + 8) & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
      return new UUID(high, low);
    }

    private static long longAt(int at) {
      long value = 0;
      for (int i = 0; i < 8; i++) {
        value = value << 8 | POOL[at + i] & 0xFF;
      }
      return value;
    }
  }

  @Override
  public long randomBelow(long bound) {
    return ThreadLocalRandom.current().nextLong(bound);
  }

  @Override
  public Executor syncExecutor() {
    return sync;
  }

  @Override
  public void syncHere(Runnable task) {
    sync.executeHere(task);
  }

  @Override
  public Executor storageExecutor() {
    return storage;
  }

  @Override
  public Executor notificationExecutor() {
    return notification;
  }

  @Override
  public Executor queryExecutor() {
    return queries;
  }

  @Override
  public synchronized void schedule(long millis, Runnable task) {
    if (closed) {
      return;
    }
    if (timers == null) {
      timers = new ScheduledThreadPoolExecutor(1, runnable -> {
        Thread thread = new Thread(runnable, "rebasis-timer");
        thread.setDaemon(true);
        return thread;
      });
      timers.setRemoveOnCancelPolicy(true);
      timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }
    timers.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public Transport transport() {
    return transport;
  }

  @Override
  public Guard guard() {
    // A thread for each call that takes its time, made at the first custom policy or function.
    return new TimeLimit(task -> {
      Thread thread = new Thread(task, "rebasis-custom");
      thread.setDaemon(true);
      thread.start();
    }, CUSTOM_LIMIT);
  }

  @Override
  public void close() {
    ScheduledThreadPoolExecutor ending;
    synchronized (this) {
      closed = true;
      ending = timers;
    }
    if (ending != null) {
      ending.shutdownNow();
    }
    sync.close();
    storage.close();
    queries.close(QUERY_MILLIS_MAX);
    // A stored batch may have given the sync thread's successor tasks; they are dropped.
    notification.close();
    if (transport != null) {
      transport.close();
    }
    if (ending != null) {
      awaitEnd(ending);
    }
  }

  private static void awaitEnd(ScheduledThreadPoolExecutor ending) {
    try {
      ending.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
