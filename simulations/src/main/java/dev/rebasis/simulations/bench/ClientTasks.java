package dev.rebasis.simulations.bench;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The tasks that need one client. Each runs in a fresh JVM. */
final class ClientTasks {
  private static final int WARM_UP = 200;
  private static final int ENTITIES_PER_LOAD = 100;
  private static final long WAIT_SECONDS_MAX = 300;

  private ClientTasks() {}

  /** Transactions one by one, without a server, after some to warm up. */
  static Figures localTransact(Path folder, BenchOptions options) {
    try (SyncClient client = SyncClient.builder()
        .store(folder.resolve("client")).durability(options.durability()).open()) {
      client.transact(BenchEntities.SCHEMA);
      for (int i = 0; i < WARM_UP; i++) {
        client.transact(BenchEntities.forms("warm", i));
      }
      long[] nanos = new long[options.n()];
      for (int i = 0; i < options.n(); i++) {
        List<Object> forms = BenchEntities.forms("item", i);
        long start = System.nanoTime();
        client.transact(forms);
        nanos[i] = System.nanoTime() - start;
      }
      return Figures.ofEach(nanos).withMemory(ownMegabytes(), null);
    }
  }

  /** Makes pending transactions while offline, then times from going online until all are confirmed here. */
  static Figures offlineReplay(Path folder, BenchOptions options, String uri) throws Exception {
    try (SyncClient client = open(folder.resolve("client"), options, uri)) {
      await(client.sync());
      client.goOffline();
      List<Pending> pending = new ArrayList<>(options.n());
      for (int i = 0; i < options.n(); i++) {
        pending.add(client.transact(BenchEntities.forms("item", i)));
      }
      long start = System.nanoTime();
      client.goOnline();
      await(CompletableFuture.allOf(
          pending.stream().map(Pending::outcome).toArray(CompletableFuture<?>[]::new)));
      long nanos = System.nanoTime() - start;
      for (Pending each : pending) {
        if (!each.outcome().join().isCommitted()) {
          throw new IllegalStateException("not committed: " + each.outcome().join());
        }
      }
      return withTraffic(Figures.ofTotal(options.n(), nanos), client);
    }
  }

  /** A client fills the server with {@code n} entities. */
  static Figures loadFill(Path folder, BenchOptions options, String uri) throws Exception {
    long start = System.nanoTime();
    fill(folder.resolve("loader"), options, uri, options.n());
    return Figures.ofTotal(options.n(), System.nanoTime() - start);
  }

  /** A new client is timed from its opening until it has everything. */
  static Figures firstLoad(Path folder, BenchOptions options, String uri) throws Exception {
    long start = System.nanoTime();
    try (SyncClient client = open(folder.resolve("client"), options, uri)) {
      Database db = await(client.sync());
      long nanos = System.nanoTime() - start;
      return withTraffic(Figures.ofTotal(count(db), nanos), client);
    }
  }

  /** Makes the store that {@link #open(Path)} opens: that of a client that was loaded with {@code n} datoms of others. */
  static Figures prepareStore(Path folder, BenchOptions options, String uri) throws Exception {
    int entities = options.n() / 4;
    long start = System.nanoTime();
    fill(folder.resolve("loader"), options, uri, entities);
    try (SyncClient client = open(folder.resolve("store"), options, uri)) {
      await(client.sync());
    }
    return Figures.ofTotal(entities, System.nanoTime() - start);
  }

  /** Opens a store and answers one query; the parent times the process. */
  static Figures open(Path store) {
    try (SyncClient client = SyncClient.builder().store(store).open()) {
      Object count = client.db().query(
          "[:find ?n . :in $ ?k :where [?e :item/key ?k] [?e :item/count ?n]]", BenchEntities.key("item", 17));
      if (!Long.valueOf(17).equals(count)) {
        throw new IllegalStateException("the store answered " + count);
      }
      return Figures.ofProcess().withMemory(ownMegabytes(), null);
    }
  }

  /** Puts entities on the server, many in one transaction, and waits until all are confirmed. */
  static void fill(Path store, BenchOptions options, String uri, int entities) throws Exception {
    try (SyncClient loader = open(store, options, uri)) {
      await(loader.sync());
      for (int first = 0; first < entities; first += ENTITIES_PER_LOAD) {
        List<Object> forms = new ArrayList<>();
        for (int i = first; i < Math.min(entities, first + ENTITIES_PER_LOAD); i++) {
          forms.addAll(BenchEntities.forms("item", i));
        }
        loader.transact(forms);
      }
      await(loader.sync());
    }
  }

  static SyncClient open(Path store, BenchOptions options, String uri) {
    return SyncClient.builder().store(store).server(URI.create(uri)).durability(options.durability()).open();
  }

  static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
  }

  static long count(Database db) {
    long datoms = 0;
    for (Datom datom : db.seekDatoms(IndexOrder.EAVT)) {
      datoms += datom.added() ? 1 : 0;
    }
    return datoms;
  }

  static Figures withTraffic(Figures figures, SyncClient client) {
    var counters = client.status().counters();
    return figures.withTraffic(counters.bytesSent(), counters.bytesReceived()).withMemory(ownMegabytes(), null);
  }

  /** Resident memory of this process in millions of bytes, or null where the system does not tell it. */
  static Double ownMegabytes() {
    var bytes = dev.rebasis.simulations.process.JavaProcess.residentBytesOf(ProcessHandle.current().pid());
    return bytes.isPresent() ? bytes.getAsLong() / 1e6 : null;
  }
}
