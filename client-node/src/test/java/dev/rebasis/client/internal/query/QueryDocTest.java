package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the examples of docs/query.md, on Datomic and here. A block has the query, inputs after {@code in}, the answer. */
class QueryDocTest {
  private static final Pattern BLOCK = Pattern.compile("```edn\n(.*?)```", Pattern.DOTALL);

  static Stream<String> examples() throws IOException {
    Path page = Path.of("").toAbsolutePath();
    while (page != null && !Files.exists(page.resolve("docs/query.md"))) {
      page = page.getParent();
    }
    assertThat(page).as("a folder above with docs/query.md").isNotNull();
    List<String> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(page.resolve("docs/query.md")));
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    assertThat(blocks).hasSizeGreaterThan(10);
    return blocks.stream();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void exampleIsTrue(String block) {
    String query = block.lines().takeWhile(line -> !line.startsWith("in ") && !line.startsWith("=> "))
        .reduce("", (text, line) -> text + " " + line);
    List<Object> inputs = new ArrayList<>(List.of(People.DB));
    block.lines().filter(line -> line.startsWith("in ")).forEach(line -> inputs.add(Edn.read(line.substring(3))));
    Object expected = Edn.read(block.substring(block.indexOf("=> ") + 3));
    assertThat(unordered(People.ask(query, inputs.toArray()))).as("here").isEqualTo(unordered(expected));
    assertThat(unordered(People.ORACLE.query(query, inputs.toArray()))).as("Datomic").isEqualTo(unordered(expected));
  }

  private static Object unordered(Object result) {
    boolean isTuple = result instanceof List<?> list && list.stream().anyMatch(Double.class::isInstance);
    return result instanceof Collection<?> rows && !isTuple ? new HashSet<>(rows) : result;
  }
}
