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
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * One seed decides everything: the same seed gives the same trace, byte for byte, in this process, in another, and on
 * another version of Java: {@code -Drebasis.sim.java=/path/to/bin/java}, else what {@code JAVA_HOME_25_X64} or
 * {@code JAVA_HOME_25} name (17 where the tests run on 25), else one that is installed beside the one that runs the tests.
 * More seeds: {@code -Drebasis.sim.twice=40}, as the soak profile has it.
 */
class DeterminismTest {
  private static final int SEEDS = Integer.getInteger("rebasis.sim.twice", 5);
  private static final long FIRST = 2000;
  private static final Settings SETTINGS = new Settings(4, 30, Fault.all(), Workloads.all());
  /** The first play of each seed, which all others are compared with. */
  private static final Map<Long, Verdict> PLAYED = new ConcurrentHashMap<>();

  /** Each time on threads of their own: what one play leaves behind in the process tells the other nothing. */
  @TestFactory
  List<DynamicTest> theSameSeedGivesTheSameTrace() throws InterruptedException {
    Map<String, Runnable> first = new LinkedHashMap<>();
    Map<String, Runnable> again = new LinkedHashMap<>();
    for (long each = FIRST; each < FIRST + SEEDS; each++) {
      long seed = each;
      first.put("seed " + seed, () -> played(seed));
      again.put("seed " + seed, () -> assertThat(trace(play(seed))).isEqualTo(trace(played(seed))));
    }
    return Stream.concat(AtOnce.tests(first).stream(), AtOnce.tests(again).stream()).toList();
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
          "dev.rebasis.simulations.cli.Rebasis", "simulate", "--from", Long.toString(FIRST), "--seeds", Integer.toString(SEEDS), "--ops", "30", "--hash",
          "--threads", "1").redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }
    // While the others play them; what they say fits into a pipe.
    List<String> ours = new ArrayList<>();
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      ours.add("trace " + seed + " " + played(seed).traceHash());
    }
    for (Process process : processes) {
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        assertThat(lines.lines().filter(line -> line.startsWith("trace ")).toList()).as("traces of %s", javas.get(processes.indexOf(process))).isEqualTo(ours);
      }
      assertThat(process.waitFor()).as("status of %s", javas.get(processes.indexOf(process))).isZero();
    }
  }

  @Test
  void otherSeedsGiveOtherTraces() {
    assertThat(trace(played(FIRST))).isNotEqualTo(trace(played(FIRST + 1)));
  }

  @Test
  void aPlanIsTheSameAsText() {
    for (long seed = 1; seed < 200; seed++) {
      Plan plan = PlanMaker.make(seed, SETTINGS);
      assertThat(PlanText.read(PlanText.write(plan))).isEqualTo(plan);
    }
  }

  private static String trace(Verdict verdict) {
    String text = verdict.traceText();
    assertThat(text).as("the trace of seed " + verdict.plan().seed()).contains("everything heals");
    return text;
  }

  private static Verdict played(long seed) {
    return PLAYED.computeIfAbsent(seed, DeterminismTest::play);
  }

  private static Verdict play(long seed) {
    return new Simulator(SETTINGS, List.of()).play(seed);
  }
}
