package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryPlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Counts how often a chain of steps runs, and its rows behind each item. Confined to one evaluation. */
final class Explanation {
  private final Counter runs = new Counter();
  private final List<ItemCounter> items = new ArrayList<>();

  /** The step that stands before the first item. */
  Step before() {
    return runs;
  }

  /** A step that counts the rows behind an item. */
  Step after(PlanOrder.Placed placed, BitSet bound) {
    ItemCounter counter = new ItemCounter(placed, placed.item().way(bound));
    items.add(counter);
    return counter;
  }

  /** What was counted, once everything has run. */
  List<QueryPlan.Step> steps() {
    List<QueryPlan.Step> steps = new ArrayList<>();
    for (ItemCounter counter : items) {
      PlanItem item = counter.placed.item();
      steps.add(new QueryPlan.Step(
          item.form(), counter.way, counter.placed.rowsAfter(), counter.rows, nested(item.bodies())));
    }
    return steps;
  }

  // A body that is planned for several uses shows those that happened.
  private static List<QueryPlan.Branch> nested(List<Planner> bodies) {
    List<QueryPlan.Branch> branches = new ArrayList<>();
    for (Planner body : bodies) {
      for (Explanation explanation : body.explanations()) {
        if (explanation.runs.rows > 0) {
          branches.add(new QueryPlan.Branch(explanation.runs.rows, explanation.steps()));
        }
      }
    }
    return branches;
  }

  private static class Counter extends Step {
    long rows;

    @Override
    Step ignoringCounters() {
      return next().ignoringCounters();
    }

    @Override
    boolean run(Object[] frame) {
      rows++;
      return pass(frame);
    }
  }

  private static final class ItemCounter extends Counter {
    private final PlanOrder.Placed placed;
    private final String way;

    ItemCounter(PlanOrder.Placed placed, String way) {
      this.placed = placed;
      this.way = way;
    }
  }
}
