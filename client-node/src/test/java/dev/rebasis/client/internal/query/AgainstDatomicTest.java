package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each query of a list, asked on Datomic and here: the same answer. The list is in the test resources. */
class AgainstDatomicTest {
  static Stream<String> queries() throws IOException {
    try (InputStream in = AgainstDatomicTest.class.getResourceAsStream("queries.edn")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Edn.readAll(text).stream().map(Edn::write).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("queries")
  void givesDatomicsAnswer(String line) {
    List<?> parts = (List<?>) Edn.read(line);
    String query = Edn.write(parts.get(0));
    List<Object> inputs = new ArrayList<>();
    for (Object input : parts.subList(1, parts.size())) {
      inputs.add(Symbol.of("db").equals(input) ? People.DB : input);
    }
    Object expected = People.ORACLE.query(query, inputs.toArray());
    Object actual = People.ask(query, inputs.toArray());
    assertThat(unordered(actual)).as(query).isEqualTo(unordered(expected));
  }

  // Results are sets; where Datomic gives a list, its order means nothing.
  static Object unordered(Object result) {
    if (result instanceof Collection<?> rows && !(result instanceof Set<?>)) {
      boolean isRows = rows.stream().allMatch(List.class::isInstance);
      return isRows ? new HashSet<>(rows) : new ArrayList<>(rows).stream().map(Object::toString).sorted().toList();
    }
    return result;
  }
}
