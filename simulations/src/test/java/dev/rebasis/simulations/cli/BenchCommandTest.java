package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every workload of {@code rebasis bench}, in sizes that measure nothing: what is looked at is that it comes to an end
 * and says all that it should. All seven start some thirty processes, which takes a minute or two on two cores; so
 * five are left to the soak profile ({@code -Drebasis.bench.all=true}).
 */
class BenchCommandTest {
  private static final Set<String> FIGURES = Set.of(
      "ms", "ops_s", "p50_ms", "p99_ms", "up_mb", "down_mb", "client_rss_mb", "server_rss_mb");
  private static final Set<String> SIZES = Set.of(
      "workload", "n", "clients", "pending", "remote", "overlap", "durability", "runs");

  /** What a workload must say: the figures that are numbers, and its limits. */
  private record Expected(List<String> figures, List<String> limits) {}

  private static final Map<String, Expected> EXPECTED = new HashMap<>(Map.of(
      "local-transact", new Expected(List.of("ms", "ops_s", "p50_ms", "p99_ms", "client_rss_mb"),
          List.of("bare-write", "h2-row")),
      "offline-replay", new Expected(List.of("ms", "ops_s", "up_mb", "down_mb", "client_rss_mb", "server_rss_mb"),
          List.of("datomic-with-metadata", "datomic-plain")),
      "first-load", new Expected(List.of("ms", "ops_s", "down_mb", "client_rss_mb", "server_rss_mb", "server_heap_mb"),
          List.of("h2-batch")),
      "fan-out", new Expected(List.of("ms", "p50_ms", "p99_ms", "client_rss_mb", "server_rss_mb"), List.of("echo")),
      "push", new Expected(List.of("ms", "ops_s", "client_rss_mb", "server_rss_mb"),
          List.of("datomic-with-metadata", "datomic-plain")),
      "sessions", new Expected(List.of("ms", "p50_ms", "p99_ms", "client_rss_mb", "server_rss_mb"), List.of()),
      "rebase", new Expected(List.of("ms", "client_rss_mb", "server_rss_mb"), List.of("rebase-no-pending")),
      "decide", new Expected(List.of("ms", "ops_s", "p50_ms", "p99_ms"), List.of("decide-datomic")),
      "local-query", new Expected(List.of("ms", "ops_s", "p50_ms", "p99_ms", "client_rss_mb", "server_rss_mb"),
          List.of("datomic-query")),
      "open", new Expected(List.of("ms"), List.of("bare-jvm"))));

  static {
    EXPECTED.put("open-own", EXPECTED.get("open"));
    EXPECTED.put("digest", new Expected(List.of("ms", "ops_s"), List.of("digest-transactions")));
  }

  static List<String> workloads() {
    return Boolean.getBoolean("rebasis.bench.all")
        ? EXPECTED.keySet().stream().sorted().toList() : List.of("fan-out", "local-transact");
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void aWorkloadGivesOneLineOfJsonWithAllThatItShouldSay(String workload) {
    CommandRun run = CommandRun.of("bench", workload, "--json", "--n", workload.startsWith("open") ? "500" : "20",
        "--clients", "2", "--pending", "20", "--remote", "10", "--overlap", "0.5", "--runs", "1",
        "--durability", "process-crash", "--cold", "--client-jvm", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(1);

    JsonNode line = JsonMapper.shared().readTree(run.out());
    assertThat(names(line)).containsAll(SIZES).containsAll(FIGURES).contains("limits");
    assertThat(line.get("workload").asString()).isEqualTo(workload);
    assertThat(line.get("runs").asInt()).isEqualTo(1);
    assertThat(line.get("durability").asString()).isEqualTo("PROCESS_CRASH");
    Expected expected = EXPECTED.get(workload);
    expected.figures().forEach(figure -> assertPositive(line, figure));
    assertThat(names(line.get("limits"))).containsExactlyInAnyOrderElementsOf(expected.limits());
    for (String limit : expected.limits()) {
      JsonNode entry = line.get("limits").get(limit);
      assertThat(names(entry)).containsAll(FIGURES).contains("ratio");
      assertPositive(entry, "ratio");
      if (workload.equals("local-transact") || workload.equals("fan-out")) {
        assertThat(entry.get("ratio").asDouble()).as("ours over the limit's")
            .isCloseTo(line.get("p50_ms").asDouble() / entry.get("p50_ms").asDouble(), within(1e-9));
      }
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "rebasis.bench.all", matches = "true")
  void clientsOfSeveralProcessesAreCountedTogether() {
    CommandRun run = CommandRun.of("bench", "fan-out", "--json", "--n", "20", "--clients", "4", "--rate", "20", "--processes", "2",
        "--runs", "1", "--cold");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode line = JsonMapper.shared().readTree(run.out());
    assertThat(line.get("processes").asInt()).isEqualTo(2);
    assertPositive(line, "p50_ms");
    assertPositive(line, "p99_ms");
  }

  @Test
  void aTableIsForPeople() {
    CommandRun run = CommandRun.of("bench", "local-transact", "--n", "20", "--runs", "1");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("local-transact, n=20, POWER_LOSS, median of 1 run(s)", "rebasis", "ratio",
        "a bare 4 KB write and fdatasync");
  }

  @Test
  void whatIsNoMeasurementIsRefused() {
    CommandRun.of("bench", "coffee").misused("There is no workload 'coffee'.", "local-transact", "open");
    CommandRun.of("bench").misused("WORKLOAD");
    CommandRun.of("bench", "open", "--runs", "0").misused("--runs");
    CommandRun.of("bench", "open", "--n", "many").misused("--n", "many");
    CommandRun.of("bench", "rebase", "--overlap", "2").misused("--overlap");
    CommandRun.of("bench", "fan-out", "--processes", "2").misused("--processes");
    CommandRun.of("bench", "fan-out", "--rate", "10", "--clients", "50", "--processes", "3").misused("--processes");
    CommandRun.of("bench", "open", "--durability", "none").misused("power-loss or process-crash", "none");
  }

  private static List<String> names(JsonNode node) {
    return new ArrayList<>(node.propertyNames());
  }

  private static void assertPositive(JsonNode node, String figure) {
    assertThat(node.get(figure).isNumber()).as(figure + " in " + node).isTrue();
    assertThat(node.get(figure).asDouble()).as(figure).isPositive();
  }

  @Test
  void queriesOnMusicBrainzGetDatomicsAnswersAndARatioEach() {
    CommandRun run = CommandRun.of(
        "bench", "query-mbrainz", "--scale", "0.05", "--rounds", "1", "--millis", "1");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("five clauses, down to the tracks", "recursive rule", "entity navigation", "median ratio");
    assertThat(run.out()).doesNotContain("NaN");
  }

  @Test
  void jmhMeasuresTheSameQuestions() {
    CommandRun run = CommandRun.of("bench", "jmh", "--scale", "0.05", "--iterations", "3", "--millis", "2", "--only", "clauses");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("two clauses", "three clauses", "five clauses, up from a track", " ± ").doesNotContain("NaN", "look-up");
  }

  @Test
  void simulationsAreMeasuredToo() {
    CommandRun run = CommandRun.of("bench", "simulate", "--json", "--clients", "2", "--hours", "1", "--warm-up", "0",
        "--rounds", "1", "--seeds", "1", "--threads", "1");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode line = JsonMapper.shared().readTree(run.out());
    assertThat(line.get("writesPerClientHour").asDouble()).as("one a minute, less those that find nothing to do").isBetween(30.0, 60.0);
    assertPositive(line, "clientHoursPerSecond");
    assertThat(CommandRun.of("bench", "simulate", "--faults", "storm").status()).isEqualTo(2);
  }
}
