package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    assertThat(Files.readString(report)).contains("<svg", "nobody writes", "Seed 5 broke a promise.",
        "<pre>./rebasis simulate --seed 5 --clients 3 --ops 12").doesNotContain("src=", "<link");
    JsonNode line = JsonMapper.shared().readTree(Files.readString(figures));
    assertThat(line.get("seeds").asInt()).isEqualTo(1);

    // The smallest plan lies in a file beside the report, and the command that is printed for it breaks the same.
    String smallest = printed(run, "This one again: ");
    assertThat(smallest).startsWith("./rebasis simulate --plan " + folder.resolve("rebasis-smallest-plan-5.txt"));
    assertThat(run.out()).contains(Files.readString(folder.resolve("rebasis-smallest-plan-5.txt")).lines().skip(1)
        .reduce("", (text, each) -> text + each + System.lineSeparator()));
    playsAgain(smallest);
  }

  /** Of what fails at a point no seed makes the plan: it lies in a file, and the one command plays it. */
  @Test
  void thePrintedCommandReplaysWhatNoSeedMakes() throws IOException {
    Path workload = Files.writeString(folder.resolve("silence.edn"), WORKLOAD);
    Path plan = Files.writeString(folder.resolve("plan.txt"),
        "plan seed 1 workload silence clients 1 millis 300 healed c1\n100 c1 transact 1 make {?n 1}\n");
    CommandRun run = CommandRun.of("simulate", "--fail-at-n", "--plan", plan.toString(), "--workload", workload.toString(),
        "--json", folder.resolve("figures.json").toString());
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(1);
    String printed = run.out().lines().filter(line -> line.startsWith("  ./rebasis simulate --plan ")).findFirst().orElseThrow();
    assertThat(printed).contains(folder.resolve("rebasis-failed-plan-1.txt").toString());
    playsAgain(printed.strip());
    CommandRun without = CommandRun.of("simulate", "--fail-at-n", "--plan", plan.toString(), "--workload", workload.toString());
    playsAgain(without.out().lines().filter(line -> line.startsWith("  ./rebasis simulate --plan ")).findFirst().orElseThrow()
        .strip());
  }

  private static String printed(CommandRun run, String before) {
    return run.out().lines().filter(line -> line.startsWith(before)).findFirst().orElseThrow().substring(before.length());
  }

  private static void playsAgain(String command) {
    List<String> words = words(command);
    CommandRun again = CommandRun.of(words.subList(1, words.size()).toArray(String[]::new));
    assertThat(again.status()).as(command + again.out() + again.err()).isEqualTo(1);
    assertThat(again.out()).contains("nobody writes");
  }

  /** The command that is printed is the one that shows it again, whatever the file is called. */
  @Test
  void thePrintedCommandReplaysTheSeed() throws IOException {
    Path odd = Files.createDirectory(folder.resolve("a team's folder"));
    Path workload = Files.writeString(odd.resolve("silence.edn"), WORKLOAD);
    CommandRun run = CommandRun.of("simulate", "--workload", workload.toString(), "--seeds", "3", "--clients", "2",
        "--ops", "6", "--faults", "none", "--pace", "2.5", "--threads", "2");
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(1);
    String printed = run.out().lines().filter(line -> line.strip().startsWith("./rebasis simulate --seed ")).findFirst()
        .orElseThrow().strip();
    assertThat(printed).as("the lowest seed that fails").startsWith("./rebasis simulate --seed 1 ").contains("--pace 2.5");
    List<String> words = words(printed);
    CommandRun again = CommandRun.of(words.subList(1, words.size()).toArray(String[]::new));
    assertThat(again.status()).as(printed + again.err()).isEqualTo(1);
    assertThat(again.out()).contains("BROKEN by seed 1:", "nobody writes");
    assertThat(findings(again.out())).isEqualTo(findings(run.out()));
  }

  private static String findings(String out) {
    return out.substring(out.indexOf("BROKEN by seed"), out.indexOf("To see it again:"));
  }

  /** As a shell takes a line apart: quotes, and a backslash outside of them. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\'') {
        quoted = !quoted;
      } else if (c == '\\' && !quoted) {
        word.append(line.charAt(++i));
      } else if (c == ' ' && !quoted) {
        words.add(word.toString());
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    words.add(word.toString());
    return words;
  }

  @Test
  void aWorkloadThatFailsIsNoBrokenPromise() throws IOException {
    Path workload = Files.writeString(folder.resolve("late.edn"), WORKLOAD.replace("[{:a/n ?n}]", "[{:a/n (+ ?n ?n)}]")
        .replace("[1 2 3 4 5]", "[1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 9223372036854775807]")
        .replace("[:find ?n :where [_ :a/n ?n]]", "[:find ?n :where [_ :a/n ?n] [(< ?n 0)]]"));
    CommandRun run = CommandRun.of("simulate", "--workload", workload.toString(), "--seeds", "50", "--ops", "40", "--threads", "1");
    assertThat(run.out() + run.err()).contains("the operation 'make'", "ArithmeticException: long overflow");
    if (run.status() == 1) {
      assertThat(run.out()).contains("THE WORKLOAD FAILED in seed").doesNotContain("BROKEN");
    } else {
      run.misused("cannot be used");
    }
  }

  /** Asked when somebody has written, not only at the end, when it holds again. */
  @Test
  void anInvariantThatFailsForAMomentIsNoticed() throws IOException {
    String flash = """
        {:name "flash"
         :schema [{:db/ident :f/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
                  {:db/ident :f/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
         :beginning [{:f/key "k" :f/n 0}]
         :operations {:put {:forms [{:f/key "k" :f/n ?n}]}}
         :script [[1000 "c1" :put {?n 7}] [1005 "c1" :put {?n 1}]]
         :WHEN {"no seven" [:find ?e :where [?e :f/n 7]]}}
        """;
    Path always = Files.writeString(folder.resolve("always.edn"), flash.replace(":WHEN", ":always"));
    Path after = Files.writeString(folder.resolve("after.edn"), flash.replace(":WHEN", ":after-healing"));
    CommandRun.of("simulate", "--workload", after.toString(), "--seed", "1", "--faults", "none").done();
    CommandRun run = CommandRun.of("simulate", "--workload", always.toString(), "--seed", "1", "--faults", "none");
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.out()).contains("the invariant 'no seven' does not hold on c1");
  }

  @Test
  void minutesEndARunAndPaceSetsItsTime() throws IOException {
    Path figures = folder.resolve("figures.json");
    long begin = System.nanoTime();
    CommandRun.of("simulate", "--minutes", "0.02", "--ops", "5", "--clients", "2", "--workload", "counters", "--faults", "crash",
        "--json", figures.toString()).done();
    assertThat(System.nanoTime() - begin).as("nanoseconds for 1.2 s and the seeds under way").isLessThan(60_000_000_000L);
    assertThat(JsonMapper.shared().readTree(Files.readString(figures)).get("seeds").asInt()).isPositive();

    CommandRun.of("simulate", "--seed", "1", "--pace", "60", "--ops", "10", "--clients", "2", "--faults", "none",
        "--workload", "counters", "--json", figures.toString()).done();
    JsonNode line = JsonMapper.shared().readTree(Files.readString(figures));
    // Ten writes, one a minute by each of two clients.
    assertThat(line.get("client_hours").asDouble()).isBetween(2 * 4 / 60.0, 2 * 10 / 60.0);
  }

  @Test
  void aSeedsHashIsPrintedAlone() {
    String many = CommandRun.of("simulate", "--from", "7", "--seeds", "1", "--ops", "8", "--hash").done();
    String one = CommandRun.of("simulate", "--seed", "7", "--ops", "8", "--hash").done();
    assertThat(one.lines().filter(line -> line.startsWith("trace 7 ")).toList()).hasSize(1)
        .isEqualTo(many.lines().filter(line -> line.startsWith("trace 7 ")).toList());
  }

  @Test
  void failAtNStrikesAtEachPointOfAPlanWithItsFilesWorkload() throws IOException {
    Path workload = Files.writeString(folder.resolve("w.edn"), WORKLOAD.substring(0, WORKLOAD.indexOf(":after-healing")) + "}");
    Path plan = Files.writeString(folder.resolve("plan.txt"),
        "plan seed 1 workload silence clients 1 millis 300 healed c1\n100 c1 transact 1 make {?n 1}\n");
    Path figures = folder.resolve("figures.json");
    String out = CommandRun.of("simulate", "--fail-at-n", "--plan", plan.toString(), "--workload", workload.toString(), "--json",
        figures.toString()).done();
    int plays = JsonMapper.shared().readTree(Files.readString(figures)).get("seeds").asInt();
    assertThat(plays).isGreaterThan(50);
    assertThat(out).containsPattern("struck     at \\d+ of " + plays + " points").doesNotContain("Not reached again");
  }

  @Test
  void aGoodRunLeavesAReportAndFiguresToo() throws IOException {
    Path report = folder.resolve("report.html");
    String out = CommandRun.of("simulate", "--seeds", "6", "--ops", "8", "--faults", "partition,crash,powerloss",
        "--threads", "1", "--report", report.toString(), "--json", "-").done();
    JsonNode line = JsonMapper.shared().readTree(out.lines().filter(each -> each.startsWith("{")).findFirst().orElseThrow());
    assertThat(line.get("seeds").asInt()).isEqualTo(6);
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
        "--faults", "crash", "--coverage", "--json", folder.resolve("half.json").toString(),
        "--report", folder.resolve("half.html").toString());
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.out()).contains("Never met:", "crash × never").doesNotContain("crash × make");
    JsonNode line = JsonMapper.shared().readTree(Files.readString(folder.resolve("half.json")));
    assertThat(line.get("seeds").asInt()).as("what aims at something is no seed").isEqualTo(2);
    assertThat(line.get("aimed").asInt()).isPositive();
    assertThat(run.out()).contains("2 seeds and " + line.get("aimed").asInt() + " simulations that aim at what had not met in ");
    assertThat(line.get("ok").asBoolean()).isFalse();
    assertThat(line.get("incomplete").get(0).asString()).contains("crash × never");
    assertThat(Files.readString(folder.resolve("half.html"))).contains("did not do all that was asked for")
        .doesNotContain("Every promise held.");
  }

  @Test
  void aPlanThatIsNotThereOrNoneIsSaidBeforeAnythingRuns() throws IOException {
    CommandRun.of("simulate", "--plan", folder.resolve("absent.txt").toString()).misused("There is no file");
    Path odd = Files.writeString(folder.resolve("odd.txt"), "this is no plan\n");
    CommandRun.of("simulate", "--plan", odd.toString()).misused("plan");
    CommandRun.of("simulate", "--fail-at-n", "--workload", "counters").misused("--fail-at-n", "--workload");
  }
}
