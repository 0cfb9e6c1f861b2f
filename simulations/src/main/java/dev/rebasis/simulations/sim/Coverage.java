package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Which faults, operations and policies met in a run, in pairs and triples. A transaction has met a fault if the fault
 * struck its client or the server between its making and its decision; its policies are those that settled its
 * conflicts, {@code parked} or {@code rejected} without one, {@code none} if it met no conflict. Immutable.
 */
public final class Coverage {
  /** A fault and the kind of an operation. Immutable. */
  public record Pair(Fault fault, String operation) {
    @Override
    public String toString() {
      return fault.word() + " × " + operation;
    }
  }

  private final Tally tally;

  /** Reads a run's tally. */
  public Coverage(Tally tally) {
    this.tally = tally;
  }

  /** How many pairs of a fault and an operation there were. */
  public int pairs() {
    return met(Tally.Meeting::operation).size();
  }

  /** How many pairs of a fault and a policy there were. */
  public int policyPairs() {
    return met(Tally.Meeting::policy).size();
  }

  /** How many triples of a fault, an operation and a policy there were. */
  public int triples() {
    return tally.meetings().size();
  }

  private Set<String> met(Function<Tally.Meeting, String> other) {
    Set<String> met = new TreeSet<>();
    tally.meetings().forEach(meeting -> met.add(meeting.fault() + " × " + other.apply(meeting)));
    return met;
  }

  /** The pairs of these faults and operations that never met, in order. */
  public List<Pair> missing(Set<Fault> faults, Collection<String> operations) {
    Set<String> met = met(Tally.Meeting::operation);
    List<Pair> missing = new ArrayList<>();
    for (Fault fault : new TreeSet<>(faults)) {
      for (String operation : new TreeSet<>(operations)) {
        Pair pair = new Pair(fault, operation);
        if (!met.contains(pair.toString())) {
          missing.add(pair);
        }
      }
    }
    return missing;
  }

  /** The pairs that never met of these faults and the policies that settled anything in this run. */
  public List<String> missingPolicies(Set<Fault> faults) {
    Set<String> met = met(Tally.Meeting::policy);
    Set<String> policies = new TreeSet<>();
    tally.meetings().forEach(meeting -> policies.add(meeting.policy()));
    List<String> missing = new ArrayList<>();
    for (Fault fault : new TreeSet<>(faults)) {
      policies.stream().map(policy -> fault.word() + " × " + policy).filter(pair -> !met.contains(pair))
          .forEach(missing::add);
    }
    return missing;
  }
}
