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
   * @param rowsEstimated rows behind it, as the planner expected; in a branch, for one run of it
   * @param rowsActual rows behind it; in a branch, of all its runs together
   * @param branches what ran inside: the branches of {@code or}, what stands in {@code not}, the bodies of a rule; empty
   *     for other clauses and if nothing of it had to run
   */
  public record Step(Object clause, String way, double rowsEstimated, long rowsActual, List<Branch> branches) {
    /** Copies the list. */
    public Step {
      branches = List.copyOf(branches);
    }
  }

  /**
   * Clauses that are nested in one. What is planned once for each row and once for all rows together, because it was not
   * known what would be cheaper, is two branches.
   *
   * @param runs how often it was run: once for each row that came to it, or once altogether
   * @param steps in the order in which they ran
   */
  public record Branch(long runs, List<Step> steps) {
    /** Copies the list. */
    public Branch {
      steps = List.copyOf(steps);
    }
  }

  /** A table for people; what is nested stands indented below its clause. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(String.format("%14s %14s  %-24s %s%n", "rows expected", "rows", "by", "clause"));
    append(text, steps, "");
    return text.toString();
  }

  private static void append(StringBuilder text, List<Step> steps, String indent) {
    for (Step step : steps) {
      text.append(String.format(Locale.ROOT, "%14.1f %14d  %-24s %s%s%n",
          step.rowsEstimated, step.rowsActual, step.way, indent, clauseText(step.clause)));
      for (Branch branch : step.branches) {
        text.append(String.format(Locale.ROOT, "%14s %14s  %-24s %s%s%n", "", "", "", indent + "  ",
            "run " + branch.runs + (branch.runs == 1 ? " time:" : " times:")));
        append(text, branch.steps, indent + "    ");
      }
    }
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
