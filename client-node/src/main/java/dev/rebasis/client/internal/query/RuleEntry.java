package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What one combination of bound arguments of a rule has as answers, and the rows that wait for them. Confined. */
final class RuleEntry {
  private final TabledRules evaluation;
  private final RuleTable table;
  private final List<Row> answers = new ArrayList<>();
  private final Set<Row> known = new HashSet<>();
  private final Set<Row> visited = new HashSet<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private boolean scheduled;

  /** A row that goes on from a call, once for each answer. */
  private static final class Waiting {
    private final RuleCallStep call;
    private final Object[] frame;
    private final RuleEntry target;
    private int next;

    Waiting(RuleCallStep call, Object[] frame, RuleEntry target) {
      this.call = call;
      this.frame = frame;
      this.target = target;
    }
  }

  RuleEntry(TabledRules evaluation, RuleTable table) {
    this.evaluation = evaluation;
    this.table = table;
  }

  RuleTable table() {
    return table;
  }

  /** The answers so far, each with the values of the free arguments. */
  List<Row> answers() {
    return answers;
  }

  /** Whether further answers can say nothing new: one without values is a plain yes. */
  boolean isSatisfied() {
    return table.free().length == 0 && !answers.isEmpty();
  }

  /** Notes that the branches run with these arguments for this entry; false if they did before. */
  boolean visit(Row key) {
    return visited.add(key);
  }

  void add(Row answer) {
    if (known.add(answer)) {
      answers.add(answer);
      schedule();
    }
  }

  /** Has a row go on for each answer, those that come later included. */
  void await(RuleCallStep call, Object[] frame, RuleEntry target) {
    waiting.add(new Waiting(call, frame, target));
    schedule();
  }

  private void schedule() {
    if (!scheduled && !answers.isEmpty() && !waiting.isEmpty()) {
      scheduled = true;
      evaluation.schedule(this::deliver);
    }
  }

  // Both lists may grow meanwhile.
  private void deliver() {
    scheduled = false;
    for (int i = 0; i < waiting.size(); i++) {
      Waiting row = waiting.get(i);
      while (row.next < answers.size()) {
        Row answer = answers.get(row.next++);
        if (!row.target.isSatisfied()) {
          evaluation.setCurrent(row.target);
          row.call.resume(row.frame, answer);
        }
      }
    }
  }
}
