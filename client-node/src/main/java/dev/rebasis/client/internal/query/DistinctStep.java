package dev.rebasis.client.internal.query;

import java.util.HashSet;
import java.util.Set;

/**
 * Lets each combination of the variables that are still needed pass once, so that a chain of joins does not enumerate
 * all paths where only their ends are asked for. It changes no result, since results are sets; where it finds too few
 * repetitions to be worth its memory, it stops looking. Confined to one evaluation.
 */
final class DistinctStep extends Step {
  private static final int TRIAL_ROWS = 2_000;
  private static final int WORTH_ONE_IN = 16;

  private final int[] slots;
  private Set<Object> seen = new HashSet<>(); // null once given up
  private int rows;

  DistinctStep(int[] slots) {
    this.slots = slots;
  }

  /** Forgets the rows so far, for another run. */
  void forget() {
    seen = new HashSet<>();
    rows = 0;
  }

  @Override
  boolean run(Object[] frame) {
    if (seen == null) {
      return pass(frame);
    }
    rows++;
    if (!seen.add(slots.length == 1 ? frame[slots[0]] : Row.of(frame, slots))) {
      return true;
    }
    if (rows == TRIAL_ROWS && rows - seen.size() < rows / WORTH_ONE_IN) {
      seen = null;
    }
    return pass(frame);
  }
}
