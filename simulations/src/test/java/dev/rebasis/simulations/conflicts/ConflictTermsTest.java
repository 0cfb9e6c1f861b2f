package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Premises that are pulls, Datomic's database functions, and components that were cut, through real clients and a real server.
 */
class ConflictTermsTest extends ClientBesideOthers {
  private static final String SCHEMA = """
      [{:db/ident :i/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :i/price :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :i/stock :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :i/parts :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]

      [{:i/key "A" :i/price 10 :i/stock 5 :i/parts [{:i/key "part" :i/price 1}]} {:i/key "B" :i/price 20}]""";
  private static final String FUNCTIONS = """
      [{:db/ident :shop/restock
        :db/fn #db/fn {:lang :clojure :params [db item n]
                       :code [[:db/add item :i/stock (+ n (:i/stock (datomic.api/entity db item) 0))]
                              {:db/id "log" :i/key (str "restocked by " n)}]}}
       {:db/ident :shop/refuse
        :db/fn #db/fn {:lang :clojure :params [db] :code (throw (ex-info "not today" {}))}}]""";
  private static final LookupRef A = LookupRef.of(":i/key", "A");

  @Override
  RebasisServer.Builder server(RebasisServer.Builder usual) {
    return usual.schema("test", SCHEMA).databaseFunctions("functions.edn", FUNCTIONS);
  }

  private Object value(String key, String attribute) {
    return client.db().entity(LookupRef.of(":i/key", key)).get(attribute);
  }

  @Test
  void aPremiseMayBeAPullPattern() throws Exception {
    TransactionOptions relying = TransactionOptions.DEFAULT.pullPremise("[:i/price {:i/parts [:i/key :i/price]}]", A);
    client.goOffline();
    Pending holds = client.transact("[[:db/add [:i/key \"B\"] :i/stock 1]]", relying);
    others("[[:db/add [:i/key \"A\"] :i/stock 6]]");
    reconnect();
    assertThat(get(holds.outcome()).kind()).as("what the pattern does not ask for").isEqualTo(OutcomeKind.ACCEPTED);

    client.goOffline();
    Pending broken = client.transact("[[:db/add [:i/key \"B\"] :i/stock 2]]", relying);
    others("[[:db/add [:i/key \"part\"] :i/price 99]]");
    reconnect();
    Outcome outcome = get(broken.outcome());
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/premise-failed"));
    assertThat(outcome.message()).contains("99");
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void aPremiseThatNoServerAnswersIsRefusedWhereItIsMade() {
    for (String query : List.of("[:find ?x . :where [(java.lang.System/getProperty \"user.dir\") ?x]]",
        "[:find ?t . :where [?i :i/key \"A\" ?t]]")) {
      assertThatThrownBy(() -> client.transact("[[:db/add [:i/key \"B\"] :i/stock 2]]", TransactionOptions.DEFAULT.premise(query)))
          .isInstanceOf(RebasisException.class).hasMessageStartingWith("The query of a premise may not ")
          .extracting(e -> ((RebasisException) e).code()).isEqualTo(Keyword.of(":rebasis.error/premise-refused"));
    }
    assertThat(client.pending()).isEmpty();
  }

  /** What the author stood on is put together in one way if nothing of its own lies between, and in another one if something does. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whateverOthersWroteBreaksAPremiseAboutIt(boolean behindAnotherOne) throws Exception {
    others("[{:i/key \"A\" :db/doc \"draft\" :i/parts [{:db/ident :state/open}]}]");
    get(client.sync());
    client.goOffline();
    if (behindAnotherOne) {
      client.transact("[[:db/add [:i/key \"B\"] :i/price 21]]");
    }
    Pending documented = client.transact("[[:db/add [:i/key \"B\"] :i/stock 1]]",
        TransactionOptions.DEFAULT.premise("[:find ?d . :where [?i :i/key \"A\"] [?i :db/doc ?d]]"));
    Pending named = client.transact("[[:db/add [:i/key \"B\"] :i/stock 2]]",
        TransactionOptions.DEFAULT.premise("[:find ?n . :where [?i :i/key \"A\"] [?i :i/parts ?p] [?p :db/ident ?n]]"));
    Pending untouched = client.transact("[[:db/add [:i/key \"B\"] :i/stock 3]]",
        TransactionOptions.DEFAULT.premise("[:find ?n . :where [?i :i/key \"A\"] [?i :i/stock ?n]]"));
    others("[[:db/add [:i/key \"A\"] :db/doc \"final\"] [:db/add :state/open :db/ident :state/closed]]");
    reconnect();
    assertThat(get(documented.outcome()).message()).endsWith("is now \"final\", then \"draft\".");
    assertThat(get(named.outcome()).message()).endsWith("is now :state/closed, then :state/open.");
    assertThat(get(untouched.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void aDatabaseFunctionOnTheOperatorsListIsCalledOnTheNewestValue() throws Exception {
    client.goOffline();
    Pending restock = client.transact("[[:shop/restock [:i/key \"A\"] 10]]");
    assertThat(value("A", ":i/stock")).as("nothing is predicted").isEqualTo(5L);
    Pending refused = client.transact("[[:shop/refuse]]");
    Pending unlisted = client.transact("[[:shop/other 1]]");
    others("[[:db/add [:i/key \"A\"] :i/stock 100]]");
    reconnect();
    assertThat(get(restock.outcome()).isCommitted()).as(get(restock.outcome()).toString()).isTrue();
    assertThat(value("A", ":i/stock")).isEqualTo(110L);
    assertThat(client.db().entid(LookupRef.of(":i/key", "restocked by 10"))).isNotNull();
    assertThat(get(refused.outcome()).kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(get(refused.outcome()).message()).contains("not today");
    assertThat(get(unlisted.outcome()).code()).isEqualTo(Keyword.of(":db.error/not-a-data-function"));
  }

  @Test
  void faultyDatabaseFunctionsAreRefusedAtTheStart() {
    assertThatThrownBy(() -> RebasisServer.builder().inMemory().databaseFunctions("f.edn", "[{:db/ident :a/b}]").start())
        .isInstanceOf(RebasisException.class).hasMessageContaining("f.edn").hasMessageContaining(":db/fn");
    assertThatThrownBy(() -> RebasisServer.builder().inMemory().databaseFunctions("f.edn", "[{:db/ident").start())
        .isInstanceOf(RebasisException.class).hasMessageContaining("f.edn");
  }

  @Test
  void anEditOfAComponentThatOthersCutWaitsForAPerson() throws Exception {
    client.goOffline();
    Pending edit = client.transact("[[:db/add [:i/key \"part\"] :i/price 2]]");
    others("[[:db/retract [:i/key \"A\"] :i/parts [:i/key \"part\"]]]");
    reconnect();
    Outcome outcome = get(edit.outcome());
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/component-cut"));
    assertThat(outcome.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.base()).containsExactly(1L);
      assertThat(conflict.local()).containsExactly(2L);
    });
    assertThat(client.status().counters().predictedWrong()).isZero();
    assertThat(get(client.retry(edit.id()).transaction().outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }
}
