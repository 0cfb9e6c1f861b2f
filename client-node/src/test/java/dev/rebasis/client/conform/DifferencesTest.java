package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The known differences from Datomic, each pinned on both sides: one that goes away, or changes, fails here and the page
 * docs/differences.md has to follow. The page and the pins name the same ones.
 */
class DifferencesTest {
  private static final Pattern HEADING = Pattern.compile("(?m)^\\* \\*([^*]+)\\.\\*");

  private static Map<?, ?> file() throws IOException {
    try (InputStream in = DifferencesTest.class.getResourceAsStream("differences.edn")) {
      return (Map<?, ?>) Edn.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static List<?> part(Map<?, ?> map, String key) {
    return (List<?>) map.get(Keyword.of(key));
  }

  @Test
  void thePageNamesWhatIsPinned() throws IOException {
    Set<String> pinned = new LinkedHashSet<>();
    part(file(), ":cases").forEach(one -> pinned.add((String) ((Map<?, ?>) one).get(Keyword.of(":difference"))));
    List<String> named = new ArrayList<>();
    Matcher matcher = HEADING.matcher(Files.readString(Path.of("../docs/differences.md")));
    while (matcher.find()) {
      named.add(matcher.group(1));
    }
    assertThat(named).containsExactlyElementsOf(pinned);
    assertThat(Stream.of(KnownDifferences.Known.values()).map(KnownDifferences.Known::heading).toList())
        .as("what generated cases may meet").isSubsetOf(named);
  }

  @TestFactory
  Stream<DynamicTest> differences() throws IOException {
    Map<?, ?> file = file();
    return part(file, ":cases").stream().map(each -> {
      Map<?, ?> one = (Map<?, ?>) each;
      Object what = one.get(Keyword.of(":ask")) == null ? one.get(Keyword.of(":try")) : one.get(Keyword.of(":ask"));
      return DynamicTest.dynamicTest(one.get(Keyword.of(":difference")) + ": " + Edn.write(what), () -> check(file, one));
    });
  }

  private static void check(Map<?, ?> file, Map<?, ?> one) {
    try (Pair pair = Pair.open(Case.confirmed(one), new KnownDifferences(), Fault.NONE)) {
      part(file, ":transactions").forEach(forms -> assertThat(pair.transact((List<?>) forms)).isNull());
      if (part(one, ":before") != null) {
        part(one, ":before").forEach(forms -> assertThat(pair.transact((List<?>) forms)).isNull());
      }
      Map<?, ?> there = (Map<?, ?>) one.get(Keyword.of(":there"));
      Map<?, ?> here = (Map<?, ?>) one.get(Keyword.of(":here"));
      List<?> question = part(one, ":ask");
      List<?> forms = part(one, ":try");
      if (forms != null) {
        check("Datomic", there, outcome(pair.theirs().with(forms)));
        check("Rebasis", here, outcome(pair.tried(forms)));
      } else {
        check("Datomic", there, answer(() -> pair.there(question)));
        check("Rebasis", here, answer(() -> pair.here(question)));
      }
    }
  }

  /** An answer, or what was thrown. */
  private record Result(Object answer, Throwable thrown, boolean accepted) {}

  private static Result outcome(Outcome outcome) {
    return new Result(outcome.code(), outcome.isAccepted() ? null : new IllegalStateException(outcome.error()),
        outcome.isAccepted());
  }

  private static Result answer(Supplier<Object> asked) {
    try {
      return new Result(asked.get(), null, true);
    } catch (Exception | AssertionError e) { // Clojure's too
      Keyword code = e instanceof RebasisException known ? known.code() : Theirs.code(e);
      return new Result(code, e, false);
    }
  }

  private static void check(String who, Map<?, ?> expected, Result result) {
    if (expected == null) {
      return;
    }
    if (expected.containsKey(Keyword.of(":gives"))) {
      assertThat(result.thrown).as(who).isNull();
      assertThat(shown(result.answer)).as(who).isEqualTo(shown(expected.get(Keyword.of(":gives"))));
    }
    Object code = expected.get(Keyword.of(":refused"));
    if (code != null) {
      assertThat(result.thrown).as(who + " refuses").isNotNull();
      assertThat(code.equals(true) ? null : code).as(who).isEqualTo(result.answer);
    }
    Object does = expected.get(Keyword.of(":does"));
    if (does != null) {
      assertThat(result.accepted).as(who + " accepts").isEqualTo(does.equals(Keyword.of(":accepted")));
    }
  }

  private static Object shown(Object answer) {
    return answer instanceof Collection<?> rows ? Canonical.counted(rows) : answer;
  }
}
