package dev.rebasis.client.internal.query;

/** A call of a tabled rule: from outside it takes all answers, inside the recursion it waits for them. Confined. */
final class RuleCallStep extends Step {
  private final TabledRules evaluation;
  private final RuleTable table;
  private final Junction junction;
  private final boolean inside;
  private boolean handsOn;

  /**
   * Makes the step.
   *
   * @param inside whether it stands in one of the rules that are being evaluated
   */
  RuleCallStep(TabledRules evaluation, RuleTable table, Junction junction, boolean inside) {
    this.evaluation = evaluation;
    this.table = table;
    this.junction = junction;
    this.inside = inside;
  }

  @Override
  void then(Step step) {
    super.then(step);
    handsOn = inside && step.ignoringCounters() instanceof RuleTable.Answer answer && answer.table() == table && handsOnAnswers();
  }

  // The free arguments of the call are those of the rule, in the same places: its answers are answers.
  private boolean handsOnAnswers() {
    for (int position : table.free()) {
      if (junction.outer(position) != position) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean run(Object[] frame) {
    Object[] arguments = new Object[junction.size()];
    for (int position : table.bound()) {
      int slot = junction.outer(position);
      arguments[position] = slot >= 0 ? frame[slot] : junction.constant(position);
    }
    if (handsOn) {
      table.activate(evaluation.current(), table.key(arguments), arguments);
      return true;
    }
    if (inside) {
      table.entry(arguments).await(this, frame.clone(), evaluation.current());
      return true;
    }
    for (Row answer : evaluation.solve(table, arguments).answers()) {
      if (!resume(frame, answer)) {
        return false;
      }
    }
    return true;
  }

  /** Goes on with an answer. */
  boolean resume(Object[] frame, Row answer) {
    int[] free = table.free();
    for (int i = 0; i < free.length; i++) {
      int slot = junction.outer(free[i]);
      if (slot < 0) {
        continue;
      }
      if (isRepeated(free, i, slot) && !QueryValues.same(frame[slot], answer.get(i))) {
        return true;
      }
      frame[slot] = answer.get(i);
    }
    return pass(frame);
  }

  // A variable that stands twice in a call must be the same at both places.
  private boolean isRepeated(int[] free, int i, int slot) {
    for (int before = 0; before < i; before++) {
      if (junction.outer(free[before]) == slot) {
        return true;
      }
    }
    return false;
  }
}
