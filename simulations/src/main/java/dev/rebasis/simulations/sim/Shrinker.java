package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.check.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Makes a plan that breaks a promise as small as it can: fewer clients, fewer steps, less time, as long as the same
 * promise is broken. Delta debugging (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
 * IEEE TSE 2002): halves are left out first, then ever smaller parts. Confined to one use.
 */
final class Shrinker {
  private final Function<Plan, Verdict> play;
  private final int playsMax;
  private final BooleanSupplier timeIsUp;
  private Verdict best;
  private Finding wanted;
  /** Whether the same sentence is wanted, or the same promise only. */
  private boolean bySentence;
  private int plays;

  /**
   * Makes a shrinker.
   *
   * @param play plays a plan
   * @param playsMax how often it may at most
   * @param timeIsUp asked before each play; true ends it with what has been found
   */
  Shrinker(Function<Plan, Verdict> play, int playsMax, BooleanSupplier timeIsUp) {
    this.play = play;
    this.playsMax = playsMax;
    this.timeIsUp = timeIsUp;
  }

  /**
   * The smallest plan found that ends with the first finding of this one, numbers and names aside, with its verdict; if none is smaller,
   * one that breaks the same promise.
   */
  Verdict shrink(Verdict broken) {
    best = broken;
    wanted = broken.findings().get(0);
    bySentence = true;
    fewerOfAll();
    if (best == broken) {
      bySentence = false;
      fewerOfAll();
    }
    return best;
  }

  /** Of what a small plan ends with, what it was kept for. */
  static Finding same(Finding wanted, Verdict small) {
    return small.findings().stream().filter(finding -> sentence(finding).equals(sentence(wanted))).findFirst()
        .or(() -> small.findings().stream().filter(finding -> finding.promise() == wanted.promise()).findFirst())
        .orElse(small.findings().get(0));
  }

  /** What is said before anything that another plan has otherwise. */
  private static String sentence(Finding finding) {
    return finding.promise() + " " + finding.what().replaceAll("[0-9]+", "#").split("[:(\\[{\"]", 2)[0];
  }

  private void fewerOfAll() {
    int before;
    do {
      before = size(best.plan());
      fewerClients();
      fewerSteps();
      noIdleClients();
      lessTime();
    } while (size(best.plan()) < before && mayPlay());
  }

  private static int size(Plan plan) {
    return plan.steps().size() * 100 + plan.clients();
  }

  private boolean mayPlay() {
    return plays < playsMax && !timeIsUp.getAsBoolean();
  }

  private boolean takes(Plan plan) {
    if (!mayPlay() || plan.healed().isEmpty()) {
      return false;
    }
    plays++;
    Verdict verdict = play.apply(plan);
    if (verdict.findings().stream().noneMatch(this::isWanted)) {
      return false;
    }
    best = verdict;
    return true;
  }

  private boolean isWanted(Finding finding) {
    return bySentence ? sentence(finding).equals(sentence(wanted)) : finding.promise() == wanted.promise();
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
    while (part >= 1 && mayPlay()) {
      boolean smaller = false;
      for (int from = 0; from < best.plan().steps().size() && mayPlay(); ) {
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
