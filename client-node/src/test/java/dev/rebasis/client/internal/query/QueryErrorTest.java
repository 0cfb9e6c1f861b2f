package dev.rebasis.client.internal.query;

import static dev.rebasis.client.internal.query.People.DB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.QueryException;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a query is told with a code, and with the clause where one is at fault. */
class QueryErrorTest {
  private static QueryException refused(Object query, Object... inputs) {
    return catchThrowableOfType(
        QueryException.class, () -> People.ENGINE.query(query, Arrays.asList(inputs)));
  }

  // Columns: query; code; the clause that is named, or nothing.
  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '\0', textBlock = """
      [:find ?e :where [?e :p/nope 1]]; :db.error/not-an-entity; [?e :p/nope 1]
      [:find ?e :where [?e :p/color :color/nope]]; :db.error/not-an-entity; [?e :p/color :color/nope]
      [:find ?e :where [?e :p/friend [:p/name "Zed"]]]; :db.error/not-an-entity; [?e :p/friend [:p/name "Zed"]]
      [:find ?e :where [?e :p/friend [:p/age 1]]]; :db.error/lookup-ref-attr-not-unique; [?e :p/friend [:p/age 1]]
      [:find ?e :where [?e :p/friend [:p/nope 1]]]; :db.error/not-an-entity; [?e :p/friend [:p/nope 1]]
      [:find ?x :where [?e :p/age] [(get-else $ ?e :p/nope 0) ?x]]; :db.error/not-an-entity; [(get-else $ ?e :p/nope 0) ?x]
      [:find ?x :where [?e :p/age] [(get-some $ ?e :p/nope) ?x]]; :db.error/not-an-entity; [(get-some $ ?e :p/nope) ?x]
      [:find ?x :where [(ground [:p/age 1]) ?e] [?e :p/name ?x]]; :db.error/lookup-ref-attr-not-unique; [?e :p/name ?x]
      [:find ?e :where [?e :p/color "red"]]; :db.error/not-a-keyword; [?e :p/color "red"]
      [:find ?e :where [?e :p/kind "red"]]; :db.error/not-a-keyword; [?e :p/kind "red"]
      [:find ?e :where [?e :p/friend [1 2 3]]]; :db.error/invalid-lookup-ref; [?e :p/friend [1 2 3]]
      [:find ?x ?q :where [?x :p/age ?y]]; :db.error/unbound-query-variables;
      [:find ?x :where [?x :p/age ?y] [(< ?y ?z)]]; :db.error/insufficient-binding; [(< ?y ?z)]
      [:find ?x :where [?x]]; :db.error/insufficient-binding; [?x]
      [:find ?x :where [?x :p/age ?y ?t] [?z ?a ?v ?t]]; :db.error/insufficient-binding; [?z ?a ?v ?t]
      [:find ?x :where [?x ?a ?v]]; :db.error/insufficient-binding; [?x ?a ?v]
      [:find ?x :in $ ?y :where [?x :p/age ?y]]; :db.error/too-few-inputs;
      [:find ?x :in $ ?y $b :where [$c ?x :p/age ?y]]; :db.error/too-few-inputs;
      [:find ?x :where [$c ?x :p/age ?y]]; :db.error/invalid-data-source; [$c ?x :p/age ?y]
      [:find ?x :where [?x :p/age ?y] [(identity ?y) 40]]; :db.error/not-a-binding-form; [(identity ?y) 40]
      [:find (nope ?x) :where [?x :p/age ?y]]; :db.error/invalid-aggregate; (nope ?x)
      [:find (sum ?n) :where [?x :p/name ?n]]; :rebasis.error/query-function-failed; (sum ?n)
      [:find ?z :where [?x :p/age ?y] [(/ ?y 0) ?z]]; :rebasis.error/query-function-failed; [(/ ?y 0) ?z]
      [:find ?x :where [?x :p/age ?y] [(< 1 ?y 5)]]; :rebasis.error/invalid-query; [(< 1 ?y 5)]
      [:find ?x :where [?x :p/age ?y] [(nope ?y)]]; :rebasis.error/unsupported-query; [(nope ?y)]
      [:find ?x :where [?x :p/age] (not [?x :p/tag ?y])]; :db.error/insufficient-binding; (not [?x :p/tag ?y])
      [:find ?x :where [?x :p/age] (not-join ?x [?x :p/tag])]; :rebasis.error/invalid-query; (not-join ?x [?x :p/tag])
      [:find ?x :where [?x :p/age] (not)]; :rebasis.error/invalid-query; (not)
      [:find ?x :where (or [?x :p/age] [?x :p/tag ?t])]; :rebasis.error/invalid-query; (or [?x :p/age] [?x :p/tag ?t])
      [:find ?x :where [?x :p/age] (or)]; :rebasis.error/invalid-query; (or)
      [:find ?x :in $ % :where (rule ?x)]; :db.error/too-few-inputs;
      [:find ?x :where (rule ?x)]; :rebasis.error/invalid-query; (rule ?x)
      [:find ?x :where ($ rule ?x)]; :rebasis.error/invalid-query; ($ rule ?x)
      [:find ?x :where [?x :p/age] [(System/exit 1)]]; :rebasis.error/unsupported-query; [(System/exit 1)]
      [:find ?n :where [?x :p/age ?y] [(.getClass ?y) ?z] [(.getName ?z) ?n]]; :rebasis.error/query-function-failed; [(.getName ?z) ?n]
      [:find (pull ?x) :where [?x :p/age]]; :db.error/invalid-pull; (pull ?x)
      [:find ?x :keys x y :where [?x :p/age]]; :rebasis.error/invalid-query;
      [:find ?x :whre [?x :p/age]]; :rebasis.error/invalid-query;
      [:find :where [?x :p/age]]; :rebasis.error/invalid-query;
      [:find x :where [?x :p/age]]; :rebasis.error/invalid-query;
      [:find ?x]; :rebasis.error/invalid-query;
      [:find ?x :where []]; :rebasis.error/invalid-query; []
      [:find ?x :where ?x]; :rebasis.error/invalid-query; ?x
      [:find ?x :where [?x :p/age nil]]; :rebasis.error/invalid-query; [?x :p/age nil]
      [:find ?x :where [?x :p/age ?y ?t ?o ?z]]; :rebasis.error/invalid-query; [?x :p/age ?y ?t ?o ?z]
      [:find ?x :where [?x :p/age ?y] [(< ?y 1) ?a ?b]]; :rebasis.error/invalid-query; [(< ?y 1) ?a ?b]
      5; :rebasis.error/invalid-query;
      """)
  void namesCodeAndClause(String query, String code, String clause) {
    QueryException error = refused(Edn.read(query), DB);
    assertThat(error).as("what was thrown").isNotNull();
    assertThat(error.code()).isEqualTo(Keyword.of(code));
    assertThat(error.category()).isEqualTo(ErrorCategory.FIX_REQUEST);
    if (clause != null) {
      assertThat(error.data().get(Keyword.of(":clause"))).isEqualTo(Edn.read(clause));
      assertThat(error).hasMessageContaining(clause);
    }
  }

  @Test
  void saysWhatIsWrongWithAnInput() {
    assertThat(refused("[:find ?x :in [[?x ?y]]]", List.of(List.of(1))))
        .hasMessageContaining("[[?x ?y]]").hasMessageContaining("list of 2");
    assertThat(refused("[:find ?x :in [?x ...]]", 5)).hasMessageContaining("collection");
    assertThat(refused("[:find ?x :in ?x]", (Object) null)).hasMessageContaining("nil");
    assertThat(refused("[:find ?x :where [?x ?y]]", 5)).hasMessageContaining("java.lang.Integer");
    assertThat(refused("[:find ?x :where [?x ?y]]", List.of(List.of(1)))).hasMessageContaining("too short");
  }

  @Test
  void refusesAnUnresolvableEntityAmongSeveral() {
    List<Object> names = List.of(Edn.read("[:p/name \"Ann\"]"), Edn.read("[:p/name \"Zed\"]"));
    QueryException error = refused("[:find ?a :in $ [?x ...] :where [?x :p/age ?a]]", DB, names);
    assertThat(error).hasMessageContaining("Zed");
    assertThat(error.data().get(Keyword.of(":clause"))).as("the part of the query").isEqualTo(Edn.read("[?x ...]"));
  }
}
