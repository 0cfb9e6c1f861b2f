package com.example.visits;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.simulations.junit.PartitionSimulation;
import dev.rebasis.simulations.junit.SimulatedWorld;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.world.Registered;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The team's own operations, policies and rules through partitions, crashes and losses of power. A failure prints its
 * seed and the smallest story that shows it. {@code -Drebasis.simulation.seeds=1000} in the nightly build.
 */
class VisitsThroughPartitionsTest {

  @PartitionSimulation(seeds = 6, clients = 3, writes = 30)
  void theBooksAreRightWhateverHappens(SimulatedWorld world) {
    world.workload(new VisitsWorkload())
        .register(":visits/use", Visits.USE)
        .register(":visits/widest", 0, Visits::widest)
        .policy(":visit/note", Policies.textMerge())
        .always("nobody uses a part that is not there",
            "[:find ?p ?n :where [?p :part/stock ?n] [(< ?n 0)]]")
        .always("a visit ends after it began",
            "[:find ?v :where [?v :visit/from ?from] [?v :visit/to ?to] [(>= ?from ?to)]]")
        .afterHealing("no visit lost its time",
            "[:find ?v :where [?v :visit/number _] (not [?v :visit/from _])]");
  }

  /** The tests are able to fail: without the policy on the minutes the books are soon wrong. */
  @Test
  void withoutTheCounterTheBooksAreWrong() {
    VisitsWorkload careless = new VisitsWorkload() {
      @Override
      public List<?> schema() {
        return (List<?>) Edn.read(Visits.schema().replace(":rebasis/policy :rebasis.policy/counter", ""));
      }
    };
    Rules rules = Rules.builder().function(Keyword.of(":visits/use"), Visits.USE)
        .policy(Keyword.of(":visits/widest"), 0, Visits::widest).build();
    Simulator simulator = new Simulator(
        new Settings(3, 30, Fault.parse("partition,full-partition,long-offline"), List.of(careless)), List.of(), new Registered(rules, Map.of()));
    List<String> found = new ArrayList<>();
    for (long seed = 1; seed <= 40 && found.isEmpty(); seed++) {
      simulator.play(seed).findings().forEach(finding -> found.add(finding.toString()));
    }
    assertTrue(found.toString().contains(" minutes, and "), found.toString());
  }

  /** Any operations that the schema allows, also those that nobody thought of. */
  @PartitionSimulation(seeds = 6, clients = 3, writes = 30, faults = "partition,one-way,crash,power-loss,schema")
  void theSchemaBearsAnything(SimulatedWorld world) {
    world.schema(Visits.schema())
        .register(":visits/widest", 0, Visits::widest)
        .always("a part is one part",
            "[:find ?a ?b :where [?a :part/number ?n] [?b :part/number ?n] [(< ?a ?b)]]");
  }
}
