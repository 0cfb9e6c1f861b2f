package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Runs the branches of a union for one row after the other. Confined to one evaluation. */
final class UnionStep extends Step {
  private final Junction junction;
  private final int[] boundPositions;
  private final int[] newPositions;
  private final boolean onlyExists;
  private final List<StepChain> chains = new ArrayList<>();
  private Object[] outer; // the frame of the row in hand
  private Set<Row> seen; // rows of this run, where branches or clauses could repeat them
  private boolean goOn;

  /**
   * Makes the step.
   *
   * @param bound positions that are bound before
   * @param onlyExists whether one match is as good as all
   */
  UnionStep(Junction junction, List<Planner> branches, BitSet bound, boolean onlyExists) {
    this.junction = junction;
    this.onlyExists = onlyExists;
    this.boundPositions = bound.stream().toArray();
    BitSet fresh = junction.variables();
    fresh.andNot(bound);
    this.newPositions = fresh.stream().toArray();
    for (Planner branch : branches) {
      if (!branch.isEmpty()) {
        chains.add(branch.chain(bound, new Out()));
      }
    }
  }

  @Override
  boolean run(Object[] frame) {
    outer = frame;
    goOn = true;
    seen = onlyExists || newPositions.length == 0 ? null : new HashSet<>();
    for (StepChain chain : chains) {
      Object[] inner = chain.frame();
      for (int position : boundPositions) {
        inner[position] = frame[junction.outer(position)];
      }
      if (!chain.run()) {
        break;
      }
    }
    return goOn;
  }

  /** The end of a branch. */
  private final class Out extends Step {
    @Override
    boolean run(Object[] inner) {
      if (seen != null && !seen.add(Row.of(inner, newPositions))) {
        return true;
      }
      for (int i = 0; i < newPositions.length; i++) {
        int slot = junction.outer(newPositions[i]);
        if (isRepeated(i, slot) && !QueryValues.same(outer[slot], inner[newPositions[i]])) {
          return true;
        }
        outer[slot] = inner[newPositions[i]];
      }
      goOn = UnionStep.this.pass(outer);
      return goOn && seen != null;
    }

    // A variable that stands twice in a call must be the same at both places.
    private boolean isRepeated(int i, int slot) {
      for (int before = 0; before < i; before++) {
        if (junction.outer(newPositions[before]) == slot) {
          return true;
        }
      }
      return false;
    }
  }
}
