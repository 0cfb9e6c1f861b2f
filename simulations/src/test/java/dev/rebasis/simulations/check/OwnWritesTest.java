package dev.rebasis.simulations.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.Datom;
import dev.rebasis.edn.Edn;
import dev.rebasis.simulations.world.World;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A client that does not show what is pending any more is noticed; what later writes of its own replaced is not asked for. */
class OwnWritesTest {
  @Test
  void whatIsPendingIsShownOrMissed() {
    try (World world = new World(5)) {
      world.server().start();
      world.server().transact((List<?>) Edn.read("""
          [{:db/ident :o/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
           {:db/ident :o/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]"""));
      world.server().transact((List<?>) Edn.read("[{:o/key \"k\" :o/n 1}]"));
      world.client("c1").start();
      world.settle();
      world.cut("c1");
      Map<UUID, List<Datom>> told = new HashMap<>();
      SyncClient client = world.client("c1").client();
      client.onTxReport(report -> {
        if (report.kind() == TxReport.Kind.OPTIMISTIC) {
          told.put(report.pending().id(), report.datoms());
        }
      });
      Map<UUID, LocalWrite> writes = new HashMap<>();
      for (int n = 2; n <= 3; n++) {
        Pending made = client.transact("[{:o/key \"k\" :o/n " + n + "} {:o/key \"e" + n + "\"}]");
        writes.put(made.id(), new LocalWrite("c1", n, "set", "", made, told.get(made.id())));
      }
      long t = client.confirmed().basisT();
      assertThat(OwnWrites.hidden(client.pending(), writes::get, t, client.db())).isEmpty();
      assertThat(OwnWrites.hidden(client.pending(), writes::get, t, client.confirmed()))
          .anyMatch(sentence -> sentence.startsWith("c1's write 3 (set) is pending and its client does not show"))
          .anyMatch(sentence -> sentence.contains("still shows"))
          .noneMatch(sentence -> sentence.endsWith(" 2]"));
      assertThat(OwnWrites.hidden(client.pending(), id -> null, t, client.confirmed())).as("nobody was told").isEmpty();
      assertThat(OwnWrites.hidden(client.pending(), writes::get, t + 1, client.confirmed())).as("there are news").isEmpty();
    }
  }
}
