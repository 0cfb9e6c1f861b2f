package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.check.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Makes a plan that breaks a promise as small as it can: fewer clients, fewer steps, less time, as long as the same
 * promise is broken. Delta debugging (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
 * IEEE TSE 2002): halves are left out first, then ever smaller parts. Confined to one use.
 */
final class Shrinker {
  private final Function<Plan, Verdict> play;
  private final int playsMax;
  private Verdict best;
  private Set<Promise> wanted;
  private int plays;

  /**
   * Makes a shrinker.
   *
   * @param play plays a plan
   * @param playsMax how often it may at most
   */
  Shrinker(Function<Plan, Verdict> play, int playsMax) {
    this.play = play;
    this.playsMax = playsMax;
  }

  /** The smallest plan found that breaks one of the promises that this one breaks, with its verdict. */
  Verdict shrink(Verdict broken) {
    best = broken;
    wanted = broken.broken();
    int before;
    do {
      before = size(best.plan());
      fewerClients();
      fewerSteps();
      noIdleClients();
      lessTime();
    } while (size(best.plan()) < before && plays < playsMax);
    return best;
  }

  private static int size(Plan plan) {
    return plan.steps().size() * 100 + plan.clients();
  }

  private boolean takes(Plan plan) {
    if (plays >= playsMax || plan.healed().isEmpty()) {
      return false;
    }
    plays++;
    Verdict verdict = play.apply(plan);
    Set<Promise> common = new TreeSet<>(verdict.broken());
    common.retainAll(wanted);
    if (common.isEmpty()) {
      return false;
    }
    best = verdict;
    return true;
  }

  private void fewerClients() {
    for (int count = 1; count < best.plan().clients(); count++) {
      Plan fewer = best.plan().withClients(count);
      if (takes(fewer.healed().isEmpty() ? fewer.withHealed(List.of("c1")) : fewer)) {
        return;
      }
    }
  }

  private void fewerSteps() {
    int part = Math.max(1, best.plan().steps().size() / 2);
    while (part >= 1 && plays < playsMax) {
      boolean smaller = false;
      for (int from = 0; from < best.plan().steps().size() && plays < playsMax; ) {
        List<Step> steps = new ArrayList<>(best.plan().steps());
        steps.subList(from, Math.min(from + part, steps.size())).clear();
        if (takes(best.plan().withSteps(steps))) {
          smaller = true;
        } else {
          from += part;
        }
      }
      part = part == 1 && smaller ? 1 : part / 2;
    }
  }

  private void noIdleClients() {
    Plan busy = best.plan().withoutIdleClients();
    if (busy.clients() < best.plan().clients()) {
      takes(busy.healed().isEmpty() ? busy.withHealed(List.of("c1")) : busy);
    }
  }

  private void lessTime() {
    List<Step> steps = best.plan().steps();
    long last = steps.isEmpty() ? 0 : steps.get(steps.size() - 1).atMillis();
    if (last < best.plan().millis()) {
      takes(best.plan().withMillis(last));
    }
  }
}
