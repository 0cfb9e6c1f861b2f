package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code rebasis simulate} leaves behind: its report, its figures, and the way to see a broken promise again. */
class SimulateRunTest {
  private static final String WORKLOAD = """
      {:name "silence"
       :schema [{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one
                 :db/unique :db.unique/identity}]
       :operations {:make {:values {?n [1 2 3 4 5]} :forms [{:a/n ?n}]}}
       :after-healing {"nobody writes" [:find ?n :where [_ :a/n ?n]]}}
      """;

  @TempDir private Path folder;

  @Test
  void aBrokenPromiseIsMadeSmallAndCanBeSeenAgain() throws IOException {
    Path workload = Files.writeString(folder.resolve("silence.edn"), WORKLOAD);
    Path report = folder.resolve("report.html");
    Path figures = folder.resolve("figures.json");
    CommandRun run = CommandRun.of("simulate", "--workload", workload.toString(), "--seed", "5", "--clients", "3",
        "--ops", "12", "--report", report.toString(), "--json", figures.toString());
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.out()).contains("BROKEN by seed 5:", "nobody writes", "To see it again:",
        "./rebasis simulate --seed 5 --clients 3 --ops 12 --faults all --workload " + workload,
        "The smallest plan found breaks");
    assertThat(Files.readString(report)).contains("<svg", "nobody writes").doesNotContain("src=", "<link");
    JsonNode line = JsonMapper.shared().readTree(Files.readString(figures));
    assertThat(line.get("seeds").asInt()).isEqualTo(1);

    // What was printed as the smallest plan, kept as a file, breaks the same.
    String after = run.out().substring(run.out().indexOf("(keep it as a file"));
    String plan = after.substring(after.indexOf("\n\n") + 2);
    Path kept = Files.writeString(folder.resolve("kept.txt"), plan.substring(0, plan.indexOf("\n\n") + 1));
    CommandRun again = CommandRun.of("simulate", "--plan", kept.toString(), "--workload", workload.toString(), "--trace");
    assertThat(again.status()).as(again.out() + again.err()).isEqualTo(1);
    assertThat(again.out()).contains("nobody writes");
  }

  @Test
  void aGoodRunLeavesAReportAndFiguresToo() throws IOException {
    Path report = folder.resolve("report.html");
    String out = CommandRun.of("simulate", "--seeds", "2", "--ops", "8", "--faults", "partition,crash,powerloss",
        "--threads", "1", "--report", report.toString(), "--json", "-").done();
    JsonNode line = JsonMapper.shared().readTree(out.lines().filter(each -> each.startsWith("{")).findFirst().orElseThrow());
    assertThat(line.get("seeds").asInt()).isEqualTo(2);
    assertThat(line.get("fault_operation").size()).isPositive();
    assertThat(line.get("never_met").size()).isPositive();
    assertThat(out).as("a short run says it and does not fail").contains("pairs have not met");
    assertThat(Files.readString(report)).contains("<svg", "What met what", "Never met", "Conflicts by kind and policy")
        .doesNotContain("src=", "<link");
  }

  @Test
  void aPairThatNeverMeetsFailsARunThatAsksForIt() throws IOException {
    Path workload = Files.writeString(folder.resolve("half.edn"), """
        {:name "half"
         :schema [{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one
                   :db/unique :db.unique/identity}]
         :operations {:make {:values {?n [1 2 3 4 5]} :forms [{:a/n ?n}]}
                      :never {:forms [[:db/add ?made :a/n 9]]}}}
        """);
    CommandRun run = CommandRun.of("simulate", "--workload", workload.toString(), "--seeds", "2", "--ops", "6", "--clients", "2",
        "--faults", "crash", "--coverage");
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.out()).contains("Never met:", "crash × never").doesNotContain("crash × make");
  }

  @Test
  void aPlanThatIsNotThereOrNoneIsSaidBeforeAnythingRuns() throws IOException {
    CommandRun.of("simulate", "--plan", folder.resolve("absent.txt").toString()).misused("There is no file");
    Path odd = Files.writeString(folder.resolve("odd.txt"), "this is no plan\n");
    CommandRun.of("simulate", "--plan", odd.toString()).misused("plan");
    CommandRun.of("simulate", "--fail-at-n", "--workload", "counters").misused("--fail-at-n", "--workload");
  }
}
