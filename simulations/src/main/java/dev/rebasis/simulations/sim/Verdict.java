package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.Promise;
import java.util.List;
import java.util.TreeSet;

/**
 * How a simulation ended. Immutable.
 *
 * @param plan what was played
 * @param findings the promises that were broken; empty if all held
 * @param trace what happened
 * @param story how the nodes fared, for the report
 * @param tally what was counted
 */
public record Verdict(Plan plan, List<Finding> findings, List<Trace.Line> trace, Story story, Tally tally) {
  /** Copies and checks. */
  public Verdict {
    findings = List.copyOf(findings);
    trace = List.copyOf(trace);
  }

  /** Whether every promise held. */
  public boolean isGood() {
    return findings.isEmpty();
  }

  /** The promises that were broken. */
  public TreeSet<Promise> broken() {
    TreeSet<Promise> broken = new TreeSet<>();
    findings.forEach(finding -> broken.add(finding.promise()));
    return broken;
  }

  /** The trace, one line each. */
  public String traceText() {
    StringBuilder text = new StringBuilder();
    trace.forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
