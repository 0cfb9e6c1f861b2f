package dev.rebasis.client.internal.query;

import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code or}, or a call of a rule that is not recursive: the rows of all branches. They are run for each row so far, or
 * once, into a table, if that is cheaper. Confined to one plan.
 */
final class UnionItem implements PlanItem {
  private static final BitSet NONE = new BitSet();
  private static final double CALL = 0.1;
  private static final double ROW = 0.05;
  private static final double TABLE_ROW = 0.15;
  private static final double PROBE = 0.05;
  // How far an estimate must be on one side to be trusted without a trial.
  private static final double CERTAINTY = 3;

  private final Junction junction;
  private final List<Planner> branches;
  private final int frameSize;
  private final BitSet slots;

  /**
   * Makes it.
   *
   * @param frameSize of the frames outside
   */
  UnionItem(Junction junction, List<Planner> branches, int frameSize) {
    this.junction = junction;
    this.branches = branches;
    this.frameSize = frameSize;
    this.slots = junction.outerSlots();
  }

  @Override
  public Object form() {
    return junction.form();
  }

  @Override
  public List<Planner> bodies() {
    return branches;
  }

  @Override
  public BitSet slots() {
    return slots;
  }

  @Override
  public BitSet needs() {
    BitSet needs = new BitSet();
    if (total(NONE) == null) {
      needs.or(slots);
    }
    return needs;
  }

  /** Cost and rows of all branches; null if one of them is not possible. */
  private Estimate total(BitSet bound) {
    if (!junction.isAllowed(bound)) {
      return null;
    }
    BitSet inner = junction.bound(bound);
    double cost = CALL;
    double rows = 0;
    for (Planner branch : branches) {
      if (branch.isEmpty()) {
        continue;
      }
      PlanOrder.Order order = branch.order(inner);
      if (order == null) {
        return null;
      }
      cost += order.cost();
      rows += order.rows();
    }
    return new Estimate(cost, rows);
  }

  @Override
  public Estimate estimate(BitSet bound, double rows) {
    Estimate each = total(bound);
    if (each == null) {
      return null;
    }
    Estimate once = slots.intersects(bound) ? total(NONE) : null;
    double cost = rows * each.cost();
    double cheaper = once == null ? cost : Math.min(cost, costOnce(once) + rows * PROBE);
    return new Estimate(cheaper + rows * each.rows() * ROW, rows * each.rows());
  }

  private static double costOnce(Estimate once) {
    return once.cost() + once.rows() * TABLE_ROW;
  }

  @Override
  public Step build(BitSet bound, double rows, boolean first, boolean onlyExists) {
    BitSet inner = junction.bound(bound);
    Step each = new UnionStep(junction, branches, inner, onlyExists);
    Estimate once = total(NONE);
    if (once == null || first) {
      return each;
    }
    double rowsWorthTable = costOnce(once) / total(bound).cost();
    Step hash = table(bound, onlyExists);
    boolean sure = rows > rowsWorthTable * CERTAINTY;
    return sure ? hash : new AdaptiveStep(each, hash, (long) Math.ceil(rowsWorthTable));
  }

  private Step table(BitSet bound, boolean onlyExists) {
    BitSet keys = (BitSet) slots.clone();
    keys.and(bound);
    BitSet fresh = (BitSet) slots.clone();
    fresh.andNot(bound);
    return new HashStep(this::forEachRow, keys.stream().toArray(), fresh.stream().toArray(), onlyExists);
  }

  private void forEachRow(Consumer<Object[]> action) {
    UnionStep all = new UnionStep(junction, branches, NONE, false);
    all.then(new Step() {
      @Override
      boolean run(Object[] frame) {
        action.accept(frame);
        return true;
      }
    });
    all.run(new Object[frameSize]);
  }
}
