package dev.rebasis.simulations.again;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Shrunk plans that once broke a promise, each in a file with what it found. They are played before anything new is
 * sought: tests begin in the order of their full names, and this package's name is the first of the module's.
 */
class CorpusTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final Settings SETTINGS = new Settings(32, 40, Fault.all(), Workloads.all());

  @TestFactory
  List<DynamicTest> plansThatOnceBrokeAPromise() throws IOException {
    try (Stream<Path> files = Files.list(CORPUS)) {
      List<Path> plans = files.sorted().toList();
      assertThat(plans).isNotEmpty();
      List<String> texts = plans.stream().map(CorpusTest::text).toList();
      List<Verdict> verdicts = new ArrayList<>();
      new Simulator(SETTINGS, List.of()).run(texts.stream().map(Simulator::plan).toList(),
          Runtime.getRuntime().availableProcessors(), () -> false, verdicts::add);
      List<DynamicTest> tests = new ArrayList<>();
      for (int i = 0; i < plans.size(); i++) {
        Verdict verdict = verdicts.get(i);
        tests.add(DynamicTest.dynamicTest(plans.get(i).getFileName().toString(), () ->
            assertThat(verdict.findings()).as(() -> verdict.traceText()).isEmpty()));
      }
      return tests;
    }
  }

  private static String text(Path file) {
    try {
      String text = Files.readString(file);
      assertThat(text).as("%s says what it found", file).startsWith("# ");
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
