package dev.rebasis.client.internal.query;

import java.util.BitSet;

/** A call, done as soon as its arguments are bound. Confined to one plan. */
final class ExpressionItem implements PlanItem {
  private static final double COST = 0.1;
  private static final double ROWS_PASSING = 0.4;
  private static final double ROWS_EQUAL = 0.1;
  private static final double ELEMENTS = 10;

  private final Clause.Expression clause;
  private final Inputs inputs;
  private final BitSet slots = new BitSet();
  private final BitSet needs = new BitSet();

  ExpressionItem(Clause.Expression clause, Inputs inputs) {
    this.clause = clause;
    this.inputs = inputs;
    for (Term argument : clause.arguments()) {
      if (argument instanceof Term.Variable variable) {
        needs.set(variable.slot());
      }
    }
    slots.or(needs);
    if (clause.output() != null) {
      clause.output().forEachSlot(slots::set);
    }
  }

  @Override
  public Object form() {
    return clause.form();
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
  public boolean isPredicate() {
    return clause.output() == null;
  }

  @Override
  public boolean keepsRowsApart() {
    return isPredicate();
  }

  @Override
  public Estimate estimate(BitSet bound, double rows) {
    return new Estimate(rows * COST, rows * matches());
  }

  private double matches() {
    if (clause.output() == null) {
      return clause.function().text().equals("=") ? ROWS_EQUAL : ROWS_PASSING;
    }
    return clause.output() instanceof Binding.Each ? ELEMENTS : 1;
  }

  @Override
  public Step build(BitSet bound, double rows, boolean first, boolean onlyExists) {
    return new ExpressionStep(clause, inputs, bound);
  }
}
