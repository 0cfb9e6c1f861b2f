package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The corpus: a file for each feature, played on Datomic, on a client without a server, and on one that has everything
 * confirmed. A file is a map:
 *
 * <ul>
 *   <li>{@code :transactions}: what all its cases stand on
 *   <li>{@code :cases}: each with {@code :doc}, more {@code :transactions} of its own, {@code :outcomes} ({@code :ok} or
 *       the code for each of these), {@code :ask} or several {@code :asks} (see {@link Questions}), and what the (last)
 *       question {@code :gives}, on both sides, or the code with which it is {@code :refused} by the client, and by Datomic
 *       too, unless the case says why Datomic is not asked: {@code :only-here}
 *   <li>{@code :client}, of the file or a case: {@code :pending} or {@code :confirmed} if it is for one of them; or {@code
 *       :mixed}, with {@code :confirmed} the number of transactions that are, the others being pending
 * </ul>
 *
 * <p>What {@link ConformanceTest} prints is such a case. Whatever a case says, both sides must also agree.
 */
class CorpusTest {
  private final Map<Object, Pair> shared = new HashMap<>();
  private final KnownDifferences known = new KnownDifferences();

  @AfterEach
  void close() {
    shared.values().forEach(Pair::close);
  }

  @TestFactory
  Stream<DynamicContainer> corpus() throws IOException, URISyntaxException {
    Path folder = Path.of(Objects.requireNonNull(CorpusTest.class.getResource("corpus")).toURI());
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.sorted().toList();
    }
    return files.stream().map(this::container);
  }

  private DynamicContainer container(Path path) {
    Map<?, ?> file;
    try {
      file = (Map<?, ?>) Edn.read(Files.readString(path));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (Object each : list(file, ":cases")) {
      Map<?, ?> one = (Map<?, ?>) each;
      for (Keyword client : clients(file, one)) {
        int confirmed = client.name().equals("mixed") ? Case.confirmed(one) : client.name().equals("pending") ? Case.NONE : Case.ALL;
        tests.add(DynamicTest.dynamicTest(name(one) + " (" + client.name() + ")", () -> play(file, one, confirmed)));
      }
    }
    return DynamicContainer.dynamicContainer(path.getFileName().toString(), tests);
  }

  private static List<Keyword> clients(Map<?, ?> file, Map<?, ?> one) {
    Object client = one.get(Keyword.of(":client")) != null ? one.get(Keyword.of(":client")) : file.get(Keyword.of(":client"));
    return client == null ? List.of(Keyword.of(":confirmed"), Keyword.of(":pending")) : List.of((Keyword) client);
  }

  private static String name(Map<?, ?> one) {
    Object doc = one.get(Keyword.of(":doc"));
    return doc != null ? doc.toString() : Edn.write(one.get(Keyword.of(":ask")));
  }

  private static List<?> list(Map<?, ?> map, String key) {
    return map.get(Keyword.of(key)) == null ? List.of() : (List<?>) map.get(Keyword.of(key));
  }

  /** Both sides must agree by themselves: what a known difference has to explain belongs into differences.edn. */
  private void play(Map<?, ?> file, Map<?, ?> one, int confirmed) {
    String before = known.toString();
    playOnBoth(file, one, confirmed);
    assertThat(known.toString()).as("cases that a known difference explained: %s", name(one)).isEqualTo(before);
  }

  /** Cases without transactions of their own share the databases of their file. */
  private void playOnBoth(Map<?, ?> file, Map<?, ?> one, int confirmed) {
    if (list(one, ":transactions").isEmpty()) {
      play(shared.computeIfAbsent(List.of(list(file, ":transactions"), confirmed), key -> begun(file, confirmed)), one);
      return;
    }
    try (Pair pair = begun(file, confirmed)) {
      play(pair, one);
    }
  }

  private Pair begun(Map<?, ?> file, int confirmed) {
    Pair pair = Pair.open(confirmed, known, Fault.NONE);
    for (Object forms : list(file, ":transactions")) {
      assertThat(outcome(pair, (List<?>) forms)).as(Edn.write(forms)).isEqualTo(":ok");
    }
    return pair;
  }

  private static void play(Pair pair, Map<?, ?> one) {
    List<Object> outcomes = new ArrayList<>();
    for (Object forms : list(one, ":transactions")) {
      outcomes.add(outcome(pair, (List<?>) forms));
    }
    if (one.get(Keyword.of(":outcomes")) != null) {
      assertThat(outcomes).isEqualTo(list(one, ":outcomes").stream().map(Object::toString).toList());
    }
    list(one, ":asks").forEach(question -> agree(pair, (List<?>) question));
    if (one.get(Keyword.of(":ask")) != null) {
      check(pair, one, (List<?>) one.get(Keyword.of(":ask")));
    }
  }

  private static String outcome(Pair pair, List<?> forms) {
    Pair.Difference difference = pair.transact(forms);
    assertThat(difference).as(Edn.write(forms)).isNull();
    return pair.lastOutcome();
  }

  private static void agree(Pair pair, List<?> question) {
    Pair.Difference difference = pair.ask(question);
    assertThat(difference).as(Edn.write(question)).isNull();
  }

  private static void check(Pair pair, Map<?, ?> one, List<?> question) {
    Keyword refused = (Keyword) one.get(Keyword.of(":refused"));
    if (refused != null) {
      RebasisException error = catchThrowableOfType(RebasisException.class, () -> pair.here(question));
      assertThat(error).as("what the client throws").isNotNull();
      assertThat(error.code()).isEqualTo(refused);
      if (!one.containsKey(Keyword.of(":only-here"))) {
        assertThatThrownBy(() -> pair.there(question)).isInstanceOf(Throwable.class);
      }
      return;
    }
    agree(pair, question);
    if (one.containsKey(Keyword.of(":gives"))) {
      Object expected = pair.theirs().filled(one.get(Keyword.of(":gives")));
      assertThat(shown(pair.translated(pair.here(question)), pair.hasTheirIds())).isEqualTo(
          shown(new Canonical(Map.of()).of(expected), pair.hasTheirIds()));
    }
  }

  // The order of rows means nothing; that of lists inside them does, unless it is by ids, which differ.
  private static Object shown(Object answer, boolean ordered) {
    return !ordered ? Canonical.unordered(answer)
        : answer instanceof Collection<?> rows ? Canonical.counted(rows) : answer;
  }
}
