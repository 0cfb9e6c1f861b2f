package dev.rebasis.client;

import dev.rebasis.edn.Edn;
import java.util.List;
import java.util.Locale;

/**
 * How a query was answered: its clauses in the order that the planner chose, with the rows that it expected and those
 * that there were. Immutable.
 *
 * @param steps in the order in which they ran; empty if the query was known to have no result before anything was read
 * @param result what the query gave
 */
public record QueryPlan(List<Step> steps, Object result) {
  /** Copies the list. */
  public QueryPlan {
    steps = List.copyOf(steps);
  }

  /**
   * One clause or input.
   *
   * @param clause as the query has it; for a variable whose entity is looked up by ident or lookup ref, its name
   * @param way how its rows were found, for example {@code attribute and value}
   * @param rowsEstimated rows behind it, as the planner expected
   * @param rowsActual rows behind it
   */
  public record Step(Object clause, String way, double rowsEstimated, long rowsActual) {}

  /** A table for people. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(String.format("%14s %14s  %-24s %s%n", "rows expected", "rows", "by", "clause"));
    for (Step step : steps) {
      text.append(String.format(Locale.ROOT, "%14.1f %14d  %-24s %s%n",
          step.rowsEstimated, step.rowsActual, step.way, clauseText(step.clause)));
    }
    return text.toString();
  }

  private static String clauseText(Object clause) {
    try {
      return Edn.write(clause);
    } catch (IllegalArgumentException e) {
      // Java data may hold what EDN cannot say.
      return String.valueOf(clause);
    }
  }
}
