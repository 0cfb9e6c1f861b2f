package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which faults, operations and policies met in a run, in pairs and triples. A transaction has met a fault if the fault
 * struck its client or the server between its making and its decision; its policies are those that settled its
 * conflicts, {@code parked} or {@code rejected} without one, {@code none} if it met no conflict. Immutable.
 */
public final class Coverage {
  private final Tally tally;

  /** Reads a run's tally. */
  public Coverage(Tally tally) {
    this.tally = tally;
  }

  /** How many pairs of a fault and an operation there were. */
  public int pairs() {
    Set<String> pairs = new TreeSet<>();
    tally.meetings().forEach(meeting -> pairs.add(meeting.fault() + " " + meeting.operation()));
    return pairs.size();
  }

  /** How many triples of a fault, an operation and a policy there were. */
  public int triples() {
    return tally.meetings().size();
  }

  /**
   * The pairs that never met: of each fault that is asked for with each operation, and with each policy that decided
   * anything.
   */
  public List<String> missing(Set<Fault> faults, List<String> operations) {
    Set<String> met = new TreeSet<>();
    tally.meetings().forEach(meeting -> {
      met.add(meeting.fault() + " × " + meeting.operation());
      met.add(meeting.fault() + " × " + meeting.policy());
    });
    List<String> missing = new ArrayList<>();
    Set<String> others = new TreeSet<>(operations);
    tally.meetings().forEach(meeting -> others.add(meeting.policy()));
    for (Fault fault : new TreeSet<>(faults)) {
      for (String other : others) {
        if (!met.contains(fault.word() + " × " + other)) {
          missing.add(fault.word() + " × " + other);
        }
      }
    }
    return missing;
  }
}
