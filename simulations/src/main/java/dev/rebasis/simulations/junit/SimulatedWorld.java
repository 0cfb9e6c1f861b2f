package dev.rebasis.simulations.junit;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.ArrayList;
import java.util.List;

/** What a {@link PartitionSimulation} is about. Confined to its test. */
public final class SimulatedWorld {
  private final List<Invariant> invariants = new ArrayList<>();
  private Workload workload;

  SimulatedWorld() {}

  /**
   * Has clients write any operations on a schema.
   *
   * @param schema EDN text: a vector of map forms that install attributes
   * @return this
   * @throws RebasisException if it cannot be read, or has no attribute that could be written
   */
  public SimulatedWorld schema(String schema) {
    return workload(Workloads.onSchema(schema));
  }

  /**
   * Has clients write what a workload of the test's own chooses.
   *
   * @return this
   */
  public SimulatedWorld workload(Workload chosen) {
    workload = chosen;
    return this;
  }

  /**
   * Demands that a query returns nothing, on every replica, once everything is healed.
   *
   * @param name what it guards
   * @param query Datalog with the database as its only input
   * @return this
   * @throws RebasisException if it is no query
   */
  public SimulatedWorld afterHealing(String name, String query) {
    invariants.add(new Invariant(name, query, false));
    return this;
  }

  /**
   * Demands that a query returns nothing, on every replica, with and without pending transactions, at every moment.
   *
   * @param name what it guards
   * @param query Datalog with the database as its only input
   * @return this
   * @throws RebasisException if it is no query
   */
  public SimulatedWorld always(String name, String query) {
    invariants.add(new Invariant(name, query, true));
    return this;
  }

  Workload workload() {
    if (workload == null) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR,
          "The simulation has nothing to write: call schema(...) or workload(...) in the test.");
    }
    return workload;
  }

  List<Invariant> invariants() {
    return invariants;
  }
}
