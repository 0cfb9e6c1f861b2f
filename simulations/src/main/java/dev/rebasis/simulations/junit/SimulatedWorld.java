package dev.rebasis.simulations.junit;

import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.Rules;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Terms.PolicyRef;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import dev.rebasis.simulations.world.Registered;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a {@link PartitionSimulation} is about. Confined to its test. */
public final class SimulatedWorld {
  private final List<Invariant> invariants = new ArrayList<>();
  private final Rules.Builder rules = Rules.builder().callsTwice();
  private final Map<Keyword, PolicyRef> policies = new HashMap<>();
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
   * Registers a policy of the team's own on all clients and on the server. Each call is made twice, and what is answered
   * differently parks the transaction, so that a policy that is not a pure function is noticed.
   *
   * @param name as the schema names it, for example {@code ":visits/widest"}
   * @param version of its code, from 0
   * @return this
   */
  public SimulatedWorld register(String name, long version, CustomPolicy policy) {
    rules.policy(Keyword.of(name), version, policy);
    return this;
  }

  /**
   * Registers a transaction function on all clients and on the server.
   *
   * @return this
   */
  public SimulatedWorld register(String name, TransactionFunction function) {
    rules.function(Keyword.of(name), function);
    return this;
  }

  /**
   * Gives all clients a policy for an attribute, as {@code SyncClient.builder().policy(...)} does.
   *
   * @param attribute for example {@code ":order/note"}
   * @param policy one of {@link dev.rebasis.conflict.Policies}
   * @return this
   */
  public SimulatedWorld policy(String attribute, PolicyRef policy) {
    policies.put(Keyword.of(attribute), policy);
    return this;
  }

  Registered registered() {
    return new Registered(rules.build(), policies);
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
