package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.QueryException;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The corpus of queries, a file for each feature. A case has a query, inputs after the database of {@link People}, and
 * what it gives, on Datomic and here; or the code with which it is refused here, which Datomic refuses too, unless the
 * case says why it is asked {@code :only-here}.
 */
class CorpusTest {
  private static final List<String> FEATURES = List.of("not", "or", "rules", "find", "functions");

  /** One case. Its name in reports is the query. */
  record Case(String query, List<?> inputs, Object gives, Keyword refused, boolean onlyHere) {
    @Override
    public String toString() {
      return query;
    }
  }

  static Stream<Case> casesForDatomic() {
    return cases().filter(c -> !c.onlyHere);
  }

  static Stream<Case> cases() {
    return FEATURES.stream().flatMap(CorpusTest::casesOf);
  }

  private static Stream<Case> casesOf(String feature) {
    try (InputStream in = CorpusTest.class.getResourceAsStream("corpus/" + feature + ".edn")) {
      String text = new String(Objects.requireNonNull(in, feature).readAllBytes(), StandardCharsets.UTF_8);
      return ((List<?>) Edn.read(text)).stream().map(CorpusTest::caseOf);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Case caseOf(Object form) {
    Map<?, ?> map = (Map<?, ?>) form;
    List<?> inputs = (List<?>) map.get(Keyword.of(":in"));
    return new Case(
        Edn.write(map.get(Keyword.of(":query"))), inputs == null ? List.of() : inputs, map.get(Keyword.of(":gives")),
        (Keyword) map.get(Keyword.of(":refused")), map.containsKey(Keyword.of(":only-here")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isAnsweredHere(Case c) {
    if (c.refused != null) {
      QueryException error = catchThrowableOfType(QueryException.class, () -> People.ask(c.query, inputs(c)));
      assertThat(error).as("what was thrown").isNotNull();
      assertThat(error.code()).isEqualTo(c.refused);
    } else {
      assertThat(unordered(People.ask(c.query, inputs(c)))).isEqualTo(unordered(c.gives));
    }
  }

  @ParameterizedTest
  @MethodSource("casesForDatomic")
  void isAnsweredByDatomic(Case c) {
    if (c.refused != null) {
      assertThatThrownBy(() -> People.ORACLE.query(c.query, inputs(c))).isInstanceOf(IllegalArgumentException.class);
    } else {
      assertThat(unordered(People.ORACLE.query(c.query, inputs(c)))).isEqualTo(unordered(c.gives));
    }
  }

  private static Object[] inputs(Case c) {
    List<Object> inputs = new ArrayList<>(List.of(People.DB));
    inputs.addAll(c.inputs);
    return inputs.toArray();
  }

  // The order of rows means nothing, whether Datomic gives a set or a list.
  private static Object unordered(Object result) {
    if (!(result instanceof Collection<?> rows) || result instanceof List<?> row && row.stream().noneMatch(
        element -> element instanceof Collection<?> || element instanceof Map<?, ?> || element instanceof String)) {
      return result;
    }
    Map<Object, Integer> counts = new HashMap<>();
    rows.forEach(row -> counts.merge(row, 1, Integer::sum));
    return counts;
  }
}
