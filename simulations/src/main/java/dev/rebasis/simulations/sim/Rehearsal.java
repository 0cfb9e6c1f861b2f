package dev.rebasis.simulations.sim;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.Registered;
import dev.rebasis.simulations.world.World;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Tries a workload's schema, its beginning and the invariants on a server and a client before anything runs, so that a
 * typing error is one clear sentence and not a thousand broken seeds. Thread-safe.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /**
   * Checks what a run is given.
   *
   * @param invariants those of the run; the workload's own are checked too
   * @param registered what the programs of the run have registered
   * @throws RebasisException if the schema or the beginning is refused, or an invariant cannot be asked, or does not hold
   *     of the beginning
   */
  public static void check(Workload workload, List<Invariant> invariants, Registered registered) {
    List<Invariant> all = new ArrayList<>(workload.invariants());
    all.addAll(invariants);
    try (World world = new World(0)) {
      world.registered(registered);
      world.server().start();
      transact(world, "schema", workload.schema());
      List<?> beginning = (List<?>) Edn.read(workload.beginning());
      if (!beginning.isEmpty()) {
        transact(world, "beginning", beginning);
      }
      world.client("c1").start();
      world.settle();
      for (Invariant invariant : all) {
        ask(world, invariant);
      }
    }
  }

  private static void transact(World world, String what, List<?> forms) {
    try {
      world.server().transact(forms);
    } catch (RebasisException e) {
      throw wrong("The " + what + " of the simulation is refused: " + e.getMessage(), e);
    }
  }

  private static void ask(World world, Invariant invariant) {
    Object found;
    try {
      found = world.client("c1").client().confirmed().q(invariant.query());
    } catch (RebasisException e) {
      throw wrong("The invariant '" + invariant.name() + "' cannot be asked: " + e.getMessage(), e);
    }
    if (!(found instanceof Collection<?> rows)) {
      throw wrong("The invariant '" + invariant.name() + "' has to find a relation or a collection, not " + found + ".",
          null);
    }
    if (!rows.isEmpty()) {
      throw wrong("The invariant '" + invariant.name() + "' does not hold even before anyone has written: it finds "
          + rows + ".", null);
    }
  }

  private static RebasisException wrong(String message, RebasisException cause) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-simulation"), ErrorCategory.FIX_REQUEST, message,
        java.util.Map.of(), cause);
  }
}
