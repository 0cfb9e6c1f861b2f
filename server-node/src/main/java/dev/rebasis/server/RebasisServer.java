package dev.rebasis.server;

import datomic.Database;
import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.wiring.ServerRuntime;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A running server. It has one database or several; methods that name none are about the first. While a database is being excised
 * it is away for some seconds: what reads it or writes to it throws {@code :rebasis.error/database-away} then. Thread-safe.
 *
 * <pre>{@code
 * try (RebasisServer server = RebasisServer.builder().data(Path.of("orders-data")).database("orders").start()) {
 *   server.transact("[{:order/number \"A-1\"}]").join();
 *   server.uri();                                  // http://127.0.0.1:<port>/db/orders
 * }
 * }</pre>
 */
public final class RebasisServer implements AutoCloseable {
  private final ServerRuntime runtime;

  private RebasisServer(ServerRuntime runtime) {
    this.runtime = runtime;
  }

  /** Begins a configuration. */
  public static Builder builder() {
    return new Builder();
  }

  /** The port that it listens on. */
  public int port() {
    return runtime.port();
  }

  /** The names of the databases, the first one first. */
  public List<String> names() {
    return runtime.names();
  }

  /** Where clients connect: {@code http://host:port/db/name}. */
  public URI uri() {
    return uri(names().get(0));
  }

  /** Where clients of the database with this name connect. */
  public URI uri(String name) {
    return runtime.uri(name);
  }

  /** The T of the newest durable transaction. */
  public long t() {
    return t(names().get(0));
  }

  /** The T of the newest durable transaction of the database with this name. */
  public long t(String name) {
    return runtime.t(name);
  }

  /** Datomic's own value of the database as of {@link #t()}, to query beside the clients. */
  public Database database() {
    return database(names().get(0));
  }

  /** The same of the database with this name. */
  public Database database(String name) {
    return runtime.database(name);
  }

  /** Completes when the warm-up has ended, with the time it took; at once, with zero, if none was wanted. */
  public CompletableFuture<Duration> warmedUp() {
    return runtime.warmedUp();
  }

  /**
   * Goes by other access rules from now on. Sessions that are open go on by them; what their users may no longer see is
   * withdrawn from their clients.
   */
  public void access(AccessRules rules) {
    access(names().get(0), rules);
  }

  /** The same for the database with this name. */
  public void access(String name, AccessRules rules) {
    runtime.access(name, rules);
  }

  /**
   * Tells by another authenticator whom a token stands for from now on. All sessions end, since their tokens may be good no
   * more; clients whose tokens are good come back by themselves.
   *
   * @throws RebasisException if a database does not answer in time; all others have taken it up then. To be called again with the
   *     same authenticator, which tells only those that have not
   */
  public void authenticator(Authenticator who) {
    runtime.authenticator(who);
  }

  /**
   * Speaks TLS with other certificates and another key from now on, as {@link Builder#tls}; connections that are open stay.
   *
   * @throws RebasisException if they cannot be used, or the server was started without TLS; nothing has changed then
   */
  public void tls(String certificates, String key) {
    runtime.tls(new ServerConfig.Tls(certificates, key));
  }

  /**
   * Commits a transaction of this program; clients get it like any other.
   *
   * @param forms list and map forms as plain data (as {@link Edn#read} gives them); of functions only Datomic's own
   * @return completes when the transaction is durable, or with a {@link RebasisException}
   */
  public CompletableFuture<Result> transact(List<?> forms) {
    return transact(names().get(0), forms);
  }

  /** The same to the database with this name. */
  public CompletableFuture<Result> transact(String name, List<?> forms) {
    return runtime.transact(name, forms)
        .thenApply(done -> new Result(done.transaction(), done.tempids()));
  }

  /** Commits a transaction given as EDN text, one vector of forms. */
  public CompletableFuture<Result> transact(String edn) {
    try {
      return transact((List<?>) Edn.read(edn));
    } catch (RebasisException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Excises what the database with this name was asked to ({@code :db/excise}). It is away meanwhile, its clients come back by
   * themselves and load everything anew; other databases go on. Blocks until done.
   *
   * @return how many facts went
   * @throws RebasisException if it cannot be done; the database goes on as it was
   */
  public long excise(String name) {
    return runtime.excise(name);
  }

  /**
   * Has {@code /ready} say no from now on, so that load balancers send no more clients; those that are here stay until
   * {@link #close()}.
   */
  public void stopBeingReady() {
    runtime.stopBeingReady();
  }

  /** Says goodbye to all clients, makes everything durable and closes. Blocks until done; may be called twice. */
  @Override
  public void close() {
    runtime.close();
  }

  /**
   * What a transaction of this program became.
   *
   * @param transaction with its T and datoms
   * @param tempids the entity ids by string tempid
   */
  public record Result(Transaction transaction, Map<String, Long> tempids) {}

  /** Collects the configuration. Confined. */
  public static final class Builder {
    private final DatabaseSettings first = new DatabaseSettings();
    private final Map<String, DatabaseSettings> further = new LinkedHashMap<>();
    private String host = "127.0.0.1";
    private Set<String> allowedHosts = Set.of();
    private int port;
    private String database;
    private boolean warmUp;
    private Authenticator authenticator = Authenticator.anyone();
    private AccessRules access = AccessRules.NONE;
    private ServerConfig.Tls tls;
    private Consumer<RebasisException> fatal = ServerRuntime::endProcess;

    private ServerLimits limits = ServerLimits.DEFAULT;

    private Builder() {}

    /** Keeps the log in this folder. Without it, everything is in memory only and lost at the end. */
    public Builder data(Path folder) {
      first.data(folder);
      return this;
    }

    /** Keeps everything in memory only. */
    public Builder inMemory() {
      first.data(null);
      return this;
    }

    /** Keeps the database in Datomic: see {@link DatabaseSettings#datomic}. */
    public Builder datomic(String uri) {
      first.datomic(uri);
      return this;
    }

    /**
     * Serves a further database; the first one is not served if nothing is said of it.
     *
     * @param name its name in URLs
     * @param settings told what to set
     */
    public Builder database(String name, Consumer<DatabaseSettings> settings) {
      DatabaseSettings one = new DatabaseSettings();
      settings.accept(one);
      if (further.putIfAbsent(name, one) != null) {
        throw new IllegalArgumentException("Two databases are called '" + name + "'.");
      }
      return this;
    }

    /** The address to listen on, by default {@code 127.0.0.1}. */
    public Builder host(String address) {
      this.host = address;
      return this;
    }

    /**
     * Names, without port, by which requests may call the server though it asks for no tokens, such as that of a machine or of a proxy.
     * It answers to addresses, {@code localhost} and the {@link #host} in any case, and with tokens to every name.
     */
    public Builder allowedHosts(Collection<String> names) {
      this.allowedHosts = Set.copyOf(names);
      return this;
    }

    /** The port to listen on; 0, the default, takes a free one. */
    public Builder port(int number) {
      this.port = number;
      return this;
    }

    /** The name of the first database in its URL, by default {@code main}. What else is said here of a database is said of it. */
    public Builder database(String name) {
      this.database = name;
      return this;
    }

    /**
     * Adds a schema.
     *
     * @param name what to call it in messages
     * @param edn one or more vectors of forms, each transacted at the start if it would change anything
     */
    public Builder schema(String name, String edn) {
      first.schema(name, edn);
      return this;
    }

    /**
     * Whether to let the JVM compile what a push runs through, on a scratch database in memory, for some seconds after the
     * start; by default not. The first thousands of transactions of a server are several times as slow without it.
     */
    public Builder warmUp(boolean wanted) {
      this.warmUp = wanted;
      return this;
    }

    /**
     * Registers a policy of the program's own, under the name and version that clients have it under. It is called on a
     * thread of its own and may take 2 seconds; while it runs nothing else is decided.
     */
    public Builder register(String name, long version, CustomPolicy policy) {
      first.register(name, version, policy);
      return this;
    }

    /** Registers a transaction function and so allows it. Called like a policy. */
    public Builder register(String name, TransactionFunction function) {
      first.register(name, function);
      return this;
    }

    /**
     * Which policies a pushed transaction may ask for; by default all that are registered and Rebasis's own. The schema's
     * policies always apply. {@link #start} refuses a name that is neither registered nor Rebasis's own.
     */
    public Builder allowPolicies(Set<Keyword> names) {
      first.allowPolicies(names);
      return this;
    }

    /**
     * Calls every registered policy and transaction function twice and parks what answers differently. For tests: it finds
     * those that look at a clock, at random numbers or at anything else than what they are given.
     */
    public Builder callsTwice() {
      first.callsTwice();
      return this;
    }

    /**
     * Lets pushed transactions call functions that are written as Datomic's database functions ({@code :db/fn}); by default
     * there are none. They are called like those of {@link #register(String, TransactionFunction)}, with Datomic's own
     * database value first; clients do not have them and leave the prediction to the server.
     *
     * @param name what to call the text in messages
     * @param edn a vector of maps with {@code :db/ident} and {@code :db/fn #db/fn {...}}
     */
    public Builder databaseFunctions(String name, String edn) {
      first.databaseFunctions(name, edn);
      return this;
    }

    /** Tells whom a client's token stands for; by default everyone is let in, without a name. */
    public Builder authenticator(Authenticator who) {
      this.authenticator = who;
      return this;
    }

    /** Speaks TLS with these certificates (PEM) and this private key (PEM, PKCS#8); the URI is then {@code https}. */
    public Builder tls(String certificates, String key) {
      this.tls = new ServerConfig.Tls(certificates, key);
      return this;
    }

    /** What users may see and write, by their roles, in each database that has no rules of its own; by default everything. */
    public Builder access(AccessRules byRole) {
      this.access = byRole;
      return this;
    }

    /** What clients may do at most, in each database. */
    public Builder limits(ServerLimits atMost) {
      this.limits = atMost;
      return this;
    }

    /**
     * What to do after a fault in the server itself; by default the process ends with status 70. A log that can no longer be
     * written is none: everything durable can be read then, and nothing is decided until the next start.
     */
    public Builder onFatal(Consumer<RebasisException> handler) {
      this.fatal = handler;
      return this;
    }

    /**
     * Starts the server. Blocks until the log is replayed and the port is open.
     *
     * @throws RebasisException if it cannot start; nothing is left open then
     */
    public RebasisServer start() {
      List<DatabaseConfig> databases = new ArrayList<>();
      if (database != null || first.isTouched() || further.isEmpty()) {
        databases.add(first.build(database == null ? "main" : database, access));
      }
      further.forEach((name, settings) -> databases.add(settings.build(name, access)));
      return new RebasisServer(
          ServerRuntime.start(new ServerConfig(host, port, databases, authenticator, tls, warmUp, fatal, limits, allowedHosts)));
    }
  }
}
