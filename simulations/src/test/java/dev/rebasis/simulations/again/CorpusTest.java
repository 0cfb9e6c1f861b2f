package dev.rebasis.simulations.again;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Step;
import dev.rebasis.simulations.sim.Verb;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Shrunk plans that once broke a promise, each in a file with what it found. They are played before anything new is
 * sought: tests begin in the order of their full names, and this package's name is the first of the module's.
 */
@Order(1)
class CorpusTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  /** Before a pattern that a plan's trace has to match, for what faults and writes alone do not tell. */
  private static final String NEEDS = "# needs: ";
  private static final Set<Verb> ENDS = EnumSet.of(Verb.HEAL, Verb.UNSILENCE, Verb.START, Verb.BACKUP);
  /** What ends what lines with the same verb begin. */
  private static final Set<String> USUAL = Set.of("usual", "free", "0");
  private static final Pattern IN_VAIN = Pattern.compile(": (it is down|nothing to write|what it refers to was not made|fails|nothing was written)");
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
        int plan = i;
        tests.add(DynamicTest.dynamicTest(plans.get(i).getFileName().toString(), () -> holds(texts.get(plan), verdict)));
      }
      return tests;
    }
  }

  /** What it once broke holds, and it still comes to where that was: else it would be green for ever, and show nothing. */
  private static void holds(String text, Verdict verdict) {
    String trace = verdict.traceText();
    assertThat(verdict.findings()).as(trace).isEmpty();
    assertThat(notReached(text, verdict)).as(trace).isEmpty();
  }

  /** The faults of a plan that did not strike, its writes that were not tried, and what it says that it needs and is not in its trace. */
  private static List<String> notReached(String text, Verdict verdict) {
    List<String> missing = new ArrayList<>();
    for (Step step : verdict.plan().steps()) {
      // A disk counts as failing when it fails.
      if (step.fault() != null && !ENDS.contains(step.verb()) && !USUAL.contains(step.argument())
          && !verdict.tally().struck().contains(step)) {
        missing.add("does not strike: " + step);
      }
      if (step.isWrite() && !step.isServer() && verdict.trace().stream().noneMatch(line -> line.node().equals(step.node())
          && line.text().startsWith("write " + step.label() + " ") && !IN_VAIN.matcher(line.text()).find())) {
        missing.add("is not written: " + step);
      }
    }
    text.lines().filter(line -> line.startsWith(NEEDS)).map(line -> line.substring(NEEDS.length()))
        .filter(needed -> !Pattern.compile(needed).matcher(verdict.traceText()).find()).forEach(missing::add);
    return missing;
  }

  @Test
  void aPlanThatNoLongerComesToItsFaultIsNoticed() throws IOException {
    String open = Files.readString(CORPUS.resolve("read-error-at-open.txt"));
    // Another one of the same kind has struck.
    Plan down = Simulator.plan(open.replace("\n163132", "\n126259 server stop ; restart\n163132"));
    assertThat(notReached("", new Simulator(SETTINGS, List.of()).play(down))).singleElement().asString()
        .contains("does not strike").contains("126259");
    Plan reads = Simulator.plan(open.replace("fail read 8", "fail read 800"));
    assertThat(notReached("", new Simulator(SETTINGS, List.of()).play(reads))).singleElement().asString()
        .contains("does not strike").contains("read 800");
    Path scopes = CORPUS.resolve("scopes-before-the-welcome.txt");
    String early = Files.readString(scopes).replace("\n390 c2", "\n350 c2");
    assertThat(notReached(early, new Simulator(SETTINGS, List.of()).play(Simulator.plan(early)))).hasSize(1);
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
