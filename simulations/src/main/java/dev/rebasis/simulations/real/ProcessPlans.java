package dev.rebasis.simulations.real;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Step;
import dev.rebasis.simulations.sim.Verb;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.Registered;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Plans for real processes: those of a simulation's seed, in a time that people can wait for. Immutable. */
public final class ProcessPlans {
  /** What can be done to real processes without help of their disks and clocks. */
  private static final Set<Fault> POSSIBLE = EnumSet.of(Fault.DELAY, Fault.LOSS, Fault.PARTITION, Fault.FULL_PARTITION,
      Fault.ONE_WAY, Fault.BLACK_HOLE, Fault.FLAPPING, Fault.RESET, Fault.CRASH, Fault.SERVER_CRASH, Fault.RESTART,
      Fault.SCHEMA, Fault.OLD_BACKUP);
  private static final Set<Verb> OF_CLIENTS = EnumSet.of(Verb.TRANSACT, Verb.CUT, Verb.HEAL, Verb.SILENCE, Verb.UNSILENCE, Verb.RESET,
      Verb.HALFOPEN, Verb.THROTTLE, Verb.LINE, Verb.CRASH, Verb.STOP, Verb.START, Verb.BACKUP, Verb.RESTORE, Verb.SCOPES);
  private static final Set<Verb> OF_THE_SERVER = EnumSet.of(Verb.CRASH, Verb.STOP, Verb.START);
  private static final int NARROW_BYTES_PER_SECOND = 2_000;

  private ProcessPlans() {}

  /**
   * Makes a plan.
   *
   * @param clients how many at most, 1 to 32
   * @param writes about how many, 1 to 10,000
   * @param faults the kinds that may happen; see {@link #impossible}
   * @param workloads one of which the seed takes; those that register something are left out
   * @param millis how long it shall take; faults and writes come closer together for it
   */
  public static Plan make(
      long seed, int clients, int writes, Set<Fault> faults, List<Workload> workloads, long millis) {
    Set<Fault> possible = EnumSet.copyOf(POSSIBLE);
    possible.retainAll(faults);
    List<Workload> served = workloads.stream().filter(workload -> workload.registered().equals(Registered.NOTHING)).toList();
    if (served.isEmpty()) {
      check(workloads.get(0));
    }
    Plan plan = new Simulator(new Settings(clients, writes, possible, served), List.of()).plan(seed);
    List<Step> steps = new ArrayList<>();
    for (Step step : plan.steps()) {
      if (!isPossible(step)) {
        continue; // Clients in processes of their own only write, and change what they hold; nobody stands beside the server.
      }
      steps.add(new Step(step.atMillis() * millis / Math.max(1, plan.millis()), step.node(), step.verb(),
          step.argument(), step.fault()));
    }
    if (faults.contains(Fault.BLACK_HOLE)) {
      // What a simulated line does not have: one end gone without the other, and too little room.
      Random random = new Random(seed);
      List<String> names = plan.clientNames();
      add(steps, random.nextLong(millis), names.get(random.nextInt(names.size())), Verb.HALFOPEN, "");
      add(steps, random.nextLong(millis), names.get(random.nextInt(names.size())), Verb.THROTTLE,
          Integer.toString(NARROW_BYTES_PER_SECOND));
      steps.sort(Comparator.comparingLong(Step::atMillis));
    }
    return new Plan(seed, plan.workload(), plan.clients(), millis, plan.clientNames(), steps);
  }

  private static boolean isPossible(Step step) {
    return !step.isRevisit() && (step.isServer() ? OF_THE_SERVER : OF_CLIENTS).contains(step.verb());
  }

  /** Those of some kinds of faults that a proxy and {@code kill -9} cannot do: a plan has none of them. */
  public static Set<Fault> impossible(Set<Fault> faults) {
    Set<Fault> impossible = new TreeSet<>(faults);
    impossible.removeAll(POSSIBLE);
    return impossible;
  }

  /**
   * Checks that faults can be done to real processes.
   *
   * @throws RebasisException if some are asked for, and none of them can
   */
  public static void check(Set<Fault> faults) {
    if (!faults.isEmpty() && impossible(faults).size() == faults.size()) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-fault"), ErrorCategory.FIX_REQUEST, "Nothing of "
          + words(faults) + " can be done to real processes. What can be is: " + words(POSSIBLE) + ".");
    }
  }

  /** The words of some kinds of faults, with commas. */
  public static String words(Set<Fault> faults) {
    return faults.stream().sorted().map(Fault::word).collect(Collectors.joining(", "));
  }

  /**
   * Checks that a plan can be played with real processes.
   *
   * @throws RebasisException if it has a step that only simulations can do
   */
  public static void check(Plan plan) {
    plan.steps().stream().filter(step -> !isPossible(step)).findFirst().ifPresent(step -> {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-plan"), ErrorCategory.FIX_REQUEST, "Only simulations can do"
          + " what the plan asks for at " + step.atMillis() + ": " + step.node() + " " + step.verb().word()
          + (step.isRevisit() ? " " + step.kind() : "") + ". Leave it out, or play it without --processes.");
    });
  }

  /**
   * Checks that a workload can be played with real processes.
   *
   * @throws RebasisException if it needs policies or functions that a server process does not have
   */
  public static void check(Workload workload) {
    if (!workload.registered().equals(Registered.NOTHING)) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-workload"), ErrorCategory.FIX_REQUEST, "The workload '"
          + workload.name() + "' has policies and functions of its own, which a server process does not have: take another"
          + " one for --processes.");
    }
  }

  private static void add(List<Step> steps, long at, String node, Verb verb, String argument) {
    steps.add(new Step(at, node, verb, argument, Fault.BLACK_HOLE));
  }
}
