package dev.rebasis.client.internal.query;

import static dev.rebasis.client.internal.query.People.DB;
import static dev.rebasis.client.internal.query.People.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.QueryException;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Datomic cannot say anything about: our own types, Java data, independence of the order written. */
class QueryEngineTest {
  private static final long ANN = (Long) ask("[:find ?e . :where [?e :p/name \"Ann\"]]", DB);

  @Test
  void takesQueriesAsJavaData() {
    Symbol e = Symbol.of("?e");
    List<Object> list = List.of(Keyword.of(":find"), e, Keyword.of(":where"), List.of(e, Keyword.of(":p/age"), 30));
    Map<Keyword, List<?>> map = Map.of(Keyword.of(":find"), List.of(e), Keyword.of(":where"),
        List.of(List.of(e, Keyword.of(":p/age"), Symbol.of("?a")), List.of(List.of(Symbol.of("<"), Symbol.of("?a"), 35))));
    assertThat(ask2(list)).isEqualTo(Set.of(List.of(ANN)));
    assertThat(ask2(map)).isEqualTo(Set.of(List.of(ANN)));
  }

  private static Object ask2(Object query) {
    return People.ENGINE.query(query, List.of(DB));
  }

  @Test
  void parsesEqualQueriesAndRulesOnce() {
    QueryEngine engine = new QueryEngine();
    String text = "[:find ?e :where [?e :p/age 30]]";
    assertThat(engine.parse(new String(text))).isSameAs(engine.parse(new String(text)));
    List<Object> form = List.of(Keyword.of(":find"), Symbol.of("?e"), Keyword.of(":where"), List.of(Symbol.of("?e")));
    assertThat(engine.parse(new ArrayList<>(form))).isSameAs(engine.parse(new ArrayList<>(form)));
    String rules = "[[(old ?e) [?e :p/age ?a] [(< 30 ?a)]]]";
    assertThat(engine.rules(new String(rules))).isSameAs(engine.rules(new String(rules)));
  }

  @Test
  void remembersAQueryAsItWasAndNotAsTheCallerChangesIt() {
    List<Object> clause = new ArrayList<>(List.of(Symbol.of("?e"), Keyword.of(":p/age"), 30L));
    List<Object> query = new ArrayList<>(
        List.of(Keyword.of(":find"), Symbol.of("?e"), Keyword.of(":where"), clause));
    assertThat((Collection<?>) ask2(query)).hasSize(1);
    clause.set(2, 40L);
    assertThat((Collection<?>) ask2(query)).hasSize(2);
    clause.set(2, 30L);
    assertThat((Collection<?>) ask2(query)).hasSize(1);
  }

  @Test
  void takesOurOwnTypesAsInputs() {
    String ofEntity = "[:find ?n . :in $ ?e :where [?e :p/name ?n]]";
    assertThat(ask(ofEntity, DB, ANN)).isEqualTo("Ann");
    assertThat(ask(ofEntity, DB, EntityId.of(ANN))).isEqualTo("Ann");
    assertThat(ask(ofEntity, DB, LookupRef.of(":p/name", "Ann"))).isEqualTo("Ann");
    assertThat(ask(ofEntity, DB, List.of(Keyword.of(":p/name"), "Ann"))).isEqualTo("Ann");
    String born = "[:find ?n . :in $ ?t :where [?e :p/born ?t] [?e :p/name ?n]]";
    Instant instant = Instant.parse("1990-01-01T00:00:00Z");
    assertThat(ask(born, DB, instant)).isEqualTo("Ann");
    assertThat(ask(born, DB, Date.from(instant))).isEqualTo("Ann");
    assertThat(ask("[:find ?n . :in $ ?a :where [?e :p/age ?a] [?e :p/name ?n]]", DB, 30)).isEqualTo("Ann");
  }

  @Test
  void takesALookupRefAsAnEntityInAPattern() {
    assertThat(ask("[:find ?a . :where [[:p/name \"Ann\"] :p/age ?a]]", DB)).isEqualTo(30L);
  }

  @Test
  void readsArraysMapsAndListsAsCollections() {
    assertThat(ask("[:find ?a . :where [?a \"y\"]]", Map.of(1L, "x", 2L, "y"))).isEqualTo(2L);
    assertThat(ask("[:find ?a . :where [?a \"y\"]]", List.of(new Object[] {1L, "x"}, new Object[] {2L, "y"})))
        .isEqualTo(2L);
    assertThat(ask("[:find [?a ...] :in [?a ...]]", (Object) new Object[] {1, 2})).isEqualTo(List.of(1L, 2L));
  }

  @Test
  void givesTheSameAnswerInEveryOrder() {
    List<String> clauses = List.of("[?x :p/color ?y]", "[?x :p/kind ?y]", "[?x :p/name ?n]", "[(str ?n \"!\") ?s]");
    Set<List<Object>> expected = Set.of(List.of(Keyword.of(":color/red"), "Ann!"), List.of(Keyword.of(":color/blue"), "Bob!"));
    for (List<String> order : permutations(clauses)) {
      assertThat(ask("[:find ?y ?s :where " + String.join(" ", order) + "]", DB)).as("%s", order).isEqualTo(expected);
    }
  }

  private static List<List<String>> permutations(List<String> items) {
    if (items.isEmpty()) {
      return List.of(List.of());
    }
    List<List<String>> all = new ArrayList<>();
    for (String first : items) {
      List<String> rest = new ArrayList<>(items);
      rest.remove(first);
      for (List<String> tail : permutations(rest)) {
        List<String> one = new ArrayList<>(List.of(first));
        one.addAll(tail);
        all.add(one);
      }
    }
    return all;
  }

  // Written after a clause that removes the zeros, the division must not be tried on them.
  @Test
  void doesNotFailForRowsThatAnEarlierClauseRemoves() {
    Object rows = ask("[:find ?q :in [[?k ?n]] [[?k2 ?ok]] :where [(= ?k ?k2)] [(= ?ok true)] [(/ 10 ?n) ?q]]",
        List.of(List.of("a", 0), List.of("b", 5)), List.of(List.of("b", true)));
    assertThat(rows).isEqualTo(Set.of(List.of(2L)));
    assertThatThrownBy(() -> ask("[:find ?q :in [[?k ?n]] :where [(/ 10 ?n) ?q]]",
        List.of(List.of("a", 0), List.of("b", 5)))).isInstanceOf(QueryException.class);
  }

  // The smaller table comes first in the plan, and with it what is computed of its rows; it is written last.
  @Test
  void doesNotFailForRowsThatAJoinWrittenBeforeRemoves() {
    List<List<Object>> many = names("Ann", "Bob");
    String divide = "[:find ?q :in $ok $n :where [$ok ?x] [$n ?x ?n] [(/ 10 ?n) ?q]]";
    assertThat(People.ENGINE.explain(divide, List.of(many, List.of(List.of("Ann", 5)))).steps().get(0).clause())
        .isEqualTo(Edn.read("[$n ?x ?n]"));
    assertThat(ask(divide, many, List.of(List.of("Zed", 0), List.of("Ann", 5)))).isEqualTo(Set.of(List.of(2L)));
    assertThatThrownBy(() -> ask(divide, names("Zed"), List.of(List.of("Zed", 0), List.of("Ann", 5))))
        .isInstanceOf(QueryException.class).hasMessageContaining("[(/ 10 ?n) ?q]");
    String lookUp = "[:find ?a :in $ $ok $n :where [$ok ?x] [$n ?x] [(tuple :p/name ?x) ?ref] [?ref :p/age ?a]]";
    assertThat(ask(lookUp, DB, many, List.of(List.of("Zed"), List.of("Ann")))).isEqualTo(Set.of(List.of(30L)));
    assertThatThrownBy(() -> ask(lookUp, DB, names("Zed"), List.of(List.of("Zed"), List.of("Ann"))))
        .isInstanceOf(RebasisException.class).hasMessageContaining("Zed");
  }

  private static List<List<Object>> names(String... first) {
    List<List<Object>> names = new ArrayList<>();
    for (String name : first) {
      names.add(List.of(name));
    }
    for (int i = 0; i < 20; i++) {
      names.add(List.of("n" + i));
    }
    return names;
  }

  @Test
  void rowsAreListsThatCannotBeChanged() {
    Collection<?> rows = (Collection<?>) ask("[:find ?n ?a :where [?e :p/name ?n] [?e :p/age ?a]]", DB);
    assertThatThrownBy(rows::clear).isInstanceOf(UnsupportedOperationException.class);
    List<?> row = (List<?>) rows.iterator().next();
    assertThat(row).isEqualTo(new ArrayList<>(row)).hasSameHashCodeAs(new ArrayList<>(row));
    assertThatThrownBy(() -> row.remove(0)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void ignoresInputsTooMany() {
    assertThat(ask("[:find ?n . :in ?n]", 1, 2)).isEqualTo(1L);
    assertThat(Edn.write(ask("[:find [?n ...] :in [?n ...]]", List.of()))).isEqualTo("[]");
  }
}
