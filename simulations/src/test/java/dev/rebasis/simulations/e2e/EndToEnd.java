package dev.rebasis.simulations.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Peer;
import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Database;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Opened;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A real server and real clients on real sockets and folders, for one test. Waits by futures, never by the clock. */
final class EndToEnd implements AutoCloseable {
  /** Far more than anything takes on a busy machine; reached only if something hangs. */
  static final Duration PATIENCE = Duration.ofSeconds(90);

  static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/due :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
       {:db/ident :order/tags :db/valueType :db.type/keyword :db/cardinality :db.cardinality/many}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";

  private final Path folder;
  private final Map<String, SyncClient> clients = new LinkedHashMap<>();
  private final Opened opened = new Opened();
  private RebasisServer server;

  EndToEnd(Path folder) {
    this.folder = folder;
    startServer(0);
  }

  private void startServer(int port) {
    server = RebasisServer.builder().data(folder.resolve("server")).database("orders").port(port)
        .schema("orders", SCHEMA).start();
  }

  RebasisServer server() {
    return server;
  }

  /** Stops the server in order and starts it on the same folder and port. */
  void restartServer() {
    int port = stopServer();
    startServer(port);
  }

  int stopServer() {
    int port = server.port();
    server.close();
    return port;
  }

  void startServerAgain(int port) {
    startServer(port);
  }

  SyncClient open(String name, boolean json) {
    ClientBuilder builder = SyncClient.builder().store(folder.resolve(name)).server(server.uri());
    SyncClient client = (json ? builder.readableMessages() : builder).open();
    clients.put(name, opened.client(name, client));
    // The schema is there then.
    get(client.sync());
    return client;
  }

  /** Waits for a future as long as patience lasts. */
  static <T> T get(Future<T> future) {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("nothing came in " + PATIENCE.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  static void await(SyncClient client, ConnectionState state) {
    CompletableFuture<Status> reached = new CompletableFuture<>();
    try (SyncClient.Subscription watching = client.onStateChange(status -> {
      if (status.state() == state) {
        reached.complete(status);
      }
    })) {
      if (client.status().state() != state) {
        get(reached);
      }
    }
  }

  /** All clients catch up, and hold the server's datoms one by one. */
  void assertAgreement() {
    // Once for everyone's own transactions, once more for those of the others.
    clients.values().forEach(client -> get(client.sync()));
    clients.values().forEach(client -> get(client.sync()));
    Set<String> expected = datoms(server.database());
    for (SyncClient client : clients.values()) {
      assertSame("confirmed", datoms(client.confirmed()), expected);
      assertSame("optimistic", datoms(client.db()), expected);
    }
  }

  private static void assertSame(String what, Set<String> found, Set<String> expected) {
    Set<String> extra = new TreeSet<>(found);
    extra.removeAll(expected);
    Set<String> missing = new TreeSet<>(expected);
    missing.removeAll(found);
    assertThat(extra).as(what + " datoms that the server has not").isEmpty();
    assertThat(missing).as(what + " datoms that only the server has").isEmpty();
  }

  static Set<String> datoms(Database db) {
    Set<String> all = new TreeSet<>();
    for (Datom datom : db.datoms(IndexOrder.EAVT)) {
      all.add(datom.e() + " " + datom.a() + " " + datom.v() + " " + datom.tx());
    }
    return all;
  }

  static Set<String> datoms(datomic.Database db) {
    Set<String> all = new TreeSet<>();
    for (datomic.Datom datom : db.datoms(datomic.Database.EAVT)) {
      all.add(datom.e() + " " + datom.a() + " " + plain(datom.v()) + " " + datom.tx());
    }
    return all;
  }

  private static Object plain(Object value) {
    if (value instanceof Date date) {
      return date.toInstant();
    } else if (value instanceof clojure.lang.Keyword keyword) {
      return Keyword.of(keyword.toString());
    } else if (value instanceof byte[] bytes) {
      return Bytes.of(bytes);
    } else if (value instanceof List<?> tuple) {
      return tuple.stream().map(EndToEnd::plain).toList();
    }
    return value;
  }

  /** A number that a query on Datomic itself gives, 0 for none. */
  long serverNumber(String query) {
    Object found = Peer.query(query, server.database());
    return found == null ? 0 : ((Number) found).longValue();
  }

  /** Closes a client at once, whatever it does. */
  void close(String name) {
    opened.forget(name);
    clients.remove(name).close();
  }

  /** Looks into the clients, which must be idle, and closes all. */
  @Override
  public void close() {
    try (RebasisServer last = server) {
      opened.close();
    }
  }
}
