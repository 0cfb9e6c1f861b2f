package dev.rebasis.simulations.sim;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What was counted in one simulation, or in many. Confined; add up with {@link #add}. */
final class Tally {
  /** A fault, an operation and a policy that met in one write. Immutable. */
  record Meeting(String fault, String operation, String policy) implements Comparable<Meeting> {
    @Override
    public int compareTo(Meeting other) {
      return (fault + " " + operation + " " + policy).compareTo(other.fault + " " + other.operation + " " + other.policy);
    }
  }

  private final Map<String, Long> faults = new TreeMap<>();
  private final Map<String, Long> operations = new TreeMap<>();
  private final Map<String, Long> outcomes = new TreeMap<>();
  private final Map<String, Long> conflicts = new TreeMap<>();
  private final Map<String, Long> policies = new TreeMap<>();
  private final Set<Meeting> meetings = new TreeSet<>();
  private long writes;
  private long checks;
  private long messages;
  private long virtualMillis;
  private long clientMillis;

  void fault(Fault fault) {
    faults.merge(fault.word(), 1L, Long::sum);
  }

  void operation(String kind) {
    writes++;
    operations.merge(kind, 1L, Long::sum);
  }

  void outcome(String kind) {
    outcomes.merge(kind, 1L, Long::sum);
  }

  void conflict(String kind, String policy) {
    conflicts.merge(kind, 1L, Long::sum);
    policies.merge(policy, 1L, Long::sum);
  }

  void meeting(String fault, String operation, String policy) {
    meetings.add(new Meeting(fault, operation, policy));
  }

  void check() {
    checks++;
  }

  void message() {
    messages++;
  }

  void time(long millis, int clients) {
    virtualMillis += millis;
    clientMillis += millis * clients;
  }

  void add(Tally other) {
    addAll(faults, other.faults);
    addAll(operations, other.operations);
    addAll(outcomes, other.outcomes);
    addAll(conflicts, other.conflicts);
    addAll(policies, other.policies);
    meetings.addAll(other.meetings);
    writes += other.writes;
    checks += other.checks;
    messages += other.messages;
    virtualMillis += other.virtualMillis;
    clientMillis += other.clientMillis;
  }

  private static void addAll(Map<String, Long> to, Map<String, Long> from) {
    from.forEach((key, count) -> to.merge(key, count, Long::sum));
  }

  Map<String, Long> faults() {
    return faults;
  }

  Map<String, Long> operations() {
    return operations;
  }

  Map<String, Long> outcomes() {
    return outcomes;
  }

  Map<String, Long> conflicts() {
    return conflicts;
  }

  Map<String, Long> policies() {
    return policies;
  }

  Set<Meeting> meetings() {
    return meetings;
  }

  long writes() {
    return writes;
  }

  long checks() {
    return checks;
  }

  long messages() {
    return messages;
  }

  long virtualMillis() {
    return virtualMillis;
  }

  long clientMillis() {
    return clientMillis;
  }
}
