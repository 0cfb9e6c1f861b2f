package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Which faults, operations and policies met in a run, in pairs and triples. A transaction has met a fault if the fault
 * struck its client or the server between its making and its decision; its policies are those that settled its
 * conflicts, {@code parked} or {@code rejected} without one, {@code none} if it met no conflict. Immutable.
 */
public final class Coverage {
  /** What kinds of things a pair is made of. */
  public enum Kind {
    /** A fault and the kind of an operation. */
    FAULT_OPERATION("fault and operation"),
    /** A fault and a policy that settled a conflict of a transaction that had met it. */
    FAULT_POLICY("fault and policy"),
    /** The kind of an operation and a policy that settled a conflict of one. */
    OPERATION_POLICY("operation and policy");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** For people: {@code fault and operation}. */
    public String words() {
      return words;
    }
  }

  /**
   * Two things that can meet. Immutable.
   *
   * @param kind what they are
   * @param first a fault's word, or an operation's kind
   * @param second an operation's kind, or a policy's name
   */
  public record Pair(Kind kind, String first, String second) {
    @Override
    public String toString() {
      return first + " × " + second;
    }
  }

  private final Tally tally;

  /** Reads a run's tally. */
  public Coverage(Tally tally) {
    this.tally = tally;
  }

  /** How many transactions met in each pair of a kind: by the first, then by the second. */
  public Map<String, Map<String, Long>> met(Kind kind) {
    return switch (kind) {
      case FAULT_OPERATION -> crossed(tally.meetings(), Tally.Meeting::fault, Tally.Meeting::operation);
      case FAULT_POLICY -> crossed(tally.meetings(), Tally.Meeting::fault, Tally.Meeting::policy);
      case OPERATION_POLICY -> crossed(tally.settlings(), Tally.Settling::operation, Tally.Settling::policy);
    };
  }

  private static <T> Map<String, Map<String, Long>> crossed(
      Map<T, Long> counts, Function<T, String> first, Function<T, String> second) {
    Map<String, Map<String, Long>> crossed = new TreeMap<>();
    counts.forEach((each, count) -> crossed.computeIfAbsent(first.apply(each), made -> new TreeMap<>())
        .merge(second.apply(each), count, Long::sum));
    return crossed;
  }

  /** How many pairs of a kind there were. */
  public int pairs(Kind kind) {
    return met(kind).values().stream().mapToInt(Map::size).sum();
  }

  /** How many triples of a fault, an operation and a policy there were. */
  public int triples() {
    return tally.meetings().size();
  }

  /** Which of these pairs never met, in their order. */
  public List<Pair> missing(Iterable<Pair> wanted) {
    Map<Kind, Map<String, Map<String, Long>>> met = new TreeMap<>();
    for (Kind kind : Kind.values()) {
      met.put(kind, met(kind));
    }
    List<Pair> missing = new ArrayList<>();
    for (Pair pair : wanted) {
      if (!met.get(pair.kind()).getOrDefault(pair.first(), Map.of()).containsKey(pair.second())) {
        missing.add(pair);
      }
    }
    return missing;
  }

  /**
   * What has to meet in a run: each fault each operation that is drawn at random, each operation each policy that its
   * workload says can settle its conflicts, and, in a long run, each fault each of these policies. Scripts are what they are.
   */
  public static Set<Pair> wanted(Settings settings, boolean isLong) {
    Set<Pair> wanted = WantedPairs.of(settings);
    wanted.removeIf(pair -> !isLong && pair.kind() == Kind.FAULT_POLICY);
    return wanted;
  }
}
