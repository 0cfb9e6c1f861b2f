package dev.rebasis.client.internal.query;

import java.util.BitSet;

/** Finding what the value of a variable stands for, an entity id or a keyword, for its second slot. Immutable. */
final class ResolveItem implements PlanItem {
  private static final double COST = 0.1;

  private final EntityVariables.Meaning meaning;
  private final int from;
  private final int to;
  private final Object form;
  private final BitSet slots = new BitSet();
  private final BitSet needs = new BitSet();

  /**
   * Makes the item.
   *
   * @param from the variable's own slot
   * @param to its second slot
   */
  ResolveItem(EntityVariables.Meaning meaning, int from, int to, Object form) {
    this.meaning = meaning;
    this.from = from;
    this.to = to;
    this.form = form;
    needs.set(from);
    slots.set(from);
    slots.set(to);
  }

  @Override
  public Object form() {
    return form;
  }

  @Override
  public BitSet slots() {
    return slots;
  }

  @Override
  public BitSet needs() {
    return needs;
  }

  @Override
  public boolean isImmediate() {
    return true;
  }

  @Override
  public Estimate estimate(BitSet bound, double rows) {
    return new Estimate(rows * COST, rows);
  }

  @Override
  public Step build(BitSet bound, double rows, boolean first, boolean onlyExists) {
    return new ResolveStep(meaning, from, to, bound.get(to));
  }
}
