package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.DatabaseConfig;
import dev.rebasis.server.ServerConfig;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.internal.master.Master;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's databases, its port and its timer. Thread-safe.
 *
 * <p>Threads: those of each database (see {@link ServedDatabase}); the timer ticks; Jetty's own threads read sockets and
 * decode.
 */
public final class ServerRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerRuntime.class);

  private final AtomicBoolean closed = new AtomicBoolean();
  /** By name, in order; replaced as a whole. One that is being excised is not among them. */
  private volatile Map<String, ServedDatabase> databases = Map.of();
  private final Object excising = new Object();
  private final ScheduledExecutorService timer;
  private final JettyServer jetty;
  private final ServerConfig config;
  private final WarmUp warmUp;
  private final Metrics metrics;
  private volatile boolean draining;
  /** Its own lock, since an answer may take long. */
  private final Round<ServedDatabase> tokensChanged = new Round<>();

  private ServerRuntime(ServerConfig config) {
    this.config = config;
    Closer undo = new Closer();
    try {
      metrics = undo.add(new Metrics(names(), this::reading));
      for (DatabaseConfig one : config.databases()) {
        put(undo.add(open(one)));
      }
      timer = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "rebasis-timer"));
      undo.add(timer::shutdownNow);
      jetty = undo.add(JettyServer.start(config, databases.values(), new Answers()));
      warmUp = config.warmUp() ? undo.add(WarmUp.start(warmUpFolder(), this::transactions)) : null;
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

  private ServedDatabase open(DatabaseConfig one) {
    ServedDatabase opened = ServedDatabase.open(one, config.limits(), config.fatal(), metrics.forces(one.name()));
    opened.onExcised(() -> beginAnew(opened));
    return opened;
  }

  /** Null while a database is away. */
  private Metrics.Reading reading(String name) {
    ServedDatabase present = databases.get(name);
    try {
      return present == null ? null : present.reading(loadsRunning(name));
    } catch (RebasisException e) {
      LOG.debug("{} gives no figures: {}", name, e.getMessage());
      return null;
    }
  }

  /** In the order of the configuration. */
  private void put(ServedDatabase database) {
    Map<String, ServedDatabase> all = new HashMap<>(databases);
    all.put(database.name(), database);
    Map<String, ServedDatabase> ordered = new LinkedHashMap<>();
    config.databases().stream().map(DatabaseConfig::name).filter(all::containsKey)
        .forEach(name -> ordered.put(name, all.get(name)));
    databases = ordered;
  }

  private void remove(String name) {
    Map<String, ServedDatabase> left = new LinkedHashMap<>(databases);
    left.remove(name);
    databases = left;
  }

  /**
   * Excises what a database was asked to: it is closed, its log is written anew, and it is opened again. The others go on.
   *
   * @return how many facts went
   * @throws RebasisException if it cannot be done; the database goes on as it was
   */
  public long excise(String name) {
    synchronized (excising) {
      ServedDatabase old = of(name);
      DatabaseConfig one = old.config();
      if (one.datomic() != null) {
        return old.exciseInDatomic();
      }
      if (one.data() == null) {
        throw new RebasisException(Keyword.of(":rebasis.error/cannot-excise"), ErrorCategory.FIX_REQUEST, "The database '"
            + name + "' has no log of its own: one in memory is gone at the end.");
      }
      jetty.pages(name).away();
      remove(name);
      try {
        leave(old);
        return new LogTool(one.data()).excise();
      } finally {
        again(one);
      }
    }
  }

  /**
   * Datomic has excised: what was derived from a database is made anew, and whoever is connected comes back and loads. On a thread of its
   * own, since it is found out on the database's core, which ends with it.
   */
  private void beginAnew(ServedDatabase old) {
    Thread thread = new Thread(() -> {
      synchronized (excising) {
        if (closed.get() || databases.get(old.name()) != old) {
          return;
        }
        LOG.info("Facts were excised from {}: it is away for a moment, and its clients load anew.", old.name());
        jetty.pages(old.name()).away();
        remove(old.name());
        try {
          leave(old);
        } finally {
          again(old.config());
        }
      }
    }, "rebasis-excised");
    thread.setDaemon(true);
    thread.start();
  }

  private static void leave(ServedDatabase database) {
    try {
      database.finish();
    } finally {
      database.close();
    }
  }

  private void again(DatabaseConfig one) {
    if (closed.get()) {
      return;
    }
    try {
      ServedDatabase fresh = open(one);
      put(fresh);
      jetty.pages(one.name()).back(fresh);
    } catch (RuntimeException e) {
      config.fatal().accept(e instanceof RebasisException known ? known : ServedDatabase.broken(e));
      throw e;
    }
  }

  /** In the folder of the first database that has one; null if none has. */
  private Path warmUpFolder() {
    return config.databases().stream().map(DatabaseConfig::data).filter(Objects::nonNull).findFirst()
        .map(folder -> folder.toAbsolutePath().resolve("warm-up")).orElse(null);
  }

  private long transactions() {
    return databases.values().stream().mapToLong(ServedDatabase::transactions).sum();
  }

  private int loadsRunning(String database) {
    JettyServer started = jetty;
    return started == null ? 0 : started.pages(database).loadsRunning();
  }

  /** The port that it listens on. */
  public int port() {
    return jetty.port();
  }

  /** The names of the databases, the first one first. */
  public List<String> names() {
    return config.databases().stream().map(DatabaseConfig::name).toList();
  }

  /** Whether a database of this server is not away. */
  boolean isThere(String name) {
    return databases.containsKey(name);
  }

  /**
   * A database of this server.
   *
   * @throws RebasisException {@code :rebasis.error/database-away} while it is being excised
   * @throws IllegalArgumentException for a name that this server does not have
   */
  ServedDatabase of(String name) {
    checkKnown(name);
    ServedDatabase database = databases.get(name);
    if (database == null) {
      throw DatabasePages.away(name);
    }
    return database;
  }

  private void checkKnown(String name) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException("This server has no database '" + name + "'; it has " + names() + ".");
    }
  }

  /** Where clients of a database connect, also while it is away. */
  public URI uri(String database) {
    checkKnown(database);
    String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
    return URI.create(
        (config.tls() == null ? "http://" : "https://") + host + ":" + port() + "/db/" + database);
  }

  /** Completes when the warm-up has ended, with the time it took; at once, with zero, if none was wanted. */
  public CompletableFuture<Duration> warmedUp() {
    return warmUp == null ? CompletableFuture.completedFuture(Duration.ZERO) : warmUp.done();
  }

  /** The T of the newest durable transaction of a database. */
  public long t(String database) {
    return of(database).t();
  }

  /** Datomic's value of a database as of its newest durable transaction. */
  public datomic.Database database(String database) {
    return of(database).database();
  }

  /** Goes by other access rules from now on, for those who are connected too. */
  public void access(String database, AccessRules rules) {
    checkKnown(database);
    // Whoever comes goes by these, also while the database is away.
    jetty.pages(database).access(rules);
    ServedDatabase present = databases.get(database);
    if (present != null) {
      present.accessChanged(rules);
    }
  }

  /**
   * Lets requests in by another authenticator from now on; sessions end, and come back by it.
   *
   * @throws RebasisException if a database does not answer; to be called again with the same one then, which leaves the others alone
   */
  public void authenticator(Authenticator other) {
    for (DatabaseConfig one : config.databases()) {
      jetty.pages(one.name()).authenticator(other);
    }
    synchronized (tokensChanged) {
      tokensChanged.tell(other, databases.values(), database -> database.tokensChanged(other));
    }
  }

  /** Speaks TLS with other keys from now on. */
  public void tls(ServerConfig.Tls keys) {
    jetty.tls(keys);
  }

  /** Commits a transaction of this program. */
  public CompletableFuture<Master.Transacted> transact(String database, List<?> forms) {
    return of(database).transact(forms);
  }

  /** Whether its end has begun. */
  boolean isClosed() {
    return closed.get();
  }

  /** Tells monitors to send no more clients here; those that are here stay. */
  public void stopBeingReady() {
    draining = true;
  }

  /** What monitors ask. */
  private final class Answers implements JettyServer.Operation {
    @Override
    public String health() {
      List<String> each = databases.values().stream().map(this::health).toList();
      if (config.databases().size() == 1 && each.size() == 1) {
        return each.get(0);
      }
      String status = Stream.of("log-failed", "clock-behind", "transactor-unavailable", "disk-full", "busy")
          .filter(bad -> each.stream().anyMatch(one -> one.contains("\"status\":\"" + bad + "\""))).findFirst()
          .orElse(each.size() < config.databases().size() ? "away" : "up");
      return "{\"status\":\"" + status + "\",\"databases\":" + each.stream().collect(Collectors.joining(",", "[", "]")) + "}";
    }

    /** One that cannot answer is told of like the others. */
    private String health(ServedDatabase database) {
      try {
        return database.health();
      } catch (RebasisException e) {
        LOG.debug("{} does not say how it is: {}", database.name(), e.getMessage());
        return "{\"status\":\"" + (e.code() == CoreCalls.BUSY ? "busy" : "away") + "\",\"database\":\"" + database.name() + "\"}";
      }
    }

    @Override
    public String notReady() {
      if (draining) {
        return "The server is about to stop.";
      }
      return names().stream().map(this::notReady).filter(Objects::nonNull).findFirst().orElse(null);
    }

    private String notReady(String name) {
      ServedDatabase database = databases.get(name);
      try {
        return database == null ? "The database '" + name + "' is away while facts are excised from it." : database.notReady();
      } catch (RebasisException e) {
        return e.getMessage();
      }
    }

    @Override
    public long excise(String database) {
      return ServerRuntime.this.excise(database);
    }

    @Override
    public String metrics() {
      return metrics.scrape();
    }
  }

  /** What one look throws must not end all further ones, which the timer would do without a word. */
  private void tick() {
    try {
      tick(Instant.now());
    } catch (RuntimeException | Error e) {
      LOG.error("A fault while the server looked after its connections and disks; it looks again in a second.", e);
    }
  }

  /** Time goes on; to be called about once a second. */
  void tick(Instant now) {
    databases.values().forEach(database -> database.tick(now));
    jetty.tick(now);
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
    // An excision under way leaves its database closed.
    synchronized (excising) {
      databases.values().forEach(ServedDatabase::finish);
      jetty.close();
      metrics.close();
      databases.values().forEach(ServedDatabase::close);
    }
  }
}
