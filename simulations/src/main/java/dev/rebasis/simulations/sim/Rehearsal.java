package dev.rebasis.simulations.sim;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Vocabulary;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.Registered;
import dev.rebasis.simulations.world.World;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tries a workload before anything runs, so that a typing error is one clear sentence and not a thousand broken seeds, or
 * a thousand good ones in which nothing was written: its names, schema, beginning and invariants, and then its operations,
 * by one client without faults. Thread-safe.
 */
public final class Rehearsal {
  /** Operations may need what others make, and chance: so often each is drawn, and so often if one was always refused. */
  private static final int[] ROUNDS = {4, 40};
  private static final int REFUSALS_TELLING = 10;
  private static final long PACE_MILLIS = 200;

  private Rehearsal() {}

  /**
   * Checks what a run is given.
   *
   * @param invariants those of the run; the workload's own are checked too
   * @param registered what the programs of the run have registered
   * @throws RebasisException if a name cannot stand in a plan, the schema or the beginning is refused, an invariant cannot
   *     be asked or does not hold of the beginning, or an operation fails or is refused whenever it is tried
   */
  public static void check(Workload workload, List<Invariant> invariants, Registered registered) {
    Vocabulary.check(workload);
    beginning(workload, invariants, registered);
    operations(workload, invariants, registered);
  }

  private static void beginning(Workload workload, List<Invariant> invariants, Registered registered) {
    List<Invariant> all = new ArrayList<>(workload.invariants());
    all.addAll(invariants);
    try (World world = new World(0)) {
      world.registered(workload.registered().or(registered));
      world.server().start();
      workload.installation().forEach(forms -> transact(world, "schema", forms));
      List<?> beginning = vector(workload.beginning());
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

  private static List<?> vector(String text) {
    try {
      if (Edn.read(text) instanceof List<?> forms) {
        return forms;
      }
    } catch (RebasisException e) {
      throw wrong("The beginning of the simulation cannot be read: " + e.getMessage(), e);
    }
    throw wrong("The beginning of the simulation is no vector of forms: " + text, null);
  }

  private static void operations(Workload workload, List<Invariant> invariants, Registered registered) {
    List<String> refused = List.of();
    for (int rounds : ROUNDS) {
      Plan plan = workload.script().isEmpty() ? drawn(workload, rounds)
          : PlanMaker.make(1, new Settings(1, 1, Set.of(), List.of(workload)));
      if (!PlanText.read(PlanText.write(plan)).equals(plan)) {
        throw unkept(workload);
      }
      Verdict verdict = Play.play(plan, workload, invariants, registered, Sabotage.NONE);
      verdict.findings().stream().filter(finding -> finding.promise() == Promise.WORKLOAD).findFirst().ifPresent(finding -> {
        throw wrong("The workload '" + workload.name() + "' cannot be used: " + finding.what(), null);
      });
      refused = alwaysRefused(plan, verdict.tally().attempts(), rounds == ROUNDS[0] || !workload.script().isEmpty()
          ? 1 : REFUSALS_TELLING);
      if (refused.isEmpty()) {
        return;
      }
    }
    throw wrong("The workload '" + workload.name() + "' cannot be used: " + String.join(" ", refused), null);
  }

  private static RebasisException unkept(Workload workload) {
    return wrong("The arguments of the workload '" + workload.name() + "' have to be lines of EDN, since plans are kept as"
        + " text: argument(...) gives one without line breaks.", null);
  }

  private static List<String> alwaysRefused(Plan plan, Attempts attempts, int enough) {
    Set<String> kinds = new TreeSet<>();
    plan.steps().stream().filter(Step::isWrite).forEach(step -> kinds.add(step.kind()));
    List<String> refused = new ArrayList<>();
    for (String kind : kinds) {
      long refusals = attempts.failed().getOrDefault(kind, Map.of()).entrySet().stream()
          .filter(reason -> reason.getKey().startsWith("refused")).mapToLong(Map.Entry::getValue).sum();
      if (refusals >= enough && refusals == attempts.tried(kind)) {
        refused.add("The operation '" + kind + "' is refused whenever it is tried, even by a single client: "
            + attempts.reasons(kind));
      }
    }
    return refused;
  }

  /** Each kind of operation in each round, by one client without faults. */
  private static Plan drawn(Workload workload, int rounds) {
    Random random = new Random(1);
    List<String> made = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (String kind : workload.kinds()) {
        int label = steps.size() + 1;
        String argument = argument(workload, kind, random, made);
        workload.tempids(kind).forEach(tempid -> made.add("?" + label + "." + tempid));
        steps.add(new Step(label * PACE_MILLIS, "c1", Verb.TRANSACT, label + " " + kind + " " + argument, null));
      }
    }
    return new Plan(1, workload.name(), 1, (steps.size() + 1) * PACE_MILLIS, List.of("c1"), steps);
  }

  private static String argument(Workload workload, String kind, Random random, List<String> made) {
    String argument;
    try {
      argument = Objects.requireNonNull(
          workload.argument(kind, random, chance -> made.isEmpty() ? null : made.get(chance.nextInt(made.size()))),
          "no argument");
    } catch (RuntimeException e) {
      throw wrong("The workload '" + workload.name() + "' cannot be used: asked for an argument of the operation '" + kind
          + "' it fails: " + e, e);
    }
    if (argument.isBlank() || argument.lines().count() > 1) {
      throw unkept(workload);
    }
    return argument;
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

  private static RebasisException wrong(String message, RuntimeException cause) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-simulation"), ErrorCategory.FIX_REQUEST, message,
        Map.of(), cause);
  }
}
