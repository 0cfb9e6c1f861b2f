package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One rule for one set of bound arguments: its branches, planned for them, and its entries. Confined. */
final class RuleTable {
  private final TabledRules evaluation;
  private final RuleSet.Rule rule;
  private final int[] bound;
  private final int[] free;
  private final Object[] fixed;
  /** The bound ones that are not fixed. */
  private final BitSet varying;
  private final List<Planner> planners = new ArrayList<>();
  private final OtherForms forms;
  private final Map<Row, RuleEntry> entries = new HashMap<>();
  private List<StepChain> chains;
  private PlanItem.Estimate estimate;
  private boolean estimating;

  RuleTable(TabledRules evaluation, RuleSet.Rule rule, BitSet bound, OtherForms forms, Object[] fixed) {
    this.evaluation = evaluation;
    this.rule = rule;
    this.fixed = fixed;
    this.varying = notFixed(bound);
    this.forms = forms;
    this.bound = bound.stream().toArray();
    BitSet others = new BitSet();
    others.set(0, rule.arity());
    others.andNot(bound);
    this.free = others.stream().toArray();
  }

  /** Positions of the arguments that calls give. */
  int[] bound() {
    return bound;
  }

  /** Positions of the arguments that answers give. */
  int[] free() {
    return free;
  }

  /** The values of arguments as a key. */
  Row key(Object[] arguments) {
    return Row.keyOf(arguments, bound);
  }

  /**
   * The entry for these arguments. A new one is scheduled to be computed.
   *
   * @param arguments by position; only the bound ones are read
   */
  RuleEntry entry(Object[] arguments) {
    Row key = key(arguments);
    RuleEntry known = entries.get(key);
    if (known == null) {
      known = new RuleEntry(evaluation, this);
      entries.put(key, known);
      activate(known, key, arguments);
    }
    return known;
  }

  /** Has the branches run with these arguments, for an entry of this table; once for each combination of values. */
  void activate(RuleEntry entry, Row key, Object[] arguments) {
    if (!entry.visit(key)) {
      return;
    }
    Object[] values = arguments.clone();
    evaluation.schedule(() -> run(entry, values));
  }

  private void run(RuleEntry entry, Object[] arguments) {
    for (StepChain chain : chains()) {
      if (entry.isSatisfied()) {
        return;
      }
      for (int position : bound) {
        chain.frame()[position] = arguments[position];
      }
      evaluation.setCurrent(entry);
      chain.run();
    }
  }

  /** What one call costs, and how many answers it has, in the whole; null if the rule cannot be evaluated so. */
  PlanItem.Estimate estimate() {
    if (estimate == null && !estimating) {
      estimating = true;
      try {
        estimate = sum();
      } finally {
        estimating = false;
      }
    }
    return estimate;
  }

  private PlanItem.Estimate sum() {
    double cost = 1;
    double rows = 0;
    for (Planner planner : planners()) {
      PlanOrder.Order order = planner.isEmpty() ? null : planner.order(varying);
      if (order == null && !planner.isEmpty()) {
        return null;
      }
      cost += order == null ? 0 : order.cost();
      rows += order == null ? 0 : order.rows();
    }
    return new PlanItem.Estimate(cost, rows);
  }

  /** The branches of the rule. */
  List<Planner> planners() {
    if (planners.isEmpty()) {
      BitSet all = new BitSet();
      all.set(0, rule.arity());
      BitSet arguments = notFixed(all);
      for (Body branch : rule.branches()) {
        for (Body alternative : OrExpansion.of(branch, this::isInside)) {
          Inputs inner = evaluation.inputs().insideRule(alternative, fixed, rule.form());
          planners.add(new Planner(alternative, inner, evaluation.context(), arguments, forms, evaluation, 1));
        }
      }
    }
    return planners;
  }

  private BitSet notFixed(BitSet positions) {
    BitSet others = (BitSet) positions.clone();
    positions.stream().filter(i -> fixed[i] != Inputs.NONE).forEach(others::clear);
    return others;
  }

  private boolean isInside(Clause.RuleCall call) {
    return evaluation.evaluates(call, evaluation.inputs().rules().find(call));
  }

  private List<StepChain> chains() {
    if (chains == null) {
      chains = new ArrayList<>();
      for (Planner planner : planners()) {
        if (planner.isEmpty()) {
          continue;
        }
        if (planner.order(varying) == null) {
          throw planner.obstacle(varying);
        }
        chains.add(planner.chain(varying, new Answer()));
      }
    }
    return chains;
  }

  /** The end of a branch: an answer for the entry in hand. */
  final class Answer extends Step {
    @Override
    boolean run(Object[] frame) {
      RuleEntry entry = evaluation.current();
      entry.add(Row.of(frame, free));
      return !entry.isSatisfied();
    }

    RuleTable table() {
      return RuleTable.this;
    }
  }
}
