package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: a text stands for the keyword that it writes where it meets the value of a keyword attribute, whatever the plan and
 * however much there is. Method: entities with a keyword and texts, two of them and two thousand, with and without an index;
 * each query is asked of Datomic in the order in which it converts, and here in every order of its clauses.
 */
class TextAsKeywordTest {
  private static final QueryEngine ENGINE = new QueryEngine();
  private static final String RULES = """
      [[(has ?e ?k) [?e :t/kind ?k]]
       [(leads ?e ?k) [?e :t/kind ?k]]
       [(leads ?e ?k) [?e :t/next ?f] (leads ?f ?k)]]""";
  private static final String SEVERAL = "[\":k/a\" \":k/b\" \":k/x4\" \":k/none\"]";

  /** What is found, the input beside the database and the rules, and the clauses in the order that Datomic needs. */
  private record Asked(String find, String in, String input, List<String> where) {
    String query(List<String> clauses) {
      return "[:find " + find + " :in $ % " + in + " :where " + String.join(" ", clauses) + "]";
    }
  }

  private static Asked asked(String find, String in, String input, String... where) {
    return new Asked(find, in, input, List.of(where));
  }

  private static final List<Asked> ASKED = List.of(
      asked("?e ?k", "[?k ...]", SEVERAL, "[?e :t/kind ?k]"),
      asked("?e", "?k", "\":k/a\"", "[?e :t/kind ?k]"),
      asked("?e ?k", "[[?k ?n]]", "[[\":k/a\" 1] [\":k/b\" 2] [\":k/a\" 2]]", "[?e :t/n ?n]", "[?e :t/kind ?k]"),
      asked("?e ?k", "_", "[]", "[(ground [\":k/a\" \":k/b\"]) [?k ...]]", "[?e :t/kind ?k]"),
      asked("?e ?k", "_", "[]", "[?f :t/n ?n]", "[?f :t/name ?m]", "[(str ?m \"\") ?k]", "[?e :t/kind ?k]"),
      asked("?e ?k", "$rows", "[[\":k/a\"] [\":k/b\"]]", "[$rows ?k]", "[?e :t/kind ?k]"),
      asked("?e ?f ?k", "_", "[]", "[?f :t/name ?k]", "[?e :t/kind ?k]"),
      asked("?e ?k", "_", "[]", "[?e :t/name ?k]", "[?e :t/kind ?k]"),
      asked("?e ?k", "[?k ...]", SEVERAL, "[?e :t/n _]", "(or [?e :t/kind ?k] [?e :t/name ?k])"),
      asked("?e ?k", "[?k ...]", SEVERAL, "[?e :t/n _]", "(or-join [?e ?k] [?e :t/kind ?k])"),
      asked("?e ?k", "[?k ...]", SEVERAL, "[?e :t/n 1]", "(not [?e :t/kind ?k])"),
      asked("?e ?k", "[?k ...]", SEVERAL, "[?e :t/n 1]", "(not-join [?k] [_ :t/kind ?k])"),
      asked("?f", "_", "[]", "[?f :t/name ?k]", "(not [_ :t/kind ?k])"),
      asked("?e ?k", "_", "[]", "(or [?e :t/name ?k] [?e :t/kind ?k])"),
      asked("?e ?k", "[?k ...]", SEVERAL, "(has ?e ?k)"),
      asked("?e ?k", "[?k ...]", SEVERAL, "[?e :t/n 2]", "(leads ?e ?k)"),
      asked("?e", "_", "[]", "[?e :t/n 2]", "(leads ?e \":k/a\")"),
      // Of an attribute that is not known, nobody can say that it holds keywords.
      asked("?e ?a ?k", "[?k ...]", SEVERAL, "[?e :t/n 1]", "[?e ?a ?k]"),
      asked("?e ?a", "_", "[]", "[?e :t/n 1]", "[?e ?a \":k/a\"]"));

  static Stream<Arguments> databases() {
    return Stream.of(Arguments.of(2, false), Arguments.of(2, true), Arguments.of(2_000, false), Arguments.of(2_000, true));
  }

  private static void fill(Oracle oracle, int size, boolean indexed) {
    oracle.transact("[{:db/ident :t/kind :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one :db/index "
        + indexed + "} {:db/ident :t/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/index " + indexed
        + "} {:db/ident :t/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}"
        + " {:db/ident :t/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]");
    StringBuilder facts = new StringBuilder("[");
    for (int i = 0; i < size; i++) {
      String kind = i == 0 ? ":k/a" : i == 1 ? ":k/b" : ":k/x" + i;
      facts.append("{:db/id \"e").append(i).append("\" :t/kind ").append(kind).append(" :t/name \"")
          .append(i % 2 == 0 ? kind : ":k/y" + i).append("\" :t/n ").append(i + 1)
          .append(i == 1 ? " :t/next \"e0\"}" : "}");
    }
    oracle.transact(facts.append(']').toString());
  }

  @ParameterizedTest
  @MethodSource("databases")
  void everyOrderAnswersAsDatomicWhereItConverts(int size, boolean indexed) {
    try (Oracle oracle = new Oracle()) {
      fill(oracle, size, indexed);
      DatomSource db = oracle.source();
      for (Asked asked : ASKED) {
        Object input = Edn.read(asked.input);
        Object expected = oracle.query(asked.query(asked.where), db, Edn.read(RULES), input);
        for (List<String> clauses : orders(asked.where)) {
          String query = asked.query(clauses);
          assertThat(ENGINE.query(query, List.of(db, Edn.read(RULES), input))).as(query).isEqualTo(expected);
        }
      }
    }
  }

  private static Set<List<String>> orders(List<String> clauses) {
    if (clauses.isEmpty()) {
      return Set.of(List.of());
    }
    Set<List<String>> all = new HashSet<>();
    for (String first : clauses) {
      List<String> rest = new ArrayList<>(clauses);
      rest.remove(first);
      for (List<String> order : orders(rest)) {
        List<String> one = new ArrayList<>(List.of(first));
        one.addAll(order);
        all.add(one);
      }
    }
    return all;
  }
}
