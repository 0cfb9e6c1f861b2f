package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryPlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Counts the rows of a plan while it runs. Confined to one evaluation. */
final class Explanation {
  private final List<Counter> counters = new ArrayList<>();

  /** A step that counts the rows behind an item. */
  Step after(PlanOrder.Placed placed, BitSet bound) {
    Counter counter = new Counter(placed, placed.item().way(bound));
    counters.add(counter);
    return counter;
  }

  /** What was counted. */
  QueryPlan plan(Object result) {
    List<QueryPlan.Step> steps = new ArrayList<>();
    for (Counter counter : counters) {
      steps.add(new QueryPlan.Step(
          counter.placed.item().form(), counter.way, counter.placed.rowsAfter(), counter.rows));
    }
    return new QueryPlan(steps, result);
  }

  private static final class Counter extends Step {
    private final PlanOrder.Placed placed;
    private final String way;
    private long rows;

    Counter(PlanOrder.Placed placed, String way) {
      this.placed = placed;
      this.way = way;
    }

    @Override
    boolean run(Object[] frame) {
      rows++;
      return pass(frame);
    }
  }
}
