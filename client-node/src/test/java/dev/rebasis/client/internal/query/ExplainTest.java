package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.QueryPlan;
import dev.rebasis.client.internal.db.DatomSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the planner says about its plans, and that the order in which clauses are written has no part in them. */
class ExplainTest {
  private static final QueryEngine ENGINE = new QueryEngine();
  private static final DatomSource DB = Chain.of(3_000, 10);
  private static final List<String> CLAUSES = List.of(
      "[?a :c/n 77]", "[?a :c/next ?b]", "[?b :c/next ?c]", "[?c :c/mod ?m]", "[(< ?m 90)]", "(not [?c :c/n 99])",
      "(or (and [?c :c/mod ?m] [?c :c/n 80]) [?c :c/mod ?m])");

  private static QueryPlan explain(List<String> clauses) {
    return ENGINE.explain("[:find ?c ?m :where " + String.join(" ", clauses) + "]", List.of(DB));
  }

  private static List<Object> order(QueryPlan plan) {
    return plan.steps().stream().map(QueryPlan.Step::clause).toList();
  }

  @Test
  void givesTheResultAndTheRowsExpectedAndFound() {
    QueryPlan plan = explain(CLAUSES.subList(0, 4));
    assertThat(plan.result()).isEqualTo(ENGINE.query(
        "[:find ?c ?m :where " + String.join(" ", CLAUSES.subList(0, 4)) + "]", List.of(DB)));
    assertThat(plan.steps()).hasSize(4);
    assertThat(plan.steps().get(0).way()).isEqualTo("attribute value");
    assertThat(plan.steps().get(0).rowsActual()).isEqualTo(1);
    assertThat(plan.steps().get(1).rowsActual()).isEqualTo(10);
    assertThat(plan.steps().get(1).rowsEstimated()).isBetween(5.0, 20.0);
    assertThat(plan.toString()).contains("[?a :c/next ?b]").contains("attribute value");
  }

  @Test
  void theOrderWrittenHasNoInfluence() {
    Random random = new Random(3);
    Set<List<Object>> orders = new HashSet<>();
    Set<Object> results = new HashSet<>();
    for (int i = 0; i < 30; i++) {
      List<String> shuffled = new ArrayList<>(CLAUSES);
      Collections.shuffle(shuffled, random);
      QueryPlan plan = explain(shuffled);
      orders.add(order(plan));
      results.add(plan.result());
    }
    assertThat(results).hasSize(1);
    assertThat(orders).hasSize(1);
  }

  /** There are more clauses than those that the planner tries as the first one. */
  @Test
  void theOrderWrittenHasNoInfluenceOnManyClausesEither() {
    DatomSource chain = Chain.of(3_000, 1);
    List<String> clauses = new ArrayList<>(List.of("[?x9 :c/n 1500]", "[?x15 :c/mod ?m]", "[?x0 :c/mod ?k]"));
    for (int i = 0; i < 16; i++) {
      clauses.add("[?x" + i + " :c/next ?x" + (i + 1) + "]");
    }
    Random random = new Random(5);
    Set<List<Object>> orders = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      Collections.shuffle(clauses, random);
      QueryPlan plan = ENGINE.explain("[:find ?m ?k :where " + String.join(" ", clauses) + "]", List.of(chain));
      assertThat(plan.result()).isEqualTo(Set.of(List.of(6L, 91L)));
      orders.add(order(plan));
    }
    assertThat(orders).singleElement().satisfies(order -> assertThat(order.get(0)).hasToString("[?x9, :c/n, 1500]"));
  }

  @Test
  void beginsWithTheNarrowestClause() {
    List<String> worst = new ArrayList<>(CLAUSES.subList(0, 4));
    Collections.reverse(worst);
    assertThat(order(explain(worst)).get(0)).hasToString("[?a, :c/n, 77]");
  }

  @Test
  void showsWhatRanInsideOrAndNot() {
    QueryPlan plan = explain(CLAUSES);
    QueryPlan.Step or = step(plan, "or");
    assertThat(or.branches()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(or.branches()).allSatisfy(branch -> {
      assertThat(branch.runs()).isPositive();
      assertThat(branch.steps()).isNotEmpty().allSatisfy(step -> assertThat(step.rowsEstimated()).isNotNegative());
    });
    assertThat(or.branches().stream().mapToLong(branch -> branch.steps().get(branch.steps().size() - 1).rowsActual()).sum())
        .isGreaterThanOrEqualTo(or.rowsActual());
    QueryPlan.Step not = step(plan, "not");
    assertThat(not.branches()).isNotEmpty().allSatisfy(branch -> assertThat(branch.steps()).singleElement()
        .satisfies(step -> assertThat(step.clause()).hasToString("[?c, :c/n, 99]")));
    assertThat(plan.toString()).contains("run ").contains("    [?c :c/n 99]");
  }

  private static QueryPlan.Step step(QueryPlan plan, String begin) {
    return plan.steps().stream().filter(step -> ((List<?>) step.clause()).get(0).toString().equals(begin))
        .findFirst().orElseThrow();
  }

  @Test
  void showsWhatRanInsideRules() {
    String rules = "[[(far ?a ?b) [?a :c/next ?b]] [(far ?a ?b) [?a :c/next ?c] (far ?c ?b)]"
        + " [(near ?a ?b) [?a :c/next ?b]]]";
    QueryPlan recursive = ENGINE.explain(
        "[:find (count ?b) . :in $ % :where [?a :c/n 2990] (far ?a ?b)]", List.of(DB, rules));
    assertThat(recursive.result()).isEqualTo(9L);
    QueryPlan.Step far = step(recursive, "far");
    assertThat(far.rowsActual()).isEqualTo(9);
    assertThat(far.branches()).hasSize(2);
    assertThat(far.branches().get(0).runs()).as("from 2990 and each one behind it").isEqualTo(10);
    assertThat(far.branches().get(0).steps().get(0).rowsActual()).isEqualTo(45);
    QueryPlan inlined = ENGINE.explain(
        "[:find ?b :in $ % :where [?a :c/n 5] (near ?a ?b)]", List.of(DB, rules));
    assertThat(step(inlined, "near").branches()).singleElement().satisfies(branch -> {
      assertThat(branch.runs()).isEqualTo(1);
      assertThat(branch.steps().get(0).rowsActual()).isEqualTo(10);
    });
  }

  @Test
  void hasNoStepsIfNothingHadToBeRead() {
    assertThat(ENGINE.explain("[:find ?a :where [?a :c/n \"text\"]]", List.of(DB)).steps()).isEmpty();
  }
}
