package dev.rebasis.simulations.sim;

import dev.rebasis.client.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.GuardedWorkload;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.ClientNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** What must hold of the inside of each client, and of what it shows: now, always, and at the end. Confined to one play. */
final class Laws {
  private final Workload workload;
  private final List<Invariant> invariants;
  private final Tally tally;
  private final BiConsumer<Promise, String> report;

  /**
   * Begins.
   *
   * @param report told of what is broken
   */
  Laws(Workload workload, List<Invariant> invariants, Tally tally, BiConsumer<Promise, String> report) {
    this.workload = workload;
    this.invariants = invariants;
    this.tally = tally;
    this.report = report;
  }

  /** Looks at everything inside a client; the cost grows with its database. */
  void lookInside(ClientNode node) {
    tally.check();
    node.audit().forEach(difference -> report.accept(Promise.SOUNDNESS, "inside of " + node.name() + ": " + difference));
    lookAtLaws(node);
  }

  /** Asks for what must hold of every view at every moment. */
  void lookAtLaws(ClientNode node) {
    tally.check();
    Database confirmed = node.client().confirmed();
    Database optimistic = node.client().db();
    for (Database database : List.of(confirmed, optimistic)) {
      workload.wrong(database).forEach(wrong -> report.accept(
          Promise.MONOTONIC, node.name() + " at T " + database.basisT() + ": " + wrong));
      invariants.stream().filter(Invariant::always).forEach(invariant -> check(node.name(), invariant, database));
    }
  }

  /** What holds once everybody is healed, and not before: until then what is missing may still come. */
  void lookAtTheEnd(ClientNode node) {
    invariants.stream().filter(invariant -> !invariant.always())
        .forEach(invariant -> check(node.name(), invariant, node.client().confirmed()));
  }

  /** Whoever has not heard of the schema yet cannot be asked in its words. */
  private boolean knowsTheSchema(Database database) {
    return workload.schema().stream().allMatch(form -> !(form instanceof Map<?, ?> map)
        || !map.containsKey(Keyword.of(":db/valueType")) || database.attribute(map.get(Keyword.of(":db/ident"))) != null);
  }

  private void check(String name, Invariant invariant, Database database) {
    if (!knowsTheSchema(database)) {
      return;
    }
    Collection<?> found = GuardedWorkload.ask(invariant, database);
    if (!found.isEmpty()) {
      report.accept(Promise.INTENTION, "the invariant '" + invariant.name() + "' does not hold on " + name + " at T "
          + database.basisT() + ": " + found);
    }
  }
}
