package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.DatomSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Joins with so many rows that each kind of step comes to its turn: look-ups, tables, look-ups that change over to a
 * table, and rows that must not multiply. A chain of entities 0 to N-1 with :c/n n, :c/next to the ten that follow.
 */
class LargeJoinTest {
  private static final int N = 3_000;
  private static final int FAN = 10;
  private static final QueryEngine ENGINE = new QueryEngine();
  private static DatomSource db;

  @BeforeAll
  static void makeChain() {
    db = Chain.of(N, FAN);
  }

  private static Object ask(String query, Object... inputs) {
    return ENGINE.query(query, inputs.length == 0 ? List.of(db) : List.of(db, inputs[0]));
  }

  @Test
  void joinsAllRowsOfTwoAttributes() {
    Set<?> rows = (Set<?>) ask("[:find ?n ?m :where [?e :c/n ?n] [?e :c/mod ?m]]");
    assertThat(rows).hasSize(N).allMatch(row -> (Long) ((List<?>) row).get(0) % 100 == (Long) ((List<?>) row).get(1));
  }

  @Test
  void joinsOnAValueWithoutAnIndex() {
    assertThat((Set<?>) ask("[:find ?a ?b :where [?a :c/mod ?m] [?b :c/mod ?m] [?a :c/n 5]]")).hasSize(N / 100);
  }

  @Test
  @Timeout(20)
  void findsTheEndsOfLongPathsWithoutEnumeratingThem() {
    // Ten to the power of eight paths begin at 0.
    Set<?> ends = (Set<?>) ask("""
        [:find ?n :where [?a :c/n 0] [?a :c/next ?b] [?b :c/next ?c] [?c :c/next ?d] [?d :c/next ?e]
         [?e :c/next ?f] [?f :c/next ?g] [?g :c/next ?h] [?h :c/next ?i] [?i :c/n ?n]]""");
    assertThat(ends).hasSize(8 * FAN - 8 + 1);
  }

  @Test
  @Timeout(20)
  void doesNotMultiplyByClausesThatOnlyHaveToHold() {
    Collection<?> rows = (Collection<?>) ask("[:find ?n :where [?a :c/n ?n] [?b :c/mod _] [?c :c/next _]]");
    assertThat(rows).hasSize(N);
  }

  /** Joins of several clauses, and how many datoms any order of writing may read; the widest attribute has 30,000. */
  static Stream<Arguments> joins() {
    return Stream.of(
        // 1, its 10 successors, theirs (100, of which 19 differ), and a number of each
        Arguments.of(500, "?c ?m", List.of("[?a :c/n 77]", "[?a :c/next ?b]", "[?b :c/next ?c]", "[?c :c/mod ?m]")),
        // the same from its other end: the value is found in :c/n, and the way back leads over references
        Arguments.of(500, "?a", List.of("[?c :c/n 777]", "[?b :c/next ?c]", "[?a :c/next ?b]", "[?a :c/mod ?m]")),
        // met in the middle
        Arguments.of(500, "?b", List.of("[?a :c/n 10]", "[?a :c/next ?b]", "[?b :c/next ?c]", "[?c :c/n 25]",
            "[?b :c/mod ?m]")),
        // a predicate and a negation among them
        Arguments.of(500, "?c ?m", List.of("[?a :c/n 77]", "[?a :c/next ?b]", "[?b :c/next ?c]", "[?c :c/mod ?m]",
            "[(< ?m 90)]", "(not [?c :c/n 99])")),
        // two narrow ends and an attribute in between that has no index by value: read once, and no more
        Arguments.of(N + 500, "?x ?y", List.of("[?a :c/n 5]", "[?a :c/mod ?m]", "[?x :c/mod ?m]", "[?x :c/next ?y]")));
  }

  @ParameterizedTest
  @MethodSource("joins")
  void readsLittleInWhateverOrderItIsWritten(int readMax, String find, List<String> clauses) {
    Random random = new Random(clauses.hashCode());
    Object expected = null;
    for (int i = 0; i < 24; i++) {
      List<String> shuffled = new ArrayList<>(clauses);
      Collections.shuffle(shuffled, random);
      CountedSource counted = new CountedSource(db);
      Object rows = ENGINE.query("[:find " + find + " :where " + String.join(" ", shuffled) + "]", List.of(counted));
      assertThat(counted.read()).as("datoms read for " + shuffled).isPositive().isLessThanOrEqualTo(readMax);
      expected = expected == null ? rows : expected;
      assertThat(rows).isEqualTo(expected);
    }
    assertThat((Set<?>) expected).isNotEmpty();
  }

  @Test
  void joinsManyInputs() {
    List<Long> all = new ArrayList<>();
    for (long i = 0; i < 2 * N; i++) {
      all.add(i);
    }
    assertThat((Set<?>) ask("[:find ?e :in $ [?n ...] :where [?e :c/n ?n]]", all)).hasSize(N);
    assertThat(ask("[:find (count ?e) . :in $ [?m ...] :where [?e :c/mod ?m]]", all)).isEqualTo((long) N);
  }
}
