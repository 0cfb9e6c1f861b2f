package dev.rebasis.simulations.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.LookupRef;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example of README.md, run against a real server, and compared with the page, so that what stands there works.
 */
@Alone
@ExtendWith(InsideCheck.class)
class ReadmeTest {
  @TempDir private Path folder;

  @Test
  void theExampleRuns(Opened opened) throws Exception {
    try (RebasisServer server = RebasisServer.builder().inMemory().start()) {
      List<Object> seen = example(folder.resolve("orders"), server.uri());
      assertThat(seen).containsExactly(3L, "A-1", true, 5L);
      opened.client("orders", SyncClient.builder().store(folder.resolve("orders")).open());
    }
  }

  @Test
  void thePageShowsThisCode() throws IOException {
    Snippet.assertSame("client", Path.of("..", "README.md"), ReadmeTest.class);
  }

  private static List<Object> example(Path folder, URI uri) throws Exception {
    // tag::client[]
    try (SyncClient client = SyncClient.builder()
        .store(folder)                                        // survives kill -9 and power loss
        .server(uri)                                          // optional; http://localhost:8484/db/main
        .open()) {
      // Schema is data. This works on a train: nothing here waits for the server.
      client.transact("""
          [{:db/ident :order/number :db/valueType :db.type/string
            :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
           {:db/ident :order/quantity :db/valueType :db.type/long
            :db/cardinality :db.cardinality/one}]""");
      Pending made = client.transact("[{:db/id \"o\" :order/number \"A-1\" :order/quantity 3}]");

      Database db = client.db();                              // an immutable value, pending transactions included
      Object quantity = db.query(
          "[:find ?q . :in $ ?n :where [?o :order/number ?n] [?o :order/quantity ?q]]", "A-1");
      Object number = db.entity(made.resolve("o")).get(":order/number");

      // Once the server has decided, the outcome says how; the entity has the server's id.
      Outcome outcome = made.outcome().get(60, TimeUnit.SECONDS);
      client.transact("[[:db/cas [:order/number \"A-1\"] :order/quantity 3 5]]");
      Database synced = client.sync().get(60, TimeUnit.SECONDS);
      Object now = synced.entity(LookupRef.of(":order/number", "A-1")).get(":order/quantity");
      return List.of(quantity, number, outcome.isCommitted(), now);
    }
    // end::client[]
  }
}
