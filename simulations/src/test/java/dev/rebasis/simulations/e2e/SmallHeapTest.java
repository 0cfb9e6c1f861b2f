package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Keyword;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.process.JavaProcess;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what a client holds in memory during a first load does not grow with the database. Method: a JVM of its own whose heap
 * is smaller than the datoms of one index would be; it loads over a socket into a store on disk and then answers a query.
 */
@Alone
@ExtendWith(InsideCheck.class)
class SmallHeapTest {
  private static final int ENTITIES = 60_000;
  private static final int ENTITIES_PER_TRANSACTION = 500;
  private static final String SCHEMA = """
      [{:db/ident :item/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :item/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :item/place :db/valueType :db.type/tuple :db/tupleTypes [:db.type/long :db.type/long :db.type/string]
        :db/cardinality :db.cardinality/one}]""";

  /** The client's program. */
  static final class Loader {
    public static void main(String[] args) throws Exception {
      try (SyncClient client = SyncClient.builder().store(Path.of(args[0])).server(URI.create(args[1])).open()) {
        Object entities = get(client.sync()).query("[:find (count ?e) . :where [?e :item/place _]]");
        System.out.println("LOADED " + entities);
        System.out.flush();
      }
      // OkHttp leaves threads that would keep the process alive for a minute.
      Runtime.getRuntime().halt(0);
    }
  }

  @Test
  void aFirstLoadNeedsNoMoreHeapThanAPartOfTheDatabase(@TempDir Path folder) throws Exception {
    try (RebasisServer server = RebasisServer.builder().inMemory().port(0).schema("items", SCHEMA).start()) {
      for (int from = 0; from < ENTITIES; from += ENTITIES_PER_TRANSACTION) {
        get(server.transact(items(from)));
      }
      try (JavaProcess client = JavaProcess.start("client", null,
          List.of("-Xmx48m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"),
          Loader.class.getName(), List.of(folder.resolve("store").toString(), server.uri().toString()))) {
        assertThat(client.awaitLine(line -> line.startsWith("LOADED"), 120)).isEqualTo("LOADED " + ENTITIES);
      }
    }
  }

  private static List<Object> items(int from) {
    List<Object> forms = new ArrayList<>();
    for (long n = from; n < from + ENTITIES_PER_TRANSACTION; n++) {
      forms.add(Map.of(Keyword.of(":item/key"), "item-" + n, Keyword.of(":item/name"), "The name of item " + n,
          Keyword.of(":item/place"), List.of(n, n % 7, "place " + n % 100)));
    }
    return forms;
  }
}
