package dev.rebasis.simulations.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.cli.CommandRun;
import dev.rebasis.simulations.sim.AtOnce;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Verb;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A short plan with real processes, sockets through proxies, and kills. */
@Timeout(300)
class ProcessPlayTest {
  private static final Workload COUNTERS = Workloads.named("counters");
  private static final String PLAN = """
      plan seed 1 workload counters clients 2 millis 6500 healed c1,c2
      %s
      300 c1 throttle 4000
      500 c2 cut
      900 c2 heal
      1000 c1 heal
      1100 c1 silence up
      1500 c1 unsilence
      1450 c1 backup
      1600 c2 crash
      1700 c2 start
      2200 c1 reset
      2300 c2 line 20-60 loss 0.00 dup 0.00 reorder 0.00
      2600 server crash
      2700 server start
      3500 c2 line usual
      3600 c1 crash
      3700 c1 start
      4400 c1 restore
      5200 c1 halfopen
      5600 c2 stop
      5700 c2 start
      """;

  @TempDir private Path folder;

  /** Plays of their own servers, clients and folders: all at once, since much of each is to wait. */
  @TestFactory
  List<DynamicTest> thePromisesHold() throws InterruptedException {
    Map<String, Runnable> plays = new LinkedHashMap<>();
    plays.put("killed, cut off, restored", () -> unchecked(this::forRealProcesses));
    plays.put("scopes", () -> unchecked(this::forScopes));
    plays.put("terms and groups, by the command", () -> unchecked(this::forTermsAndGroups));
    return AtOnce.tests(plays);
  }

  private interface Playing {
    void play(Path folder) throws IOException;
  }

  private void unchecked(Playing playing) {
    try {
      playing.play(Files.createTempDirectory(folder, "play"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void forRealProcesses(Path folder) throws IOException {
    List<String> told = new ArrayList<>();
    Path oldLog = folder.resolve("server-when-it-was-down");
    ProcessPlay.Result result = ProcessPlay.play(plan(), COUNTERS, folder, line -> {
      told.add(line);
      if (line.contains("server start")) {
        copy(folder.resolve("server"), oldLog);
      }
    });
    assertThat(result.findings()).as(() -> String.join("\n", told)).isEmpty();
    assertThat(result.judged()).as("whether the workload was asked, or why not").isNotEmpty();
    assertThat(result.made()).hasSizeGreaterThan(20);
    assertThat(result.clientLives()).isEqualTo(6);
    assertThat(result.serverLives()).isEqualTo(2);
    assertThat(result.carriedBytes()).isGreaterThan(10_000);

    // The checks are able to fail: a write that nobody has is missed.
    LocalWrite ghost = LocalWrite.found("c1", 99, "raise", "[\"0\" 1]",
        new ToldPending(new UUID(9, 9), 99, 0, List.of(), Map.of()));
    assertThat(LeftLogs.check(folder, COUNTERS, List.of(ghost), Map.of("c1", 0), why -> { }))
        .anyMatch(finding -> finding.promise() == Promise.NOTHING_LOST && finding.what().contains("c1's write 99"));
    // So is a client's store that is not the newest one.
    Files.move(folder.resolve("c1"), folder.resolve("c1-newest"));
    Files.move(folder.resolve("c1-before-1"), folder.resolve("c1"));
    assertThat(brokenBy(folder, result)).contains(Promise.CONVERGENCE);
    Files.move(folder.resolve("c1"), folder.resolve("c1-before-1"));
    Files.move(folder.resolve("c1-newest"), folder.resolve("c1"));
    assertThat(brokenBy(folder, result)).isEmpty();
    // And a server that has lost what it had told.
    Files.move(folder.resolve("server"), folder.resolve("server-newest"));
    Files.move(oldLog, folder.resolve("server"));
    assertThat(brokenBy(folder, result)).contains(Promise.DURABLE, Promise.CONVERGENCE);
  }

  private static Set<Promise> brokenBy(Path folder, ProcessPlay.Result result) {
    Set<Promise> broken = EnumSet.noneOf(Promise.class);
    LeftLogs.check(folder, COUNTERS, result.made(), Map.of("c1", 60, "c2", 60), why -> { })
        .forEach(finding -> broken.add(finding.promise()));
    return broken;
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatAServerProcessCannotDoIsRefused() {
    assertThatThrownBy(() -> ProcessPlans.make(1, 2, 10, Fault.all(), List.of(Workloads.named("own-rules")), 1_000))
        .isInstanceOf(RebasisException.class).hasMessageContaining("take another one for --processes");
  }

  /** Clients that hold parts, change which, and are killed. */
  private void forScopes(Path folder) throws IOException {
    Workload regions = Workloads.named("regions");
    StringBuilder text = new StringBuilder("plan seed 4 workload regions clients 2 millis 3500 healed c1,c2\n");
    Map<Integer, String> faults = Map.of(6, "c2 backup", 8, "c2 scopes one,heavy", 12, "c2 cut", 16, "c2 scopes zero,tea", 20, "c2 heal",
        24, "c2 crash", 28, "c2 start", 34, "c2 scopes heavy,tea");
    for (int label = 1; label <= 40; label++) {
      if (faults.containsKey(label)) {
        text.append(label * 80 - 20).append(' ').append(faults.get(label)).append('\n');
      }
      text.append(label * 80).append(label % 2 == 0 ? " c1" : " c2").append(" transact ").append(label).append(' ')
          .append(regions.kinds().get(label / 2 % 5)).append(" [").append(label % 5).append(' ').append(label % 9).append(" nil]\n");
    }
    List<String> told = new ArrayList<>();
    ProcessPlay.Result result = ProcessPlay.play(Simulator.plan(text.toString()), regions, folder, told::add);
    assertThat(result.findings()).as(() -> String.join("\n", told)).isEmpty();
    assertThat(result.made()).hasSizeGreaterThan(15);
    assertThat(result.clientLives()).isEqualTo(3);

    // The check is able to fail: what c2 held some time before is not what its scopes hold in the end.
    Files.move(folder.resolve("c2"), folder.resolve("c2-newest"));
    Files.move(folder.resolve("c2-backup-1"), folder.resolve("c2"));
    assertThat(LeftLogs.check(folder, regions, List.of(), Map.of("c2", 60), why -> { }))
        .anyMatch(finding -> finding.promise() == Promise.CONVERGENCE && finding.what().contains("c2 with ["));
  }

  /** Writes all along the plan, in turn. */
  private static Plan plan() {
    StringBuilder writes = new StringBuilder();
    for (int label = 1; label <= 60; label++) {
      writes.append(label * 100).append(label % 2 == 0 ? " c1" : " c2").append(" transact ").append(label).append(' ')
          .append(COUNTERS.kinds().get(0)).append(" [\"").append(label % 3).append("\" 1]\n");
    }
    List<String> lines = new ArrayList<>(String.format(PLAN, writes).lines().toList());
    String head = lines.remove(0);
    lines.removeIf(String::isBlank);
    lines.sort((a, b) -> Long.compare(Long.parseLong(a.split(" ")[0]), Long.parseLong(b.split(" ")[0])));
    return Simulator.plan(head + "\n" + String.join("\n", lines));
  }

  /** Premises and pairs of transactions that are bound together, and a kill in the middle. */
  private void forTermsAndGroups(Path folder) throws IOException {
    Workload approvals = Workloads.named("approvals");
    StringBuilder text = new StringBuilder("plan seed 2 workload approvals clients 2 millis 3500 healed c1,c2\n");
    for (int label = 1; label <= 40; label++) {
      if (label == 15) {
        text.append("1190 c2 cut\n");
      } else if (label == 20) {
        text.append("1590 c1 crash\n1595 c1 start\n");
      } else if (label == 25) {
        text.append("1990 c2 heal\n");
      }
      text.append(label * 80).append(label % 2 == 0 ? " c1" : " c2").append(" transact ").append(label).append(' ')
          .append(approvals.kinds().get(label / 2 % 4)).append(" [").append(label % 3).append(' ').append((label + 1) % 3).append(" nil]\n");
    }
    Path plan = Files.writeString(folder.resolve("plan.txt"), text);
    String out = CommandRun.of("simulate", "--processes", "--plan", plan.toString(), "--trace").done();
    assertThat(out).contains("seed 2, approvals: ", " lives of 2 clients", "every promise held", "everything heals");
    assertThat(Integer.parseInt(out.replaceAll("(?s).*approvals: (\\d+) writes.*", "$1"))).isGreaterThan(15);
  }

  @Test
  void plansOfSeedsKeepToTheirTimeAndToWhatCanBeDone() {
    for (long seed = 1; seed <= 20; seed++) {
      Plan plan = ProcessPlans.make(seed, 3, 30, Fault.all(), Workloads.all(), 8_000);
      assertThat(plan.millis()).isEqualTo(8_000);
      assertThat(plan.steps()).allMatch(step -> step.atMillis() <= 8_000)
          .noneMatch(step -> step.verb() == Verb.SPACE || step.verb() == Verb.CLOCK || step.verb() == Verb.TRAP);
      assertThat(plan.faults()).doesNotContain(Fault.POWER_LOSS, Fault.DUPLICATION);
    }
  }
}
