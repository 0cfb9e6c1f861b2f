package com.example.visits;

import dev.rebasis.conflict.Policies;
import dev.rebasis.simulations.junit.PartitionSimulation;
import dev.rebasis.simulations.junit.SimulatedWorld;

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

  /** Any operations that the schema allows, also those that nobody thought of. */
  @PartitionSimulation(seeds = 6, clients = 3, writes = 30, faults = "partition,one-way,crash,power-loss,schema")
  void theSchemaBearsAnything(SimulatedWorld world) {
    world.schema(Visits.schema())
        .register(":visits/widest", 0, Visits::widest)
        .always("a part is one part",
            "[:find ?a ?b :where [?a :part/number ?n] [?b :part/number ?n] [(< ?a ?b)]]");
  }
}
