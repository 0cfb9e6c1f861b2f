package dev.rebasis.simulations.sim;

import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What was counted in one simulation, or in many. Confined; add up with {@link #add}. */
public final class Tally {
  /** A fault, an operation and a policy that met in one write. Immutable. */
  public record Meeting(String fault, String operation, String policy) implements Comparable<Meeting> {
    @Override
    public int compareTo(Meeting other) {
      return toString().compareTo(other.toString());
    }
  }

  /** An operation and a policy that settled a conflict of one. Immutable. */
  public record Settling(String operation, String policy) implements Comparable<Settling> {
    @Override
    public int compareTo(Settling other) {
      return toString().compareTo(other.toString());
    }
  }

  private final Map<String, Long> faults = new TreeMap<>();
  private final Map<String, Long> operations = new TreeMap<>();
  private final Map<String, Long> outcomes = new TreeMap<>();
  private final Map<String, Long> conflicts = new TreeMap<>();
  private final Map<String, Long> policies = new TreeMap<>();
  private final Map<String, Map<String, Long>> conflictsByPolicy = new TreeMap<>();
  private final Map<Meeting, Long> meetings = new TreeMap<>();
  private final Map<Settling, Long> settlings = new TreeMap<>();
  private final Set<Step> struck = new HashSet<>();
  private final Map<RefusalCheck.Answer, Long> refusals = new EnumMap<>(RefusalCheck.Answer.class);
  private final Attempts attempts = new Attempts();
  private final Map<String, Map<String, Long>> judgements = new TreeMap<>();
  private long writes;
  private long checks;
  private long messages;
  private long virtualMillis;
  private long clientMillis;

  /** The fault of a step has struck. */
  void fault(Step step) {
    faults.merge(step.fault().word(), 1L, Long::sum);
    struck.add(step);
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
    conflictsByPolicy.computeIfAbsent(kind, made -> new TreeMap<>()).merge(policy, 1L, Long::sum);
  }

  void meeting(String fault, String operation, String policy) {
    meetings.merge(new Meeting(fault, operation, policy), 1L, Long::sum);
  }

  void settling(String operation, String policy) {
    settlings.merge(new Settling(operation, policy), 1L, Long::sum);
  }

  void judged(String workload, String why) {
    judgements.computeIfAbsent(workload, made -> new TreeMap<>()).merge(why, 1L, Long::sum);
  }

  void refusal(RefusalCheck.Answer answer) {
    refusals.merge(answer, 1L, Long::sum);
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

  /** Adds what another counted. */
  public void add(Tally other) {
    addAll(faults, other.faults);
    addAll(operations, other.operations);
    addAll(outcomes, other.outcomes);
    addAll(conflicts, other.conflicts);
    addAll(policies, other.policies);
    other.conflictsByPolicy.forEach((kind, counts) ->
        addAll(conflictsByPolicy.computeIfAbsent(kind, made -> new TreeMap<>()), counts));
    other.judgements.forEach((workload, counts) ->
        addAll(judgements.computeIfAbsent(workload, made -> new TreeMap<>()), counts));
    addAll(meetings, other.meetings);
    addAll(settlings, other.settlings);
    addAll(refusals, other.refusals);
    attempts.add(other.attempts);
    writes += other.writes;
    checks += other.checks;
    messages += other.messages;
    virtualMillis += other.virtualMillis;
    clientMillis += other.clientMillis;
  }

  private static <K> void addAll(Map<K, Long> to, Map<K, Long> from) {
    from.forEach((key, count) -> to.merge(key, count, Long::sum));
  }

  /** How often each kind of fault happened. */
  public Map<String, Long> faults() {
    return faults;
  }

  /** How many operations of each kind were written. */
  public Map<String, Long> operations() {
    return operations;
  }

  /** How many transactions had each outcome. */
  public Map<String, Long> outcomes() {
    return outcomes;
  }

  /** How many conflicts of each kind there were. */
  public Map<String, Long> conflicts() {
    return conflicts;
  }

  /** How many conflicts each policy settled. */
  public Map<String, Long> policies() {
    return policies;
  }

  /** How many conflicts of each kind each policy settled. */
  public Map<String, Map<String, Long>> conflictsByPolicy() {
    return conflictsByPolicy;
  }

  /**
   * By workload, in how many simulations it was asked whether all ended as its operations say ({@code judged}), and why not
   * in the others.
   */
  public Map<String, Map<String, Long>> judgements() {
    return judgements;
  }

  /** In how many transactions a fault, an operation and a policy met. */
  public Map<Meeting, Long> meetings() {
    return meetings;
  }

  /** How many operations of a kind had their conflicts settled by a policy, whether they met a fault or not. */
  public Map<Settling, Long> settlings() {
    return settlings;
  }

  void struck(Step step) {
    struck.add(step);
  }

  /** The steps of one simulation that struck, also those of no kind of fault that waited for a point; of a sum of many they are not kept. */
  public Set<Step> struck() {
    return Collections.unmodifiableSet(struck);
  }

  /** What Datomic said of what clients refused. */
  Map<RefusalCheck.Answer, Long> refusals() {
    return refusals;
  }

  /** What came of the operations that were tried. */
  public Attempts attempts() {
    return attempts;
  }

  /** How many operations were written. */
  public long writes() {
    return writes;
  }

  /** How many times something was checked. */
  public long checks() {
    return checks;
  }

  /** How many messages were sent. */
  public long messages() {
    return messages;
  }

  /** How much virtual time went by. */
  public long virtualMillis() {
    return virtualMillis;
  }

  /** The same, times the number of clients. */
  public long clientMillis() {
    return clientMillis;
  }
}
