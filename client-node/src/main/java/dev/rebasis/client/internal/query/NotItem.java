package dev.rebasis.client.internal.query;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code not}, done as soon as all variables that it shares are bound. Its body is run for each row, or once for all
 * rows if that is cheaper. Confined to one plan.
 */
final class NotItem implements PlanItem {
  private static final double CALL = 0.1;
  private static final double PROBE = 0.05;
  private static final double ROWS_PASSING = 0.5;

  private final Junction junction;
  private final Planner body;

  NotItem(Junction junction, Planner body) {
    this.junction = junction;
    this.body = body;
  }

  @Override
  public Object form() {
    return junction.form();
  }

  @Override
  public List<Planner> bodies() {
    return List.of(body);
  }

  @Override
  public BitSet slots() {
    return junction.outerSlots();
  }

  @Override
  public BitSet needs() {
    return junction.outerSlots();
  }

  @Override
  public boolean isImmediate() {
    return true;
  }

  @Override
  public boolean keepsRowsApart() {
    return true;
  }

  @Override
  public Estimate estimate(BitSet bound, double rows) {
    if (body.isEmpty()) {
      return new Estimate(0, rows);
    }
    PlanOrder.Order each = body.order(junction.variables());
    PlanOrder.Order once = body.order(new BitSet());
    if (each == null) {
      throw body.obstacle(junction.variables());
    }
    double cost = rows * (CALL + each.cost());
    return new Estimate(once == null ? cost : Math.min(cost, costOnce(once) + rows * PROBE), rows * ROWS_PASSING);
  }

  private static double costOnce(PlanOrder.Order once) {
    return once.cost() + once.rows() * PROBE;
  }

  @Override
  public Step build(BitSet bound, double rows, boolean first, boolean onlyExists) {
    if (body.isEmpty()) {
      return new AllPass();
    }
    Step each = new EachRow();
    PlanOrder.Order once = body.order(new BitSet());
    if (once == null || first) {
      return each;
    }
    double costOfEach = CALL + body.order(junction.variables()).cost();
    return new AdaptiveStep(each, new AllRows(), (long) Math.ceil(costOnce(once) / costOfEach));
  }

  /** For a body that can have no match. */
  private static final class AllPass extends Step {
    @Override
    boolean run(Object[] frame) {
      return pass(frame);
    }
  }

  /** Ends the chain of the body at its first match. */
  private static final class Found extends Step {
    @Override
    boolean run(Object[] frame) {
      return false;
    }
  }

  /** Looks for a match for each row. */
  private final class EachRow extends Step {
    private final StepChain chain = body.chain(junction.variables(), new Found());

    @Override
    boolean run(Object[] frame) {
      Object[] inner = chain.frame();
      for (int i = 0; i < junction.size(); i++) {
        if (junction.outer(i) >= 0) {
          inner[i] = frame[junction.outer(i)];
        }
      }
      boolean noMatch = chain.run();
      return !noMatch || pass(frame);
    }
  }

  /** Finds all matches, once. */
  private final class AllRows extends Step {
    private final int[] inner = junction.variables().stream().toArray();
    private final int[] outer = junction.variables().stream().map(junction::outer).toArray();
    private Set<Row> matches;

    @Override
    boolean run(Object[] frame) {
      if (matches == null) {
        matches = new HashSet<>();
        body.chain(new BitSet(), new Step() {
          @Override
          boolean run(Object[] found) {
            matches.add(Row.keyOf(found, inner));
            return true;
          }
        }).run();
      }
      return matches.contains(Row.keyOf(frame, outer)) || pass(frame);
    }
  }
}
