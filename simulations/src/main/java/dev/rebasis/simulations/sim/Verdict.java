package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.Promise;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
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

  /** Whether no promise was broken, and what the run was given failed itself. */
  public boolean isOfTheWorkload() {
    return broken().equals(Set.of(Promise.WORKLOAD));
  }

  /** The SHA-256 of the trace's UTF-8 text, in hexadecimal digits: equal plans give equal traces on every JVM. */
  public String traceHash() {
    try {
      return HexFormat.of().formatHex(
          MessageDigest.getInstance("SHA-256").digest(traceText().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** The trace, one line each. */
  public String traceText() {
    StringBuilder text = new StringBuilder();
    trace.forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
