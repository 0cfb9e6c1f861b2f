package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.sim.Coverage.Kind;
import dev.rebasis.simulations.sim.Coverage.Pair;
import dev.rebasis.simulations.workload.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The pairs that have to meet in a run, and simulations that aim at those that have not. */
final class WantedPairs {
  /** So many faults are aimed at one operation in one simulation, fewer if that does not help. */
  private static final int FAULTS_AT_ONCE = 24;

  /** In so many rounds a simulation that aims at a fault and an operation aims at a policy as well. */
  private static final int ROUNDS_FOR_BOTH = 2;

  private WantedPairs() {}

  /**
   * What a simulation is to bring together. Immutable.
   *
   * @param faults strike soon after many of the operations; may be empty
   * @param operation its kind
   * @param policy that is to settle its conflicts, or null
   */
  record Aim(Set<Fault> faults, String operation, String policy) {
    /** Whether it is to bring one of these together. */
    boolean isForAnyOf(Collection<Pair> pairs) {
      return pairs.stream().anyMatch(pair -> switch (pair.kind()) {
        case FAULT_OPERATION -> faults.contains(Fault.of(pair.first())) && pair.second().equals(operation);
        case OPERATION_POLICY -> pair.first().equals(operation) && pair.second().equals(policy);
        case FAULT_POLICY -> faults.contains(Fault.of(pair.first())) && pair.second().equals(policy);
      });
    }
  }

  /** The policies of each kind of operation that is drawn at random. */
  private static Map<String, Set<String>> policies(Settings settings) {
    Map<String, Set<String>> policies = new TreeMap<>();
    settings.workloads().stream().filter(each -> each.script().isEmpty()).forEach(workload -> {
      for (String kind : workload.kinds()) {
        policies.computeIfAbsent(kind, made -> new TreeSet<>()).addAll(workload.policies(kind));
      }
      // Retries and edits need something parked at that moment: they are counted, and not asked for.
      if (fits(workload, new Aim(Set.of(), Revisits.UNDO, null))) {
        policies.computeIfAbsent(Revisits.UNDO, made -> new TreeSet<>());
      }
    });
    return policies;
  }

  static Set<Pair> of(Settings settings) {
    Set<Pair> pairs = new LinkedHashSet<>();
    Map<String, Set<String>> policies = policies(settings);
    Set<Fault> faults = new TreeSet<>(settings.faults());
    faults.forEach(fault -> policies.keySet().forEach(
        operation -> pairs.add(new Pair(Kind.FAULT_OPERATION, fault.word(), operation))));
    policies.forEach((operation, all) -> all.forEach(
        policy -> pairs.add(new Pair(Kind.OPERATION_POLICY, operation, policy))));
    Set<String> each = new TreeSet<>();
    policies.values().forEach(each::addAll);
    faults.forEach(fault -> each.forEach(policy -> pairs.add(new Pair(Kind.FAULT_POLICY, fault.word(), policy))));
    return pairs;
  }

  /**
   * Simulations for pairs that have not met.
   *
   * @param round from 1: in later rounds fewer faults strike at once, and other operations are tried
   */
  static List<Aim> aims(List<Pair> missing, Settings settings, int round) {
    Set<Aim> aims = new LinkedHashSet<>();
    Map<String, List<Fault>> byOperation = new TreeMap<>();
    Map<String, List<Fault>> byPolicy = new TreeMap<>();
    for (Pair pair : missing) {
      switch (pair.kind()) {
        case FAULT_OPERATION ->
            byOperation.computeIfAbsent(pair.second(), made -> new ArrayList<>()).add(Fault.of(pair.first()));
        case OPERATION_POLICY -> aims.add(new Aim(Set.of(), pair.first(), pair.second()));
        case FAULT_POLICY ->
            byPolicy.computeIfAbsent(pair.second(), made -> new ArrayList<>()).add(Fault.of(pair.first()));
        default -> throw new AssertionError(pair);
      }
    }
    int atOnce = Math.max(1, FAULTS_AT_ONCE >> round / 3);
    Map<String, Set<String>> policies = policies(settings);
    byOperation.forEach((operation, faults) -> parts(faults, atOnce).forEach(some -> aims.add(new Aim(some, operation,
        round > ROUNDS_FOR_BOTH ? null : alsoMissing(policies.get(operation), some, byPolicy)))));
    byPolicy.forEach((policy, faults) -> {
      List<String> operations = policies.entrySet().stream()
          .filter(entry -> entry.getValue().contains(policy)).map(Map.Entry::getKey).toList();
      List<Set<Fault>> parts = parts(faults, atOnce);
      for (int i = 0; i < parts.size(); i++) {
        aims.add(new Aim(parts.get(i), operations.get((i + round) % operations.size()), policy));
      }
    });
    return List.copyOf(aims);
  }

  /** Of an operation's policies the one that has met the fewest of these faults, so that one simulation serves two pairs. */
  private static String alsoMissing(Set<String> policies, Set<Fault> faults, Map<String, List<Fault>> missing) {
    String best = null;
    int most = 0;
    for (String policy : policies) {
      Set<Fault> both = new TreeSet<>(missing.getOrDefault(policy, List.of()));
      both.retainAll(faults);
      if (both.size() > most) {
        most = both.size();
        best = policy;
      }
    }
    return best;
  }

  private static List<Set<Fault>> parts(List<Fault> faults, int size) {
    List<Set<Fault>> parts = new ArrayList<>();
    for (int from = 0; from < faults.size(); from += size) {
      parts.add(new TreeSet<>(faults.subList(from, Math.min(faults.size(), from + size))));
    }
    return parts;
  }

  /** Whether a workload can do what an aim wants. */
  static boolean fits(Workload workload, Aim aim) {
    if (workload.script().isEmpty() && Revisits.is(aim.operation())) {
      return aim.operation().equals(Revisits.UNDO) ? workload.canBeUndone()
          : workload.kinds().stream().anyMatch(kind -> workload.policies(kind).contains("park"));
    }
    return workload.script().isEmpty() && workload.kinds().contains(aim.operation())
        && (aim.policy() == null || workload.policies(aim.operation()).contains(aim.policy()));
  }
}
