package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.workload.Workload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Lets every storage operation and every message of a scenario fail in turn, and the program die exactly there: complete
 * over the scenario, without luck. The method is that of SQLite's tests (sqlite.org/testing.html, "I/O Error Testing"
 * and "Crash Testing"): the scenario is played once to count, then once for each point and each way to fail.
 *
 * <p>A storage operation is one of Rebasis itself on one of its files. H2's pages in between are sampled: the first two
 * of each run. Immutable.
 */
public final class FailAtN {
  private static final String SCENARIO = "fail-at-n.plan";

  private FailAtN() {}

  /** The scenario that comes with Rebasis: two clients, a server, a dozen transactions of several kinds, restarts. */
  public static Plan scenario() {
    try (InputStream text = FailAtN.class.getResourceAsStream(SCENARIO)) {
      return PlanText.read(new String(text.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("The scenario " + SCENARIO + " cannot be read.", e);
    }
  }

  /**
   * Plays a scenario once, and makes a plan for each point and each way to fail there.
   *
   * @param scenario a plan; its own faults stay in
   * @param workload the workload that it names
   * @param everyWay whether each point fails in each way; else in one of them, by turns
   */
  public static List<Plan> plans(Plan scenario, Workload workload, boolean everyWay) {
    List<Plan> plans = new ArrayList<>();
    int turn = 0;
    for (Strikes.Point point : new LinkedHashSet<>(Play.points(scenario, workload))) {
      List<String> modes = modes(point);
      turn += modes.size() > 1 ? 1 : 0;
      for (String mode : everyWay ? modes : List.of(modes.get(turn % modes.size()))) {
        plans.add(at(scenario, point, mode));
      }
    }
    return plans;
  }

  /** Dying before a read is dying before or after what stands around it. */
  private static List<String> modes(Strikes.Point point) {
    if (point.verb() == Verb.MESSAGE) {
      return List.of("cut", "crash", "powerloss");
    }
    return point.isRead() ? List.of("fail") : List.of("fail", "crash", "powerloss");
  }

  private static Plan at(Plan scenario, Strikes.Point point, String mode) {
    List<Step> steps = new ArrayList<>(scenario.steps());
    steps.add(0, new Step(0, point.node(), point.verb(), point.name() + " " + mode, fault(point, mode)));
    return scenario.withSteps(steps);
  }

  private static Fault fault(Strikes.Point point, String mode) {
    boolean server = point.node().equals(Step.SERVER);
    if (point.verb() == Verb.MESSAGE) {
      return Fault.MID_MESSAGE;
    }
    return switch (mode) {
      case "fail" -> server ? Fault.SERVER_IO_ERROR : Fault.IO_ERROR;
      case "crash" -> server ? Fault.SERVER_CRASH : Fault.CRASH;
      default -> server ? Fault.SERVER_POWER_LOSS : Fault.POWER_LOSS;
    };
  }

  /** Whether the point of a plan from {@link #plans} was reached when it was played. */
  public static boolean wasReached(Verdict verdict) {
    return verdict.tally().struck().contains(verdict.plan().steps().get(0));
  }

  /** Where and how a plan from {@link #plans} strikes, as its line says it. */
  public static String strike(Verdict verdict) {
    return PlanText.line(verdict.plan().steps().get(0));
  }

  /** Whether a plan from {@link #plans} strikes at pages of H2: how many there are varies with its clock. */
  public static boolean isOfPages(Verdict verdict) {
    Step step = verdict.plan().steps().get(0);
    return step.verb() == Verb.POINT && StoragePoints.isPages(step.argument());
  }
}
