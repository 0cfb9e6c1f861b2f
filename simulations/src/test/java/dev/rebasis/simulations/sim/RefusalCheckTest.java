package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import clojure.lang.ExceptionInfo;
import clojure.lang.IPersistentMap;
import clojure.lang.PersistentArrayMap;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.simulations.world.World;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A client that refused what Datomic takes would be noticed, with and without pending changes. */
class RefusalCheckTest {
  private static final String SCHEMA = """
      [{:db/ident :a/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :a/pair :db/valueType :db.type/tuple :db/tupleTypes [:db.type/long :db.type/long] :db/cardinality :db.cardinality/one}
       {:db/ident :a/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}]""";

  @Test
  void datomicIsAskedOnWhatTheClientSees() {
    try (World world = new World(7)) {
      world.server().start();
      world.server().transact((List<?>) Edn.read(SCHEMA));
      world.server().transact((List<?>) Edn.read("[{:a/key \"k0\" :a/n 1}]"));
      world.client("c1").start();
      world.settle();
      takes(world, true, "[[:db/cas [:a/key \"k0\"] :a/n 1 2]]");
      takes(world, false, "[[:db/cas [:a/key \"k0\"] :a/n 5 2]]");
      takes(world, false, "[{:a/keyy \"k0\"}]");
      takes(world, true, "[[:db/add [:a/key \"k0\"] :a/pair [1 2]]]");
      takes(world, false, "[[:db/add [:a/key \"k0\"] :a/pair 1]]");
      takes(world, false, "[[:db/add [:a/key \"k1\"] :a/n 2]]");

      world.cut("c1");
      SyncClient client = world.client("c1").client();
      Pending made = client.transact("[{:db/id \"e\" :a/key \"k1\" :a/n 7 :a/next \"e\"} [:db/add [:a/key \"k0\"] :a/n 3]]");
      long local = made.resolve("e");
      takes(world, true, "[[:db/add [:a/key \"k1\"] :a/n 2]]");
      takes(world, true, "[[:db/cas " + local + " :a/n 7 8] {:db/id " + local + " :a/next [[:a/key \"k0\"] " + local + "]}]");
      takes(world, false, "[[:db/cas " + local + " :a/n 1 8]]");
      takes(world, true, "[[:db/cas [:a/key \"k0\"] :a/n 3 4]]");
      takes(world, false, "[[:db/cas [:a/key \"k0\"] :a/n 1 4]]");
      assertThat(client.pending()).hasSize(1);
    }
  }

  @Test
  void whatIsConfirmedIsStillKnownByItsFormerId() {
    try (World world = new World(8)) {
      world.server().start();
      world.server().transact((List<?>) Edn.read(SCHEMA));
      world.server().transact((List<?>) Edn.read("[{:a/key \"k0\"}]"));
      world.client("c1").start();
      world.settle();
      world.cut("c1");
      long local = world.client("c1").client().transact("[{:db/id \"e\" :a/key \"k1\"}]").resolve("e");
      world.heal("c1");
      world.settle();
      assertThat(local).isNegative();
      assertThat(world.client("c1").client().pending()).isEmpty();
      takes(world, false, "[[:db/add " + local + " :a/key \"k0\"]]");
      takes(world, true, "[[:db/add " + local + " :a/key \"k2\"]]");
    }
  }

  @Test
  void onlyACodeOfDatomicsIsARefusal() {
    IPersistentMap coded = PersistentArrayMap.create(
        Map.of(clojure.lang.Keyword.intern("db", "error"), clojure.lang.Keyword.intern("db.error", "cas-failed")));
    assertThat(RefusalCheck.isByDatomic(new IllegalStateException(new ExceptionInfo("as Datomic says it", coded)))).isTrue();
    assertThat(RefusalCheck.isByDatomic(new ExceptionInfo("of something else", PersistentArrayMap.EMPTY))).isFalse();
    assertThat(RefusalCheck.isByDatomic(new ClassCastException("of ours"))).isFalse();
  }

  private static RefusalCheck.Answer ask(World world, String forms) {
    TransactionException refusal = new TransactionException(
        Keyword.of(":db.error/invalid-lookup-ref"), "for the test", Map.of());
    return RefusalCheck.ask(world.client("c1"), world.server().master(), forms, refusal);
  }

  private static void takes(World world, boolean expected, String forms) {
    assertThat(ask(world, forms)).as(forms).isEqualTo(expected ? RefusalCheck.Answer.TAKES : RefusalCheck.Answer.REFUSES);
  }
}
