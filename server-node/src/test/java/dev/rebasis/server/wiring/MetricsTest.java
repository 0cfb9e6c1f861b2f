package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.session.ServerMachine.Lag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Goal: each metric that docs/server.md names shows the figure that it is named for. Method: figures that all differ. */
class MetricsTest {
  private static final Master.Stats STATS = new Master.Stats(101, 102, 103, 104, 1_500, 105, 106, null);

  private Metrics.Reading reading =
      new Metrics.Reading(STATS, 201, 202, List.of(new Lag(7, 20_000), new Lag(8, 150), new Lag(9, 0)),
          Map.of(OutcomeKind.PARKED, 301L, OutcomeKind.MERGED, 302L), 203, 204);

  @Test
  void eachFigureHasItsName() {
    try (Metrics metrics = new Metrics(List.of("d"), name -> reading)) {
      metrics.forces("d").timed(() -> { });
      metrics.forces("d").timed(() -> { });
      assertThat(metrics.scrape()).contains("rebasis_transactions_total{database=\"d\"} 101.0",
          "rebasis_log_forces_total{database=\"d\"} 102.0", "rebasis_log_unforced{database=\"d\"} 103.0",
          "rebasis_push_queued{database=\"d\"} 104.0", "rebasis_clock_behind_seconds{database=\"d\"} 1.5",
          "rebasis_rebases_total{database=\"d\"} 105.0", "rebasis_decided_again_total{database=\"d\"} 106.0",
          "rebasis_t{database=\"d\"} 201.0", "rebasis_sessions{database=\"d\"} 202.0", "rebasis_loads{database=\"d\"} 203.0", "rebasis_given_up{database=\"d\"} 204.0",
          "rebasis_push_outcomes_total{database=\"d\",kind=\"parked\"} 301.0",
          "rebasis_push_outcomes_total{database=\"d\",kind=\"merged\"} 302.0",
          "rebasis_push_outcomes_total{database=\"d\",kind=\"rejected\"} 0.0",
          "rebasis_session_lag_max{database=\"d\"} 20000.0", "rebasis_session_lag{client=\"8\",database=\"d\"} 150.0",
          "rebasis_sessions_behind{database=\"d\",more_than=\"0\"} 2.0",
          "rebasis_sessions_behind{database=\"d\",more_than=\"100\"} 2.0",
          "rebasis_sessions_behind{database=\"d\",more_than=\"10000\"} 1.0",
          "rebasis_log_force_seconds_count{database=\"d\"} 2");
    }
  }

  @Test
  void thePageNamesEachFigureAndNoOther() throws IOException {
    Path module = Path.of("").toAbsolutePath();
    Path page = Stream.of(module, module.getParent()).map(folder -> folder.resolve("docs/server.md")).filter(Files::exists).findFirst()
        .orElseThrow();
    Set<String> named = names(Pattern.compile("`(rebasis_[a-z_]+)"),
        Files.readAllLines(page).stream().filter(line -> line.startsWith("| `rebasis_")).collect(Collectors.joining("\n")));
    try (Metrics metrics = new Metrics(List.of("d"), name -> reading)) {
      metrics.forces("d").timed(() -> { });
      assertThat(names(Pattern.compile("(?m)^# TYPE (rebasis_[a-z_]+)"), metrics.scrape()).stream()
          // The page tells of it with the durations that it belongs to.
          .filter(name -> !name.equals("rebasis_log_force_seconds_max")).toList()).containsExactlyInAnyOrderElementsOf(named);
    }
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void clientsThatAreGoneAndThoseBeyondTheFiftyFurthestAreNotNamed() {
    List<Lag> many = new ArrayList<>();
    for (int client = 1; client <= 60; client++) {
      many.add(new Lag(client, 1_000 - client));
    }
    reading = new Metrics.Reading(STATS, 1, 60, many, Map.of(), 0, 0);
    try (Metrics metrics = new Metrics(List.of("d"), name -> reading)) {
      assertThat(metrics.scrape()).contains("client=\"50\"").doesNotContain("client=\"51\"");
      reading = new Metrics.Reading(STATS, 1, 1, List.of(new Lag(60, 3)), Map.of(), 0, 0);
      assertThat(metrics.scrape()).contains("rebasis_session_lag{client=\"60\",database=\"d\"} 3.0")
          .doesNotContain("client=\"50\"");
    }
  }

  @Test
  void aDatabaseThatIsAwayIsShownAsItWas() {
    try (Metrics metrics = new Metrics(List.of("d"), name -> reading)) {
      metrics.scrape();
      reading = null;
      assertThat(metrics.scrape()).contains("rebasis_t{database=\"d\"} 201.0");
    }
  }
}
