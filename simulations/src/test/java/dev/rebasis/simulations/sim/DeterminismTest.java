package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rebasis.simulations.workload.Workloads;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * One seed decides everything: the same seed gives the same trace, byte for byte, in this process, in another, and on
 * another version of Java: {@code -Drebasis.sim.java=/path/to/bin/java}, else what {@code JAVA_HOME_25_X64} or
 * {@code JAVA_HOME_25} name (17 where the tests run on 25), else one that is installed beside the one that runs the tests.
 */
class DeterminismTest {
  private static final int SEEDS = 6;
  private static final Settings SETTINGS = new Settings(4, 30, Fault.all(), Workloads.all());

  /** On threads of their own: what one play leaves behind in the process tells the other nothing. */
  @TestFactory
  List<DynamicTest> theSameSeedGivesTheSameTrace() throws InterruptedException {
    Map<String, Runnable> seeds = new LinkedHashMap<>();
    for (long each = 1000; each < 1008; each++) {
      long seed = each;
      seeds.put("seed " + seed, () -> assertThat(trace(seed)).isEqualTo(trace(seed)));
    }
    return AtOnce.tests(seeds);
  }

  /** Another process has other identity hashes and another order of {@code Set.of}; another JVM has other collections. */
  @Test
  void anotherProcessAndAnotherJavaGiveTheSameTraces() throws IOException, InterruptedException {
    List<String> javas = new ArrayList<>();
    javas.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String other = otherJava();
    if (other != null) {
      javas.add(other);
    }
    sameTraces(javas);
    assumeTrue(other != null, "no other Java: set JAVA_HOME_25_X64, or -Drebasis.sim.java=/path/to/bin/java");
  }

  private static String otherJava() throws IOException {
    String given = System.getProperty("rebasis.sim.java");
    String other = Runtime.version().feature() < 25 ? "25" : "17";
    return Stream.concat(
        Stream.of(given, inHome(System.getenv("JAVA_HOME_" + other + "_X64")), inHome(System.getenv("JAVA_HOME_" + other))),
        besides(other).map(DeterminismTest::inHome))
        .filter(java -> java != null && Files.isExecutable(Path.of(java))).findFirst().orElse(null);
  }

  /** The homes of this version in the folder in which this Java's home is, told by their file {@code release}. */
  private static Stream<String> besides(String version) throws IOException {
    Path folder = Path.of(System.getProperty("java.home")).toRealPath().getParent();
    List<String> homes = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path home : all.sorted().toList()) {
        Path release = home.resolve("release");
        if (Files.isReadable(release) && Files.readString(release).contains("JAVA_VERSION=\"" + version)) {
          homes.add(home.toString());
        }
      }
    }
    return homes.stream();
  }

  private static String inHome(String home) {
    return home == null || home.isBlank() ? null : Path.of(home, "bin", "java").toString();
  }

  private static void sameTraces(List<String> javas) throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    for (String java : javas) {
      processes.add(new ProcessBuilder(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
          "dev.rebasis.simulations.cli.Rebasis", "simulate", "--from", "2000", "--seeds", Integer.toString(SEEDS), "--ops", "30", "--hash",
          "--threads", "1").redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }
    // While the others play them; what they say fits into a pipe.
    List<String> ours = own(SEEDS);
    for (Process process : processes) {
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        assertThat(lines.lines().filter(line -> line.startsWith("trace ")).toList()).as("traces of %s", javas.get(processes.indexOf(process))).isEqualTo(ours);
      }
      assertThat(process.waitFor()).as("status of %s", javas.get(processes.indexOf(process))).isZero();
    }
  }

  private static List<String> own(int seeds) {
    List<String> ours = new ArrayList<>();
    for (long seed = 2000; seed < 2000 + seeds; seed++) {
      ours.add("trace " + seed + " " + play(seed).traceHash());
    }
    return ours;
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
    String text = play(seed).traceText();
    assertThat(text).as("the trace of seed " + seed).contains("everything heals");
    return text;
  }

  private static Verdict play(long seed) {
    return new Simulator(SETTINGS, List.of()).play(seed);
  }
}
