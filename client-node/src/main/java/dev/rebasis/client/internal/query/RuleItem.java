package dev.rebasis.client.internal.query;

import java.util.BitSet;
import java.util.List;

/** A call of a rule that is tabled, from outside the recursion or from inside. Confined to one plan. */
final class RuleItem implements PlanItem {
  private static final double CALL = 1;
  private static final double ROW = 0.1;
  // Guesses: how many rounds a recursion takes, and what a call inside it finds.
  private static final double ROUNDS = 5;
  private static final double ROWS_INSIDE = 3;
  private static final double ROWS_INSIDE_UNBOUND = 10_000;

  private final TabledRules evaluation;
  private final RuleSet.Rule rule;
  private final Junction junction;
  private final OtherForms forms = new OtherForms();
  private final boolean inside;

  private RuleItem(
      TabledRules evaluation, RuleSet.Rule rule, Junction junction, EntityVariables around, boolean inside) {
    this.evaluation = evaluation;
    this.rule = rule;
    this.junction = junction;
    this.inside = inside;
    for (int i = 0; i < junction.size(); i++) {
      if (junction.constant(i) != Inputs.NONE) {
        forms.set(i, junction.constant(i));
      } else if (junction.outer(i) >= 0) {
        forms.add(i, around.formsInside(), junction.outer(i));
      }
    }
  }

  static RuleItem outside(TabledRules evaluation, RuleSet.Rule rule, Junction junction, EntityVariables around) {
    evaluation.look(rule, junction);
    return new RuleItem(evaluation, rule, junction, around, false);
  }

  static RuleItem inside(TabledRules evaluation, RuleSet.Rule rule, Junction junction, EntityVariables around) {
    return new RuleItem(evaluation, rule, junction, around, true);
  }

  private RuleTable table(BitSet bound) {
    BitSet known = junction.bound(bound);
    for (int i = 0; i < junction.size(); i++) {
      if (junction.constant(i) != Inputs.NONE) {
        known.set(i);
      }
    }
    OtherForms ofKnown = forms.withNamesOf(known);
    // From outside the rule waits for a text that is given; inside its arguments have what they had outside.
    return evaluation.table(rule, known, inside ? ofKnown.withTextsOf(known) : ofKnown, junction);
  }

  @Override
  public Object form() {
    return junction.form();
  }

  @Override
  public List<Planner> bodies() {
    return inside ? List.of() : evaluation.planners();
  }

  @Override
  public BitSet slots() {
    return junction.outerSlots();
  }

  // A recursive call that stands last hands the answers on and sees none itself.
  @Override
  public String way(BitSet bound) {
    return inside ? "recursion" : "rule";
  }

  @Override
  public BitSet needs() {
    BitSet needs = new BitSet();
    for (int i = 0; i < rule.required(); i++) {
      if (junction.outer(i) >= 0) {
        needs.set(junction.outer(i));
      }
    }
    return needs;
  }

  @Override
  public Estimate estimate(BitSet bound, double rows) {
    if (!junction.isAllowed(bound)) {
      return null;
    }
    RuleTable table = table(bound);
    boolean nothingBound = table.bound().length == 0;
    boolean allBound = table.free().length == 0;
    if (inside) {
      double matches = allBound ? 1 : nothingBound ? ROWS_INSIDE_UNBOUND : ROWS_INSIDE;
      return new Estimate(rows * (CALL + matches * ROW), rows * matches);
    }
    Estimate once = table.estimate();
    if (once == null) {
      return null;
    }
    double matches = allBound ? 1 : Math.max(1, once.rows()) * ROUNDS;
    return new Estimate(rows * once.cost() * ROUNDS, rows * matches);
  }

  @Override
  public Step build(BitSet bound, double rows, boolean first, boolean onlyExists) {
    return new RuleCallStep(evaluation, table(bound), junction, inside);
  }
}
