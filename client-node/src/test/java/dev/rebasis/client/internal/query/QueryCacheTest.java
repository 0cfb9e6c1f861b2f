package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A query is read once as long as it is remembered, and what is remembered of it belongs to its text alone: not to a list
 * that its author may change, and not to the schema of the database that it was asked of first.
 */
class QueryCacheTest {
  private static final String QUERY = "[:find ?a :where [?a :c/n 7]]";
  private static final DatomSource DB = Chain.of(20, 2);

  private final QueryEngine engine = new QueryEngine();

  @Test
  void equalQueriesAndRulesAreReadOnce() {
    Query first = engine.parse(QUERY);
    engine.query(QUERY, List.of(DB));
    assertThat(engine.parse(new StringBuilder(QUERY).toString())).isSameAs(first);
    Object data = Edn.read(QUERY);
    assertThat(engine.parse(Edn.read(QUERY))).isSameAs(engine.parse(data));
    assertThat(engine.parse("[:find ?a :where [?a :c/n 8]]")).isNotSameAs(first);

    String rules = "[[(seven ?a) [?a :c/n 7]]]";
    assertThat(engine.rules(Edn.read(rules))).isSameAs(engine.rules(Edn.read(rules)))
        .isNotSameAs(engine.rules(Edn.read("[[(seven ?a) [?a :c/n 8]]]")));
  }

  @Test
  void aListThatIsChangedAfterwardsIsAnotherQuery() {
    List<Object> query = new ArrayList<>((List<?>) Edn.read("[:find ?n . :where [?a :c/n ?n]]"));
    List<Object> clause = new ArrayList<>((List<?>) Edn.read("[(= ?n 3)]"));
    query.add(clause);
    assertThat(engine.query(query, List.of(DB))).isEqualTo(3L);

    clause.set(0, Edn.read("(= ?n 4)"));

    assertThat(engine.query(query, List.of(DB))).isEqualTo(4L);
    assertThat(engine.query(Edn.read("[:find ?n . :where [?a :c/n ?n] [(= ?n 3)]]"), List.of(DB))).isEqualTo(3L);
  }

  @Test
  void aRememberedQueryIsAskedOfTheSchemaThatIsThere() {
    try (SyncClient client = SyncClient.builder().inMemory().open()) {
      client.transact("""
          [{:db/ident :n :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
           {:db/ident :r :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
           {:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
           {:db/ident :red}]""");
      client.transact("[{:k \"a\" :n :red :r :red}]");
      String byName = "[:find ?k :where [?e :n :red] [?e :k ?k]]";
      String byAttribute = "[:find ?k :in $ ?a ?v :where [?e ?a ?v] [?e :k ?k]]";
      String pulled = "[:find (pull ?e [:n {:r [:db/ident]}]) . :where [?e :k \"a\"]]";
      assertThat(client.db().q(byName)).isEqualTo(Set.of(List.of("a")));
      assertThat(client.db().q(byAttribute, Edn.read(":n"), Edn.read(":red"))).isEqualTo(Set.of(List.of("a")));
      assertThat((Object) client.db().query(pulled)).isEqualTo(Edn.read("{:n :red :r {:db/ident :red}}"));

      client.transact("[[:db/add :n :db/ident :old/n] [:db/add :r :db/ident :old/r]]");
      client.transact("""
          [{:db/ident :n :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
           {:db/ident :r :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}]""");
      client.transact("[{:k \"b\" :n [:red] :r [:red]}]");

      assertThat(client.db().q(byName)).isEqualTo(Set.of(List.of("b")));
      assertThat(client.db().q(byAttribute, Edn.read(":n"), Edn.read(":red"))).isEqualTo(Set.of(List.of("b")));
      assertThat(client.db().q(byAttribute, Edn.read(":old/n"), Edn.read(":red"))).isEqualTo(Set.of(List.of("a")));
      assertThat((Object) client.db().query(pulled)).isNull();
      assertThat((Object) client.db().query(pulled.replace("\"a\"", "\"b\""))).isEqualTo(
          Edn.read("{:n [{:db/id " + client.db().entid(Edn.read(":red")) + "}] :r [{:db/ident :red}]}"));
    }
  }
}
