package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.QueryChange;
import dev.rebasis.client.QueryListener;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A listener hears of every change of its answer, whatever it is that the query reads. */
class LiveReadsTest extends ClientRig {
  private static final List<Object> A = List.of(Keyword.of(":k"), "A");
  private static final String MORE = """
      [{:db/ident :kind :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :price :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one}]""";

  private final List<QueryChange> changes = new ArrayList<>();
  private final List<RebasisException> failures = new ArrayList<>();
  private SyncClient client;

  private final QueryListener listener = new QueryListener() {
    @Override
    public void changed(QueryChange change) {
      changes.add(change);
    }

    @Override
    public void failed(RebasisException error) {
      failures.add(error);
    }
  };

  private void local(String... transactions) {
    client = client("local", null);
    client.transact(SCHEMA);
    client.transact(MORE);
    for (String transaction : transactions) {
      client.transact(transaction);
    }
  }

  private void subscribe(String query, Object... inputs) {
    client.subscribe(query, List.of(inputs), listener);
    assertThat(failures).isEmpty();
  }

  /** The result that the listener was told last, having been told exactly so often. */
  private Object told(int times) {
    assertThat(failures).isEmpty();
    assertThat(changes).hasSize(times);
    return changes.get(times - 1).result();
  }

  @Test
  void anEntityMadeHereStaysTheSameForTheQueryWhenTheServerConfirmsIt() {
    client = online();
    client.goOffline();
    Pending made = client.transact("[{:db/id \"p\" :k \"A\"} {:k \"B\" :ref \"p\"}]");
    EntityId p = EntityId.of(made.resolve("p"));
    subscribe("[:find ?n . :in $ ?p :where [?p :n ?n]]", p);
    subscribe("[:find [?k ...] :in $ ?p :where [?e :ref ?p] [?e :k ?k]]", p);
    subscribe("[:find [?n ...] :in $ [?p ...] :where [?p :n ?n]]", List.of(p, A));
    subscribe("[:find [?n ...] :in $ [[?x ?p]] :where [?p :n ?n]]", List.of(List.of(1L, p)));
    client.goOnline();
    client.sync();
    assertThat(client.pending()).isEmpty();
    changes.clear();

    client.transact(List.of(List.of(Keyword.of(":db/add"), p.id(), Keyword.of(":n"), 5L)));
    assertThat(changes).extracting(QueryChange::result).containsExactly(5L, List.of(5L), List.of(5L));
    changes.clear();
    server.transact("[[:db/add [:k \"A\"] :n 6]]");
    server.transact("[{:k \"C\" :ref [:k \"A\"]}]");
    transport.broadcast();
    Object referring = client.db().query("[:find [?k ...] :where [?r :k \"A\"] [?e :ref ?r] [?e :k ?k]]");
    assertThat((List<?>) referring).hasSize(2);
    assertThat(changes).extracting(QueryChange::result).containsExactly(6L, referring, List.of(6L), List.of(6L));
  }

  @Test
  void anEntityMadeHereMayTurnOutToBeOneThatTheServerHas() {
    client = online();
    client.goOffline();
    Pending made = client.transact("[{:db/id \"p\" :k \"A\"}]");
    server.transact("[{:k \"A\" :n 40}]");
    subscribe("[:find ?n . :in $ ?p :where [?p :n ?n]]", EntityId.of(made.resolve("p")));
    client.goOnline();
    client.sync();
    assertThat(client.pending()).isEmpty();
    assertThat(told(2)).isEqualTo(40L);
  }

  @Test
  void textInOptionsOfAPullIsNoName() {
    local("[{:k \"A\"}]");
    subscribe("[:find [(pull ?e [:k (:n :default \"not known\") (:kind :as \"Full name\")]) ...] :where [?e :k]]");
    client.transact("[[:db/add [:k \"A\"] :n 1]]");
    assertThat(told(2)).isEqualTo(List.of(Map.of(Keyword.of(":k"), "A", Keyword.of(":n"), 1L)));
    client.transact("[[:db/add [:k \"A\"] :kind :color/red]]");
    assertThat(told(3)).isEqualTo(List.of(
        Map.of(Keyword.of(":k"), "A", Keyword.of(":n"), 1L, "Full name", Keyword.of(":color/red"))));
    client.transact("[[:db/add [:k \"A\"] :tag \"x\"]]");
    told(3);
  }

  @Test
  void aPullByAPatternInTextIsWatchedLikeAnother() {
    local("[{:k \"A\" :n 1}]");
    subscribe("[:find (pull ?e pattern) . :in $ pattern :where [?e :k \"A\"]]", "[:n]");
    client.transact("[[:db/add [:k \"A\"] :n 2]]");
    assertThat(told(2)).isEqualTo(Map.of(Keyword.of(":n"), 2L));
    client.transact("[[:db/add [:k \"A\"] :tag \"x\"]]");
    told(2);
  }

  @Test
  void whatALookupRefInACallNamesMayChange() {
    local("[{:db/id \"x\" :n 40} {:db/id \"r\" :tag \"r\"}]");
    subscribe("[:find ?n . :where [(get-else $ [:k \"A\"] :n 0) ?n]]");
    subscribe("[:find ?n . :where [(missing? $ [:k \"A\"] :n)] [?e :tag \"r\"] [(ground 1) ?n]]");
    assertThat(changes).extracting(QueryChange::result).containsExactly(0L, 1L);
    changes.clear();
    long e = client.db().query("[:find ?e . :where [?e :n 40]]");
    client.transact(List.of(List.of(Keyword.of(":db/add"), e, Keyword.of(":k"), "A")));
    assertThat(changes).extracting(QueryChange::result).containsExactly(40L, null);
  }

  @Test
  void whatAComputedLookupRefNamesMayChange() {
    local("[{:k \"A\" :n 1} {:k \"B\" :n 2}]");
    subscribe("[:find ?n . :where [(ground [:k \"A\"]) ?p] [?p :n ?n]]");
    subscribe("[:find ?n . :in $ ?k :where [(tuple :k ?k) ?p] [?p :n ?n]]", "A");
    subscribe("[:find ?n . :in $ ?k % :where (named ?k ?p) [?p :n ?n]]", "A",
        "[[(named ?k ?p) [(vector :k ?k) ?p]]]");
    changes.clear();
    client.transact("[[:db/add [:k \"A\"] :k \"C\"]]");
    assertThat(failures).as("nobody has the name").hasSize(3);
    failures.clear();
    client.transact("[[:db/add [:k \"B\"] :k \"A\"]]");
    assertThat(changes).extracting(QueryChange::result).containsExactly(2L, 2L, 2L);
  }

  @Test
  void aRuleIsWatchedInEverySourceThatItReads() {
    local("[{:k \"A\"} {:k \"B\"}]");
    subscribe("[:find [?k ...] :in $ $rows % :where ($rows named ?x ?k) (named ?e ?k)]",
        List.of(List.of(1L, Keyword.of(":k"), "A"), List.of(2L, Keyword.of(":k"), "C")),
        "[[(named ?e ?k) [?e :k ?k]]]");
    assertThat(told(1)).isEqualTo(List.of("A"));
    client.transact("[{:k \"C\"}]");
    assertThat((List<?>) told(2)).hasSize(2);
  }

  @Test
  void anArgumentOfARuleMayNameAnotherEntityLater() {
    local("[{:k \"A\" :n 1} {:k \"B\" :n 2}]");
    subscribe("[:find ?n . :in $ % :where (number [:k \"A\"] ?n)]", "[[(number ?p ?n) [?p :n ?n]]]");
    client.transact("[[:db/add [:k \"A\"] :k \"C\"]]");
    failures.clear();
    client.transact("[[:db/add [:k \"B\"] :k \"A\"]]");
    assertThat(told(2)).isEqualTo(2L);
  }

  @Test
  void namesInArraysAndMapsAreWatchedToo() {
    local("[{:k \"A\" :n 1} {:k \"B\" :n 2}]");
    subscribe("[:find [?n ...] :in $ [[?x ?p]] :where [?p :n ?n]]", Map.of(1L, A));
    subscribe("[:find [?n ...] :in $ [?p ...] :where [?p :n ?n]]", (Object) new Object[] {A});
    client.transact("[[:db/add [:k \"A\"] :k \"C\"]]");
    assertThat(failures).hasSize(2);
    failures.clear();
    changes.clear();
    client.transact("[[:db/add [:k \"B\"] :k \"A\"]]");
    assertThat(changes).extracting(QueryChange::result).containsExactly(List.of(2L), List.of(2L));
  }

  @Test
  void aValueIsWatchedAsTheIndexHoldsIt() {
    local("[{:k \"A\"} {:k \"B\"}]");
    subscribe("[:find ?k . :where [?e :kind \":color/red\"] [?e :k ?k]]");
    subscribe("[:find ?k . :in $ ?n :where [?e :n ?n] [?e :k ?k]]", 5);
    subscribe("[:find ?k . :where [?e :price 1.0M] [?e :k ?k]]");
    changes.clear();
    client.transact("[[:db/add [:k \"A\"] :kind :color/red]]");
    client.transact("[[:db/add [:k \"A\"] :n 5]]");
    client.transact("[[:db/add [:k \"A\"] :price 1.0M]]");
    assertThat(changes).extracting(QueryChange::result).containsExactly("A", "A", "A");
    client.transact("[[:db/add [:k \"A\"] :kind :color/blue] [:db/add [:k \"B\"] :n 6] [:db/add [:k \"B\"] :price 3M]]");
    assertThat(changes).hasSize(4);
  }

  @Test
  void aFunctionThatTakesADatabaseBesideRowsReadsEverything() {
    client = ClientCore.open(new ClientConfig(StoreFiles.inMemory(),
        Durability.PROCESS_CRASH, Tuning.DEFAULT,
        new QueryExtensions(Map.of("test/size", arguments -> (long) ((List<?>) ((Database)
            arguments.get(1)).q("[:find [?k ...] :where [_ :k ?k]]")).size()), Set.of())),
        new FakeEnvironment(null, Samples.ids()));
    open.add(client);
    client.transact(SCHEMA);
    subscribe("[:find ?n . :in $ $rows :where [(test/size $rows $) ?n]]", List.of(List.of(1L)));
    client.transact("[{:k \"A\"}]");
    assertThat(told(2)).isEqualTo(1L);
  }

  @Test
  void hearsOfWhatIsTakenBackBeforeItWasSent() {
    local("[{:k \"A\" :n 1}]");
    Pending raised = client.transact("[[:db/add [:k \"A\"] :n 2]]");
    subscribe("[:find ?n . :where [_ :n ?n]]");
    assertThat(client.undo(raised.id())).isEmpty();
    assertThat(client.<Long>query("[:find ?n . :where [_ :n ?n]]", client.db())).isEqualTo(1L);
    assertThat(told(2)).isEqualTo(1L);
  }

  @Test
  void anErrorIsToldOnceAndAnAnswerAfterItInAnyCase() {
    local("[{:k \"A\" :n 1}]");
    subscribe("[:find ?n . :where [[:k \"A\"] :n ?n]]");
    client.transact("[[:db/retract [:k \"A\"] :k]]");
    client.transact("[{:k \"B\"}]");
    client.transact("[{:k \"C\"}]");
    assertThat(failures).hasSize(1);
    failures.clear();
    long e = client.db().query("[:find ?e . :where [?e :n 1]]");
    client.transact(List.of(List.of(Keyword.of(":db/add"), e, Keyword.of(":k"), "A")));
    assertThat(told(2)).isEqualTo(1L);
    assertThat(changes.get(1).added()).isEmpty();
    client.transact("[{:k \"D\"}]");
    told(2);
  }
}
