package dev.rebasis.simulations.bench;

import dev.rebasis.client.Database;
import dev.rebasis.client.SyncClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Remote transactions arrive at a client on which many wait: from going online until its optimistic view stands on the
 * last remote transaction. Its own transactions are pushed meanwhile, as in life.
 */
final class RebaseTask {
  private RebaseTask() {}

  static Figures run(Path folder, BenchOptions options, String uri) throws Exception {
    int meeting = (int) Math.round(options.remote() * options.overlap());
    // One entity for each pending edit, and further ones for the remote edits that meet nothing.
    int entities = Math.max(options.pending(), meeting) + options.remote();
    ClientTasks.fill(folder.resolve("loader"), options, uri, entities);
    try (SyncClient client = ClientTasks.open(folder.resolve("client"), options, uri);
        SyncClient other = ClientTasks.open(folder.resolve("other"), options, uri)) {
      ClientTasks.await(client.sync());
      ClientTasks.await(other.sync());
      client.goOffline();
      for (int i = 0; i < options.pending(); i++) {
        client.transact(edit(i, -1));
      }
      for (int i = 0; i < options.remote(); i++) {
        other.transact(edit(i < meeting ? i : entities - 1 - (i - meeting), -2));
      }
      long remoteT = ClientTasks.await(other.sync()).basisT();
      long start = System.nanoTime();
      client.goOnline();
      Database db = ClientTasks.await(client.sync(remoteT));
      long nanos = System.nanoTime() - start;
      if (db.basisT() < remoteT) {
        throw new IllegalStateException("the view stands on " + db.basisT() + ", not on " + remoteT);
      }
      return ClientTasks.withTraffic(Figures.ofTotal(options.remote(), nanos), client);
    }
  }

  private static List<Object> edit(int item, long count) {
    return List.of(Map.of(":item/key", BenchEntities.key("item", item), ":item/count", count));
  }
}
