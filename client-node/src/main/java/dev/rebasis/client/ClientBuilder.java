package dev.rebasis.client;

import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.core.WantedScopes;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.client.wiring.SnapshotLoad;
import dev.rebasis.client.wiring.SystemEnvironment;
import dev.rebasis.client.wiring.Trust;
import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.Rules;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Describes a client; {@link SyncClient#builder()} begins. Confined to one thread. */
public final class ClientBuilder {
  private Path folder;
  private boolean inMemory;
  private Path snapshot;
  private URI server;
  private Durability durability = Durability.POWER_LOSS;
  private Tuning tuning = Tuning.DEFAULT;
  private boolean json;
  private String version;
  private Trust trust = Trust.OF_JVM;
  private Credentials credentials = Credentials.none();
  private final Map<String, QueryFunction> functions = new HashMap<>();
  private final Set<Class<?>> classes = new HashSet<>();
  private final Map<Keyword, PolicyRef> policies = new HashMap<>();
  private final Rules.Builder rules = Rules.builder();
  private final List<ScopeSpec> scopes = new ArrayList<>();
  private WantedScopes wanted = WantedScopes.AS_HELD;

  ClientBuilder() {}

  /** The folder of the store; it is made if missing. One process at a time owns it. */
  public ClientBuilder store(Path folder) {
    this.folder = Objects.requireNonNull(folder, "folder");
    this.inMemory = false;
    return this;
  }

  /** Keeps the store in memory: everything is lost when the client is closed. */
  public ClientBuilder inMemory() {
    this.inMemory = true;
    this.folder = null;
    return this;
  }

  /**
   * A file to fill the store with if it holds nothing confirmed yet: what {@code GET /db/NAME/snapshot} of the server
   * answered, in CBOR, compressed or not. The client then goes on from there. {@link #open} takes a few seconds for a
   * million datoms; once the store is filled, the file is not looked at. Only with {@link #store(Path)}.
   */
  public ClientBuilder snapshot(Path file) {
    this.snapshot = Objects.requireNonNull(file, "file");
    return this;
  }

  /**
   * The database to sync with, for example {@code http://localhost:8484/db/orders} ({@code ws:}, {@code wss:},
   * {@code http:} or {@code https:}). Without one the client is a local database; a later run may name one.
   */
  public ClientBuilder server(URI database) {
    this.server = database;
    return this;
  }

  /** What to show to the server, for example {@code Credentials.bearer(token)}; by default nothing. */
  public ClientBuilder credentials(Credentials credentials) {
    this.credentials = Objects.requireNonNull(credentials, "credentials");
    return this;
  }

  /**
   * Certificates that the server may show or have its own signed by, beside those that the JVM trusts: of a company's own
   * authority, or the server's own. The host's name or address must stand in the server's certificate all the same.
   *
   * @param pem a file of one or several certificates in PEM, read now
   * @throws RebasisException {@code :rebasis.error/wrong-certificates} if it holds none
   */
  public ClientBuilder trust(Path pem) {
    this.trust = Trust.of(pem);
    return this;
  }

  /** What a transaction survives; default {@link Durability#POWER_LOSS}. */
  public ClientBuilder durability(Durability durability) {
    this.durability = Objects.requireNonNull(durability, "durability");
    return this;
  }

  /** Limits and delays; default {@link Tuning#DEFAULT}. */
  public ClientBuilder tuning(Tuning tuning) {
    this.tuning = Objects.requireNonNull(tuning, "tuning");
    return this;
  }

  /**
   * The policy by which this client wants conflicts about an attribute settled; it goes before the schema's, as far as
   * the server's operator allows it.
   *
   * @param attribute for example {@code ":order/note"}
   * @param policy one of {@link dev.rebasis.conflict.Policies}
   */
  public ClientBuilder policy(String attribute, PolicyRef policy) {
    policies.put(Keyword.of(attribute), Objects.requireNonNull(policy, "policy"));
    return this;
  }

  /**
   * Registers a policy of the program's own; the server needs the same under this name and version. It is called on any
   * thread and may take 2 seconds.
   */
  public ClientBuilder register(String name, long version, CustomPolicy policy) {
    rules.policy(Keyword.of(name), version, policy);
    return this;
  }

  /** Registers a transaction function; the server needs the same under this name. Called like a policy. */
  public ClientBuilder register(String name, TransactionFunction function) {
    rules.function(Keyword.of(name), function);
    return this;
  }

  /**
   * Calls every registered policy and transaction function twice and parks what answers differently. For tests: it finds
   * those that look at a clock, at random numbers or at anything else than what they are given.
   */
  public ClientBuilder callsTwice() {
    rules.callsTwice();
    return this;
  }

  /**
   * Holds a part of the database and not all of it. May be called several times: what is in one of the scopes is held.
   * Without it a store goes on with the scopes that it has, or with all of the database if it is new.
   */
  public ClientBuilder scope(Scope scope) {
    scopes.removeIf(other -> other.name().equals(scope.name()));
    scopes.add(scope.spec());
    wanted = WantedScopes.of(scopes);
    return this;
  }

  /** Holds all of the database again that the user may see, though the store may have scopes: it is loaded anew then. */
  public ClientBuilder wholeDatabase() {
    scopes.clear();
    wanted = WantedScopes.ALL;
    return this;
  }

  /** Speaks readable JSON instead of compact CBOR, to watch the messages. */
  public ClientBuilder readableMessages() {
    this.json = true;
    return this;
  }

  /**
   * Lets queries call a function of the program's own, in {@code :where}, as an aggregate in {@code :find}, and in
   * {@code :xform} of pull patterns.
   *
   * @param name as queries write it, for example {@code my.shop/discount}; a namespace keeps it apart from the
   *     built-in functions, which it would replace
   */
  public ClientBuilder function(String name, QueryFunction function) {
    functions.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(function, "function"));
    return this;
  }

  /**
   * Lets queries call the public methods and constructors of a class, as in {@code [(my.Shop/discount ?x) ?y]}, where
   * only those of some value classes of the JDK can be called otherwise. A query that comes from elsewhere can call
   * them too, so add none with effects.
   */
  public ClientBuilder queryClass(Class<?> type) {
    classes.add(Objects.requireNonNull(type, "type"));
    return this;
  }

  /**
   * The version of this program, for servers that demand a minimum ({@code serve --min-client-version}); by default none is
   * told.
   *
   * @param number numbers with dots between them, for example {@code 2.10.1}
   */
  public ClientBuilder version(String number) {
    if (!number.matches("\\d{1,9}(\\.\\d{1,9}){0,5}")) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR,
          "A version is numbers with dots between them, such as 2.10.1, not '" + number + "'.");
    }
    version = number;
    return this;
  }

  /**
   * Opens the store, and begins to connect if there is a server. Does not wait for the connection.
   *
   * @throws dev.rebasis.error.RebasisException if the store cannot be opened: it is of another version, damaged, or
   *     open elsewhere; {@code :rebasis.error/snapshot-unreadable} if its snapshot cannot be loaded; or if the settings
   *     contradict each other
   */
  public SyncClient open() {
    if (folder == null && !inMemory) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR,
          "A client needs a place for its data: call store(folder) or inMemory() before open().");
    }
    if (snapshot != null && inMemory) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR,
          "A snapshot is loaded into a store on the disk: call store(folder) instead of inMemory().");
    }
    StoreFiles files = inMemory ? StoreFiles.inMemory() : StoreFiles.folder(folder, SystemEnvironment.holder());
    if (snapshot != null) {
      SnapshotLoad.intoNew(snapshot, files, durability);
    }
    return ClientCore.open(
        new ClientConfig(
            files, durability, tuning, new QueryExtensions(functions, classes), rules.build(), policies, wanted),
        new SystemEnvironment(server, json ? Subprotocols.JSON : Subprotocols.CBOR, credentials, version,
            tuning.webSocketAgain(), trust));
  }
}
