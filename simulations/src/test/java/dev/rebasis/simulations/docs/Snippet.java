package dev.rebasis.simulations.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Code that stands both in a test, which runs it, and on a page. In the source it stands between
 * {@code // tag::NAME[]} and {@code // end::NAME[]}, on the page between {@code <!-- snippet: NAME -->} and
 * {@code <!-- end -->}.
 */
final class Snippet {
  private Snippet() {}

  /** Fails unless page and test show the same code. */
  static void assertSame(String name, Path page, Class<?> test) throws IOException {
    assertThat(ofPage(name, page)).as("the snippet " + name + " of " + page).isEqualTo(ofSource(name, test));
  }

  private static String ofSource(String name, Class<?> test) throws IOException {
    Path file = Path.of("src", "test", "java").resolve(test.getName().replace('.', '/') + ".java");
    String body = between(Files.readString(file), "// tag::" + name + "[]\n", "    // end::" + name + "[]");
    return body.lines().map(line -> line.startsWith("    ") ? line.substring(4) : line)
        .collect(Collectors.joining("\n"));
  }

  private static String ofPage(String name, Path page) throws IOException {
    return between(Files.readString(page), "<!-- snippet: " + name + " -->\n```java\n", "```\n<!-- end -->")
        .stripTrailing();
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    assertThat(from).as("begin of the snippet").isNotNegative();
    int to = text.indexOf(end, from);
    assertThat(to).as("end of the snippet").isNotNegative();
    return text.substring(from + begin.length(), to);
  }
}
