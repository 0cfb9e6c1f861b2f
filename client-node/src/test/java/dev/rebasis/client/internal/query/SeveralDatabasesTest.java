package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Peer;
import dev.rebasis.client.Database;
import dev.rebasis.client.internal.mirror.Mirror;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries over two moments of one database, and over its history, on Datomic and here. */
class SeveralDatabasesTest {
  private static final String RULES =
      "[[(older ?x ?y) [?x :p/age ?a] [?y :p/age ?b] [(> ?a ?b)]] [(named ?e ?n) [?e :p/name ?n]]"
          + " [(boss ?a ?b) [?a :p/boss ?b]] [(boss ?a ?b) [?a :p/boss ?c] (boss ?c ?b)]]";

  private final Mirror mirror = new Mirror();
  private Database now;
  private Database then;
  private datomic.Database theirThen;

  @BeforeEach
  void fill() {
    mirror.transact("""
        [{:db/ident :p/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
         {:db/ident :p/age :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :p/boss :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""");
    mirror.transact("[{:p/name \"Ann\" :p/age 30} {:p/name \"Bob\" :p/age 40} {:p/name \"Cid\" :p/age 20}]");
    mirror.transact("[[:db/add [:p/name \"Ann\"] :p/boss [:p/name \"Bob\"]]]");
    long t = mirror.theirs().basisT();
    mirror.transact("""
        [[:db/add [:p/name "Ann"] :p/age 31] [:db/add [:p/name "Bob"] :p/boss [:p/name "Cid"]] {:p/name "Dora" :p/age 50}]""");
    mirror.transact("[[:db/retract [:p/name \"Cid\"] :p/age 20]]");
    now = mirror.ours();
    then = now.asOf(t);
    theirThen = mirror.theirs().asOf(t);
  }

  @AfterEach
  void close() {
    mirror.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "[:find ?n ?was ?is :in $ $then % :where [?e :p/name ?n] [$then ?e :p/age ?was] [?e :p/age ?is] [(not= ?was ?is)]]",
    "[:find ?n :in $ $then % :where [?e :p/name ?n] [?e :p/age _] [$then _ :p/name ?n]]",
    "[:find ?n :in $ $then % :where (named ?e ?n) ($then older ?e ?f) (not (older ?e ?f))]",
    "[:find ?n ?m :in $ $then % :where (boss ?e ?f) (named ?e ?n) (named ?f ?m)]",
    "[:find ?n ?m :in $ $then % :where ($then boss ?e ?f) (named ?e ?n) (named ?f ?m)]",
    "[:find ?n ?m :in $ $then % :where (boss ?e ?f) (named ?e ?n) (named ?f ?m) [$then ?e :p/boss ?g] (boss ?g ?f)]",
    "[:find ?n :in $ $then % :where [?e :p/name ?n] [(missing? $then ?e :p/boss)] [(get-else $ ?e :p/age 0) ?a] [(< 0 ?a)]]"
  })
  void joinsTwoMoments(String query) {
    Object expected = Oracle.ours(Peer.query(query, mirror.theirs(), theirThen, datomic.Util.read(RULES)));
    Object actual = now.query(query, then, RULES);
    assertThat(actual).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "[:find ?n ?a ?op :in $ $h :where [?e :p/name ?n] [$h ?e :p/age ?a _ ?op]]",
    "[:find ?n (count ?a) :in $ $h :where [?e :p/name ?n] [$h ?e :p/age ?a _ true]]",
    "[:find ?n :in $ $h :where [$h ?e :p/age _ _ false] [?e :p/name ?n]]",
    "[:find ?a ?b :in $ $h :where [$h ?e :p/age ?a ?t true] [$h ?e :p/age ?b ?t false]]"
  })
  void readsTheHistory(String query) {
    Object expected = Oracle.ours(Peer.query(query, mirror.theirs(), mirror.theirs().history()));
    Object actual = now.query(query, now.history());
    assertThat(unordered(actual)).isEqualTo(unordered(expected));
  }

  private static List<String> unordered(Object rows) {
    List<String> sorted = new ArrayList<>();
    ((Iterable<?>) rows).forEach(row -> sorted.add(String.valueOf(row)));
    sorted.sort(null);
    return sorted;
  }
}
