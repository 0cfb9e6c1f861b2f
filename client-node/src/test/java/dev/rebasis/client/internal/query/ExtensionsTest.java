package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.QueryException;
import dev.rebasis.client.QueryFunction;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.edn.Edn;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a program can add to its queries, what it cannot reach without that, and choices at random. */
class ExtensionsTest {
  private static final Map<String, QueryFunction> FUNCTIONS = Map.of(
      "shop/half", arguments -> (Long) arguments.get(0) / 2,
      "shop/old?", arguments -> (Long) arguments.get(0) > 35,
      "shop/widest", arguments -> ((List<?>) arguments.get(1)).size() * (Long) arguments.get(0),
      "shop/rows", arguments -> List.of(List.of(1, "a"), List.of(2, "b")),
      "shop/database", arguments -> arguments.get(0) instanceof DatomSource,
      "shop/broken", arguments -> {
        throw new IllegalStateException("of its own making");
      });
  private static final QueryEngine ENGINE = new QueryEngine(
      new QueryExtensions(FUNCTIONS, Set.of(Runtime.Version.class)), new Random(1)::nextLong);

  private static Object ask(String query, Object... inputs) {
    return ENGINE.query(query, Arrays.asList(inputs));
  }

  @Test
  void callsRegisteredFunctions() {
    assertThat(ask("[:find ?h . :where [?e :p/name \"Ann\"] [?e :p/age ?a] [(shop/half ?a) ?h]]", People.DB)).isEqualTo(15L);
    assertThat((Collection<?>) ask("[:find ?e :where [?e :p/age ?a] [(shop/old? ?a)]]", People.DB)).hasSize(2);
    assertThat(ask("[:find ?x ?y :where [(shop/rows) [[?x ?y]]]]")).isEqualTo(Edn.read("#{[1 \"a\"] [2 \"b\"]}"));
    assertThat(ask("[:find ?x . :where [(shop/database $) ?x]]", People.DB)).isEqualTo(true);
  }

  @Test
  void callsRegisteredAggregates() {
    assertThat(ask("[:find (shop/widest 10 ?e) . :where [?e :p/age]]", People.DB)).isEqualTo(30L);
  }

  @Test
  void namesTheClauseOfAFunctionThatFails() {
    assertThatThrownBy(() -> ask("[:find ?x :where [(shop/broken 1) ?x]]"))
        .isInstanceOf(QueryException.class).hasMessageContaining("of its own making").hasMessageContaining("shop/broken")
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void callsOnlyClassesThatAreAllowed() {
    assertThat(ask("[:find ?x . :where [(java.lang.Runtime$Version/parse \"17\") ?v] [(.feature ?v) ?x]]")).isEqualTo(17L);
    for (String call : List.of("(System/exit 0)", "(java.lang.Runtime/getRuntime)", "(Thread/sleep 1)",
        "(java.io.File. \"x\")", "(Class/forName \"java.lang.Runtime\")")) {
      assertThatThrownBy(() -> ask("[:find ?x :where [" + call + " ?x]]"))
          .as(call).isInstanceOf(QueryException.class).hasMessageContaining("may not call");
    }
    assertThatThrownBy(() -> ask("[:find ?x :where [(.getClass \"a\") ?c] [(.getClassLoader ?c) ?x]]"))
        .isInstanceOf(QueryException.class).hasMessageContaining("java.lang.Class");
  }

  @Test
  void nestsQueries() {
    assertThat(ask("""
        [:find ?n ?friends :where [?e :p/name ?n]
         [(q [:find (count ?f) . :in $ ?e :where [?e :p/friend ?f]] $ ?e) ?friends]]""", People.DB))
        .isEqualTo(Edn.read("#{[\"Ann\" 2] [\"Bob\" 1] [\"Cid\" 1]}"));
    assertThat(ask("[:find ?x . :where [(datomic.api/q (quote [:find (max ?a) . :where [_ :p/age ?a]]) $) ?x]]", People.DB))
        .isEqualTo(40L);
  }

  @Test
  void choosesAtRandomFromTheValues() {
    Set<Object> names = Set.of("Ann", "Bob", "Cid");
    assertThat(names).contains(ask("[:find (rand ?n) . :where [_ :p/name ?n]]", People.DB));
    assertThat((List<?>) ask("[:find (rand 5 ?n) . :where [_ :p/name ?n]]", People.DB))
        .hasSize(5).allMatch(names::contains);
    assertThat((List<?>) ask("[:find (sample 2 ?n) . :where [_ :p/name ?n]]", People.DB))
        .hasSize(2).doesNotHaveDuplicates();
    assertThat((List<?>) ask("[:find (sample 9 ?n) . :where [_ :p/name ?n]]", People.DB)).hasSize(3);
  }
}
