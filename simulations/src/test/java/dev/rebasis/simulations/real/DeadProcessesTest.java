package dev.rebasis.simulations.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.process.JavaProcess;
import dev.rebasis.simulations.process.ServerProcess;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.workload.Workloads;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that dies, or does not come back, is a finding; what was played, and what it left, is told whatever happened. */
class DeadProcessesTest {
  private static final List<String> QUICK = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m");

  @TempDir private Path folder;
  private final List<Path> left = new ArrayList<>();

  @AfterEach
  void clear() throws IOException {
    for (Path each : left) {
      Files.deleteIfExists(each.resolve("plan.txt"));
      Files.deleteIfExists(each.resolve("server.log"));
      Files.delete(each);
    }
  }

  /** Says that it listens, and waits until a signal ends it: what a server is to those who start and end it. */
  static final class Listening {
    private Listening() {}

    /** Arguments: none. */
    public static void main(String[] args) throws Exception {
      System.out.println("Listening on http://127.0.0.1:1/db/main");
      new CountDownLatch(1).await();
    }
  }

  private ServerProcess listening() {
    return ServerProcess.listening(
        JavaProcess.start("server", folder.resolve("server.log"), QUICK, Listening.class.getName(), List.of()));
  }

  @Test
  void aServerThatEndsByItselfIsFoundAndMayBeStartedAnew() {
    try (ChildServer server = new ChildServer(this::listening)) {
      server.start();
      ServerProcess first = server.awaitUp();
      server.listen();
      assertThat(server.findings()).isEmpty();
      ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
      ProcessHandle.of(first.pid()).ifPresent(ended -> ended.onExit().join());
      // What the plan does next would have hidden it.
      server.kill();
      assertThat(server.findings()).containsExactly(new Finding(Promise.SOUNDNESS, "the server has ended by itself; see server.log"));
      server.start();
      assertThat(server.awaitUp()).isNotNull();
      server.stop();
      // A JVM that SIGTERM ends in the middle says 143, and a server that ends in order 0.
      assertThat(server.findings()).last().isEqualTo(new Finding(Promise.SOUNDNESS, "the server ended with status 143; see server.log"));
      assertThat(server.lives()).isEqualTo(2);
    }
  }

  @Test
  void aServerThatDoesNotComeBackIsFound() {
    try (ChildServer server = new ChildServer(() -> ServerProcess.start(folder.resolve("server"), 0, null, folder.resolve("server.log"),
        List.of("-XX:+NoSuchOption"), List.of()))) {
      server.start();
      assertThat(server.awaitUp()).isNull();
      assertThat(server.isRunning()).isFalse();
      server.stop();
      assertThat(server.findings()).singleElement()
          .satisfies(finding -> assertThat(finding.what()).contains("the server does not start: server ended (exit status 1)", "see server.log"));
    }
  }

  /** Its address is none, so that it ends as soon as it has read it. */
  @Test
  void aClientThatDiesIsFoundWhoeverAsksItNext() {
    try (FaultProxy proxy = new FaultProxy("c1", 1);
        ChildNode client = new ChildNode("c1", folder, proxy, "no address", Workloads.named("counters"), null)) {
      client.start();
      assertThat(client.sync()).isFalse();
      assertThat(client.isRunning()).isFalse();
      assertThat(client.findings()).last().satisfies(finding -> {
        assertThat(finding.promise()).isEqualTo(Promise.CONVERGENCE);
        assertThat(finding.what()).contains("c1 ended (exit status 1)", "see c1.log");
      });
      int found = client.findings().size();
      client.write(1, "raise", "[\"0\" 1]");
      client.quit();
      assertThat(client.verify()).as("who is dead answers nothing").isFalse();
      assertThat(client.findings()).as("it is said once").hasSize(found);
    }
  }

  @Test
  void whatWasPlayedIsToldWhateverHappened() throws Exception {
    Plan plan = Simulator.plan("plan seed 7 workload counters clients 1 millis 300 healed c1\n100 c1 transact 1 raise [\"0\" 1]\n");
    String failed = run(plan, (played, workload, where, told) -> {
      Files.writeString(where.resolve("server.log"), "what the server said");
      throw new IllegalStateException("nobody expected this");
    });
    assertThat(failed).contains("seed 7, counters: THE PLAY FAILED", "nobody expected this");
    Path kept = Path.of(failed.replaceAll("(?s).*--processes --plan (\\S+) --trace.*", "$1"));
    assertThat(Simulator.plan(Files.readString(kept))).isEqualTo(plan);
    assertThat(kept.resolveSibling("server.log")).exists();
    assertThat(run(plan, (played, workload, where, told) -> result(List.of(new Finding(Promise.DURABLE, "gone")), "")))
        .contains("BROKEN", "gone", "./rebasis simulate --processes --plan ");
    assertThat(run(plan, (played, workload, where, told) -> result(List.of(), "judged"))).contains("every promise held")
        .doesNotContain("not asked", "--plan");
    assertThat(run(plan, (played, workload, where, told) -> result(List.of(), "a client does not know what it wrote")))
        .contains("every promise held (not asked: ", "a client does not know what it wrote");
  }

  private static ProcessPlay.Result result(List<Finding> findings, String judged) {
    return new ProcessPlay.Result(findings, List.of(), 1, 1, 0, judged);
  }

  private String run(Plan plan, ProcessRuns.Player player) throws IOException {
    StringWriter out = new StringWriter();
    boolean good = new ProcessRuns(new PrintWriter(out, true), false, (played, workload, where, told) -> {
      left.add(where);
      return player.play(played, workload, where, told);
    }).play(plan, Workloads.named("counters"));
    assertThat(good).isEqualTo(!out.toString().contains("--plan"));
    if (good) {
      assertThat(left.remove(left.size() - 1)).doesNotExist();
    }
    return out.toString();
  }
}
