package dev.rebasis.simulations.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every file in {@code src/test/resources/scenarios}: real clients and a real server in one thread, in virtual
 * time. With {@code -Dscenarios.rewrite=true} the outputs in the files become what the steps gave; the reviewer reads
 * the diff. {@code -Dscenarios.only=name} runs the files whose name contains that.
 */
class ScenariosTest {
  private static final Path FOLDER = Path.of("src/test/resources/scenarios");
  private static final boolean REWRITE = Boolean.getBoolean("scenarios.rewrite");
  private static final String ONLY = System.getProperty("scenarios.only", "");

  @TestFactory
  Stream<DynamicTest> scenarios() throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(FOLDER)) {
      files = found.filter(file -> file.toString().endsWith(".txt") && file.toString().contains(ONLY)).sorted().toList();
    }
    assertThat(files).isNotEmpty();
    return files.stream().map(file -> DynamicTest.dynamicTest(
        file.getFileName().toString(), file.toUri(), () -> run(ScenarioFile.read(file))));
  }

  private static void run(ScenarioFile file) {
    Names names = new Names();
    List<List<String>> outputs = new ArrayList<>();
    try (ScenarioRun run = new ScenarioRun()) {
      for (ScenarioFile.Step step : file.steps()) {
        List<String> output = run(file, step, run, names);
        outputs.add(names.matches(step, output) ? step.expected() : output.stream().map(names::named).toList());
        if (!REWRITE) {
          check(file, step, outputs.get(outputs.size() - 1), output);
        }
      }
      run.finish();
    }
    if (REWRITE) {
      file.rewrite(outputs);
    }
  }

  private static List<String> run(ScenarioFile file, ScenarioFile.Step step, ScenarioRun run, Names names) {
    try {
      return run.step(ScenarioRun.isQuery(step.command()) ? step.command() : names.resolved(step.command()));
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(file.at(step) + ": " + step.command() + "\n  failed: " + e, e);
    }
  }

  private static void check(ScenarioFile file, ScenarioFile.Step step, List<String> named, List<String> output) {
    if (named != step.expected()) {
      throw new AssertionError(file.at(step) + ": " + step.command()
          + "\n  expected:\n    " + String.join("\n    ", step.expected())
          + "\n  actual:\n    " + String.join("\n    ", named)
          + "\n  with ids:\n    " + String.join("\n    ", output.stream().map(Names::plain).toList()));
    }
  }
}
