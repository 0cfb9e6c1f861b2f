package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rules that call themselves, on a chain so long that what is not done semi-naively, or one call inside the other, takes
 * for ever or runs out of stack.
 */
@Timeout(30)
class RecursiveRuleTest {
  private static final int N = 20_000;
  private static final QueryEngine ENGINE = new QueryEngine();
  private static final DatomSource DB = Chain.of(N, 1);
  private static final String RIGHT = "[[(after ?a ?b) [?a :c/next ?b]] [(after ?a ?b) [?a :c/next ?c] (after ?c ?b)]]";
  private static final String LEFT = "[[(after ?a ?b) [?a :c/next ?b]] [(after ?a ?b) (after ?a ?c) [?c :c/next ?b]]]";

  private static Object ask(String query, Object... inputs) {
    return ENGINE.query(query, Arrays.asList(inputs));
  }

  @Test
  void followsALongPathForwardsAndBackwards() {
    for (String rules : List.of(RIGHT, LEFT)) {
      assertThat(ask("[:find (count ?b) . :in $ % :where [?a :c/n 0] (after ?a ?b)]", DB, rules)).isEqualTo(N - 1L);
      assertThat(ask("[:find (count ?a) . :in $ % :where [?b :c/n 19999] (after ?a ?b)]", DB, rules)).isEqualTo(N - 1L);
    }
  }

  @Test
  void findsWhetherTwoAreConnected() {
    String query = "[:find ?n :in $ % ?from ?to :where [?a :c/n ?from] [?b :c/n ?to] (after ?a ?b) [?a :c/n ?n]]";
    for (String rules : List.of(RIGHT, LEFT)) {
      assertThat((Collection<?>) ask(query, DB, rules, 10L, 15_000L)).hasSize(1);
      assertThat((Collection<?>) ask(query, DB, rules, 15_000L, 10L)).isEmpty();
    }
  }

  @Test
  void endsOnACycle() {
    List<Object> edges = List.of(List.of(1, 2), List.of(2, 3), List.of(3, 1), List.of(3, 4));
    String rules = "[[(to ?a ?b) [?a ?b]] [(to ?a ?b) (to ?a ?c) (to ?c ?b)]]";
    assertThat((Collection<?>) ask("[:find ?b :in $ % :where (to 1 ?b)]", edges, rules)).hasSize(4);
    assertThat((Collection<?>) ask("[:find ?a ?b :in $ % :where (to ?a ?b)]", edges, rules)).hasSize(12);
    assertThat((Collection<?>) ask("[:find ?a :in $ % :where (to ?a ?a)]", edges, rules)).hasSize(3);
  }

  /** Of n places 2^n combinations of constants lead to each other, one inside the other. */
  @Test
  void looksAtNoMoreCallsThanFitTheStack() {
    int n = 16;
    String variables = IntStream.range(0, n).mapToObj(i -> "?a" + i).collect(Collectors.joining(" "));
    String shifted = IntStream.range(0, n - 1).mapToObj(i -> "?a" + i).collect(Collectors.joining(" "));
    String head = "(r " + variables + ")";
    String rules = "[[" + head + " [?a0 :c/next ?a" + (n - 1) + "] " + IntStream.range(1, n - 1)
        .mapToObj(i -> "[(identity ?a0) ?a" + i + "]").collect(Collectors.joining(" ")) + "]"
        + "[" + head + " (r 0 " + shifted + ") [(identity 0) ?a" + (n - 1) + "]]"
        + "[" + head + " (r 1 " + shifted + ") [(identity 1) ?a" + (n - 1) + "]]]";
    assertThat(ask("[:find (count ?a0) . :in $ % :where " + head + "]", Chain.of(5, 1), rules)).isEqualTo(4L);
  }

  @Test
  void rulesCallEachOther() {
    String rules = """
        [[(even ?a) [?a :c/n 0]] [(even ?a) [?b :c/next ?a] (odd ?b)] [(odd ?a) [?b :c/next ?a] (even ?b)]]""";
    assertThat(ask("[:find (count ?a) . :in $ % :where (even ?a)]", DB, rules)).isEqualTo(N / 2L);
    assertThat((Collection<?>) ask("[:find ?n :in $ % :where [?a :c/n 8] (odd ?a) [?a :c/n ?n]]", DB, rules)).isEmpty();
  }

  @Test
  void aRecursiveCallMayStandInAnOr() {
    String rules = "[[(after ?a ?b) (or-join [?a ?b] [?a :c/next ?b] (and [?a :c/next ?c] (after ?c ?b)))]]";
    assertThat(ask("[:find (count ?b) . :in $ % :where [?a :c/n 100] (after ?a ?b)]", DB, rules)).isEqualTo(N - 101L);
  }

  @Test
  void readsTheSourceThatItIsCalledWith() {
    List<Object> one = List.of(List.of("a", "b"));
    List<Object> other = List.of(List.of("a", "c"), List.of("c", "d"));
    String rules = "[[(to ?a ?b) [?a ?b]] [(to ?a ?b) [?a ?c] (to ?c ?b)]]";
    assertThat((Collection<?>) ask("[:find ?x ?y :in $ $2 % :where (to \"a\" ?x) ($2 to \"a\" ?y)]", one, other, rules))
        .hasSize(2);
    assertThat((Collection<?>) ask("[:find ?x :in $ $2 % :where ($2 to \"a\" ?x) (not (to \"a\" ?x))]", one, other, rules))
        .hasSize(2);
  }

  @Test
  void rulesMayBuildOnEachOtherManyTimes() {
    StringBuilder rules = new StringBuilder("[[(r0 ?a ?b) [?a :c/next ?b]]");
    for (int i = 1; i <= 30; i++) {
      String below = "r" + (i - 1);
      rules.append(" [(r").append(i).append(" ?a ?b) (or (").append(below).append(" ?a ?b) (").append(below)
          .append(" ?a ?b))]");
    }
    String query = "[:find ?n . :in $ % :where [?a :c/n 5] (r30 ?a ?b) [?b :c/n ?n]]";
    assertThat(ask(query, DB, rules.append("]").toString())).isEqualTo(6L);
  }

  @Test
  void whatARuleOfACircleGivesDoesNotDependOnWhichIsAskedFirst() {
    // b gives names of entities only by way of a, which is asked for while a is being looked at.
    String rules = "[[(a ?x) (b ?x)] [(a ?x) [_ :db/ident ?x]] [(b ?x) (a ?x)]]";
    String rest = " [?y :db/valueType _]]";
    Object first = ask("[:find (count ?y) . :in $ % :where (b ?y) (a ?x)" + rest, DB, rules);
    assertThat((Long) first).isPositive();
    assertThat(ask("[:find (count ?y) . :in $ % :where (a ?x) (b ?y)" + rest, DB, rules)).isEqualTo(first);
  }

  @Test
  void asksForEachNodeOnceThoughTheRootIsAScalarInput() {
    Counting nodes = new Counting(Chain.of(300, 20));
    Object root = ask("[:find ?a . :where [?a :c/n 0]]", nodes);
    nodes.reads = 0;
    assertThat(ask("[:find (count ?b) . :in $ % [?a ...] :where (after ?a ?b)]", nodes, RIGHT, List.of(root))).isEqualTo(299L);
    long fromList = nodes.reads;
    nodes.reads = 0;
    assertThat(ask("[:find (count ?b) . :in $ % ?a :where (after ?a ?b)]", nodes, RIGHT, root)).isEqualTo(299L);
    assertThat(fromList).isPositive();
    assertThat(nodes.reads).isLessThan(2 * fromList);
  }

  /** Counts what is read. */
  private static final class Counting implements DatomSource {
    private final DatomSource source;
    private long reads;

    Counting(DatomSource source) {
      this.source = source;
    }

    @Override
    public Schema schema() {
      return source.schema();
    }

    @Override
    public Iterable<Datom> datoms(IndexOrder order, Object... components) {
      reads++;
      return source.datoms(order, components);
    }

    @Override
    public Iterable<Datom> seek(IndexOrder order, Object... components) {
      reads++;
      return source.seek(order, components);
    }

    @Override
    public long estimate(IndexOrder order, Object... components) {
      return source.estimate(order, components);
    }
  }
}
