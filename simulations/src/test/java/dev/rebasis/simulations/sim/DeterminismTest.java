package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.workload.Workloads;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * One seed decides everything: the same seed gives the same trace, byte for byte, in this process and in another.
 * {@code -Drebasis.sim.java=/path/to/bin/java} takes another JVM for that.
 */
class DeterminismTest {
  private static final Settings SETTINGS = new Settings(4, 30, Fault.all(), Workloads.all());

  @Test
  void theSameSeedGivesTheSameTrace() {
    for (long seed = 1000; seed < 1012; seed++) {
      assertThat(trace(seed)).as("seed " + seed).isEqualTo(trace(seed));
    }
  }

  /** Another process has other identity hashes and another order of {@code Set.of}; another JVM has other collections. */
  @Test
  void anotherProcessGivesTheSameTraces() throws IOException, InterruptedException {
    String java = System.getProperty(
        "rebasis.sim.java", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Process process = new ProcessBuilder(java, "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
        "dev.rebasis.simulations.cli.Rebasis", "simulate", "--from", "2000", "--seeds", "12", "--ops", "30", "--hash",
        "--threads", "1").redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> theirs;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      theirs = lines.lines().filter(line -> line.startsWith("trace ")).toList();
    }
    assertThat(process.waitFor()).isZero();
    List<String> ours = new ArrayList<>();
    for (long seed = 2000; seed < 2012; seed++) {
      ours.add("trace " + seed + " " + play(seed).traceHash());
    }
    assertThat(theirs).isEqualTo(ours);
  }

  @Test
  void otherSeedsGiveOtherTraces() {
    assertThat(trace(1)).isNotEqualTo(trace(2));
  }

  @Test
  void aPlanIsTheSameAsText() {
    for (long seed = 1; seed < 200; seed++) {
      Plan plan = PlanMaker.make(seed, SETTINGS);
      assertThat(PlanText.read(PlanText.write(plan))).isEqualTo(plan);
    }
  }

  private static String trace(long seed) {
    return play(seed).traceText();
  }

  private static Verdict play(long seed) {
    return new Simulator(SETTINGS, List.of()).play(seed);
  }
}
