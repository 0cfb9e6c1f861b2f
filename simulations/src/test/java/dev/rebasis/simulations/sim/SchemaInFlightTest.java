package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.simulations.workload.Alterable;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The schema is altered right after the writes of each kind, while clients are cut off and die. More rounds:
 * {@code -Drebasis.sim.schema.rounds=20}; the soak profile plays some.
 */
class SchemaInFlightTest {
  private static final int ROUNDS = Integer.getInteger("rebasis.sim.schema.rounds", 1);
  private static final Set<Fault> FAULTS =
      Set.of(Fault.SCHEMA, Fault.PARTITION, Fault.FULL_PARTITION, Fault.CRASH, Fault.SERVER_CRASH, Fault.DELAY);
  private static final Keyword ANY = Keyword.of(":any/attribute");

  /** What each kind of change has in its forms. */
  private static final List<String> CHANGES =
      List.of(":db/ident", ":db/index", ":db/unique", ":db/cardinality", ":rebasis/policy", ":later/a");

  @Test
  void thePromisesHoldWhateverIsAltered() {
    Simulator simulator = new Simulator(new Settings(4, 40, FAULTS, Workloads.all()), List.of());
    List<Plan> plans = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      for (Workload workload : Workloads.all()) {
        Settings settings = new Settings(4, 40, FAULTS, List.of(workload));
        for (String kind : workload.kinds()) {
          plans.add(PlanMaker.make(round * 1_000L + plans.size(), settings, new WantedPairs.Aim(Set.of(Fault.SCHEMA), kind, null)));
        }
      }
    }
    List<String> broken = new ArrayList<>();
    Map<String, Integer> changed = new TreeMap<>();
    simulator.run(plans, Runtime.getRuntime().availableProcessors(), () -> false, verdict -> {
      if (!verdict.isGood()) {
        broken.add(verdict.findings() + "\n" + Simulator.text(verdict.plan()));
      }
      count(verdict, changed);
    });
    if (Boolean.getBoolean("rebasis.sim.tell")) {
      System.err.println(plans.size() + " plays, changes " + changed);
    }
    assertThat(broken).isEmpty();
    CHANGES.forEach(change -> assertThat(changed).as("each kind of change is made").containsKey(change));
  }

  private static void count(Verdict verdict, Map<String, Integer> changed) {
    Set<String> written = verdict.trace().stream().map(Trace.Line::text)
        .filter(text -> text.matches("write 9\\d{5} schema \\[.*")).collect(Collectors.toSet());
    written.forEach(text -> CHANGES.stream().filter(text::contains).forEach(change -> changed.merge(change, 1, Integer::sum)));
  }

  /** Bank, counters and so on have laws about the values of their attributes; who brings a workload may read their names. */
  @Test
  void aWorkloadIsAlteredAsFarAsItAllows() {
    for (Workload workload : Workloads.all()) {
      SchemaChanges changes = new SchemaChanges(workload, new Random(7));
      Set<String> drawn = new TreeSet<>();
      for (int i = 0; i < 300; i++) {
        String forms = changes.alteration().forms();
        CHANGES.stream().filter(forms::contains).forEach(drawn::add);
      }
      if (workload.alterable(ANY) == Alterable.EVERYTHING) {
        assertThat(drawn).as(workload.name()).containsExactlyInAnyOrder(
            ":db/ident", ":db/index", ":db/unique", ":db/cardinality", ":rebasis/policy");
      } else {
        assertThat(workload.alterable(ANY)).as(workload.name()).isEqualTo(Alterable.NAMES);
        assertThat(drawn).as(workload.name()).contains(":db/ident").isSubsetOf(":db/ident", ":db/index");
      }
    }
  }
}
