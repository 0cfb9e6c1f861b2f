package dev.rebasis.simulations.bench;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.Database;
import dev.rebasis.client.SyncClient;
import dev.rebasis.edn.Edn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * A look-up by unique key that joins two more attributes, on the client's database and on Datomic's, over the same ten
 * thousand entities. Both get the query as a data structure that was read once: each caches what it makes of one, but
 * Datomic would read a text anew each time.
 */
final class QueryTask {
  private static final int ENTITIES = 10_000;
  private static final int WARM_UP = 2_000;
  private static final String LOOK_UP =
      "[:find ?name ?n :in $ ?k :where [?e :item/key ?k] [?e :item/name ?name] [?e :item/count ?n]]";

  private interface Asking {
    Collection<List<Object>> ask(String key);
  }

  private QueryTask() {}

  static Figures onClient(Path folder, BenchOptions options, String uri) throws Exception {
    ClientTasks.fill(folder.resolve("client"), options, uri, ENTITIES);
    try (SyncClient client = SyncClient.builder().store(folder.resolve("client")).open()) {
      Database db = client.db();
      Object query = Edn.read(LOOK_UP);
      return measure(options.n(), key -> db.q(query, key)).withMemory(ClientTasks.ownMegabytes(), null);
    }
  }

  static Figures onDatomic(BenchOptions options) throws Exception {
    String uri = "datomic:mem://query-" + UUID.randomUUID();
    Peer.createDatabase(uri);
    Connection connection = Peer.connect(uri);
    connection.transact((List<?>) Util.read(BenchEntities.SCHEMA)).get();
    List<Object> forms = new ArrayList<>();
    for (int i = 0; i < ENTITIES; i++) {
      forms.addAll(BenchEntities.datomicForms("item", i));
    }
    connection.transact(forms).get();
    datomic.Database db = connection.db();
    Object query = Util.read(LOOK_UP);
    return measure(options.n(), key -> Peer.q(query, db, key)).withMemory(ClientTasks.ownMegabytes(), null);
  }

  private static Figures measure(int n, Asking database) {
    long[] nanos = new long[n];
    for (int i = -WARM_UP; i < n; i++) {
      String key = BenchEntities.key("item", Math.floorMod(i * 7919, ENTITIES));
      long start = System.nanoTime();
      Collection<List<Object>> rows = database.ask(key);
      long time = System.nanoTime() - start;
      if (rows.size() != 1) {
        throw new IllegalStateException(key + " gave " + rows);
      }
      if (i >= 0) {
        nanos[i] = time;
      }
    }
    return Figures.ofEach(nanos);
  }
}
