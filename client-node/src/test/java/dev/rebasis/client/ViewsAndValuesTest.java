package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: what one view shows has no part in how others are planned, and what a program hands in is taken as a fact would be.
 * Method: one client without a server; what was asked before, or is changed afterwards by the program, must make no difference.
 */
class ViewsAndValuesTest {
  private static final int ORDERS = 200;
  private static final int REGIONS = 5;
  private static final String JOIN = "[:find ?o :where [?c :c/name \"Ann\"] [?c :c/region ?r] [?o :o/region ?r]]";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.123456789Z");

  private final SyncClient client = SyncClient.builder().inMemory()
      .function("my/size", arguments -> ((List<?>) arguments.get(arguments.size() - 1)).size())
      .function("my/length", arguments -> arguments.get(0).toString().length())
      .open();
  private long last;

  @BeforeEach
  void fill() {
    client.transact("""
        [{:db/ident :c/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
         {:db/ident :c/region :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
         {:db/ident :c/born :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
         {:db/ident :c/seen :db/valueType :db.type/instant :db/cardinality :db.cardinality/one :db/index true}
         {:db/ident :c/stay :db/valueType :db.type/tuple :db/tupleTypes [:db.type/instant :db.type/long] :db/cardinality :db.cardinality/one}
         {:db/ident :o/region :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""");
    List<Object> forms = new ArrayList<>();
    for (int i = 0; i < ORDERS; i++) {
      forms.add(Map.of(Keyword.of(":o/region"), "r" + i % REGIONS));
    }
    forms.add(Map.of(Keyword.of(":c/name"), "Ann", Keyword.of(":c/region"), "r1", Keyword.of(":c/born"), NOW,
        Keyword.of(":c/seen"), NOW, Keyword.of(":c/stay"), List.of(NOW, 3)));
    last = client.transact(forms).resolve("datomic.tx");
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void aViewThatShowsNothingDoesNotMisleadThePlannerOfTheOthers() {
    assertThat(client.db().since(last).q(JOIN)).isEmpty();
    assertThat(client.db().filter((all, datom) -> false).q(JOIN)).isEmpty();
    assertThat(client.db().explain(JOIN).steps()).last()
        .satisfies(step -> assertThat(step.rowsEstimated()).isBetween(10.0, 100.0))
        .satisfies(step -> assertThat(step.rowsActual()).isEqualTo(ORDERS / REGIONS));
  }

  @Test
  void aFilterMayAskTheSameDatabaseEachTime() {
    Set<Database> asked = Collections.newSetFromMap(new IdentityHashMap<>());
    Database seen = client.db().filter((all, datom) -> {
      asked.add(all);
      return !all.q("[:find ?c :in $ ?e :where [?e :o/region ?r] [?c :c/region ?r]]", datom.e()).isEmpty()
          || !all.q("[:find ?n :in $ ?e :where [?e :c/name ?n]]", datom.e()).isEmpty();
    });
    assertThat(seen.q(JOIN)).hasSize(ORDERS / REGIONS);
    assertThat(asked).hasSize(1);
  }

  @Test
  void anInstantIsThatOfTheFactHoweverFineItIs() {
    for (String name : List.of("born", "seen")) {
      String clause = "[?e :c/" + name + " ?x]";
      assertThat(client.db().q("[:find ?e :in $ ?x :where " + clause + "]", NOW)).hasSize(1);
      assertThat(client.db().q("[:find ?e :in $ [?x ...] :where " + clause + "]", List.of(NOW, Instant.EPOCH))).hasSize(1);
      assertThat(client.db().q("[:find ?e :in $ ?n :where " + clause + " [(= ?x ?n)]]", NOW)).hasSize(1);
      assertThat(client.db().q("[:find ?e :in $ [[?n ?x]] :where [?e :c/name ?n] " + clause + "]",
          List.of(List.of("Ann", NOW), List.of("Bob", NOW)))).hasSize(1);
    }
    assertThat(client.db().q("[:find ?t :in $ ?x :where [_ :c/stay ?x] [(untuple ?x) [?t _]]]", List.of(NOW, 3)))
        .containsExactly(List.of(NOW.truncatedTo(ChronoUnit.MILLIS)));
  }

  @Test
  void wholeNumbersOfAProgramAreLongsWhereverTheyComeFrom() {
    assertThat(client.db().<Object>query("[:find (my/size ?r) . :where [_ :o/region ?r]]")).isEqualTo((long) REGIONS);
    assertThat(client.db().pull("[(:c/name :xform my/length)]", LookupRef.of(":c/name", "Ann")))
        .isEqualTo(Map.of(Keyword.of(":c/name"), 3L));
  }

  /** Each layer calls the next one sixteen times: put in place of their calls, these would be millions of bodies. */
  @Test
  void layersOfRulesDoNotMultiply() {
    StringBuilder rules = new StringBuilder("[");
    for (int layer = 0; layer < 9; layer++) {
      String call = "(r" + (layer + 1) + " ?x) ";
      rules.append(("[(r" + layer + " ?x) " + call.repeat(4) + "] ").repeat(4));
    }
    rules.append("[(r9 ?x) [?x :c/name _]]]");
    assertThat(client.db().q("[:find ?x :in $ % :where (r0 ?x)]", rules.toString())).hasSize(1);
  }

  @Test
  void aLiveQueryAsksWhatItWasGiven() throws InterruptedException {
    List<Object> regions = new ArrayList<>(List.of("r1"));
    String query = "[:find ?o :in $ [?r ...] :where [?o :o/region ?r]]";
    BlockingQueue<Integer> added = new LinkedBlockingQueue<>();
    try (SyncClient.Subscription live = client.subscribe(query, List.of(regions), change -> added.add(change.added().size()))) {
      assertThat(added.poll(1, TimeUnit.MINUTES)).isEqualTo(ORDERS / REGIONS);
      regions.add("r2");
      client.transact("[{:o/region \"r1\"}]");
      assertThat(added.poll(1, TimeUnit.MINUTES)).as("added by the transaction").isEqualTo(1);
    }
  }
}
