package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often operations were tried, and what came of it before the server had a say: a run in which nothing can be
 * written holds every promise and shows nothing. Confined; add up with {@link #add}.
 */
public final class Attempts {
  /** So many tries without a commit are no bad luck. */
  private static final long TRIES_TELLING = 20;

  private final Map<String, Long> tried = new TreeMap<>();
  /** The tries in simulations that left no kind of operation out, so that what one needs of another could be there. */
  private final Map<String, Long> telling = new TreeMap<>();
  private final Map<String, Long> committed = new TreeMap<>();
  private final Map<String, Map<String, Long>> failed = new TreeMap<>();

  void made(String kind) {
    tried.merge(kind, 1L, Long::sum);
  }

  /** A call of transact was refused, or there was nothing to write. */
  void failed(String kind, String reason) {
    tried.merge(kind, 1L, Long::sum);
    failed.computeIfAbsent(kind, made -> new TreeMap<>()).merge(reason, 1L, Long::sum);
  }

  /** The server refused what transact had taken. */
  void undone(String kind, String reason) {
    failed.computeIfAbsent(kind, made -> new TreeMap<>()).merge(reason, 1L, Long::sum);
  }

  void committed(String kind) {
    committed.merge(kind, 1L, Long::sum);
  }

  /** No kind of operation was left out of this simulation. */
  void nothingLeftOut() {
    telling.putAll(tried);
  }

  void add(Attempts other) {
    other.telling.forEach((kind, count) -> telling.merge(kind, count, Long::sum));
    other.tried.forEach((kind, count) -> tried.merge(kind, count, Long::sum));
    other.committed.forEach((kind, count) -> committed.merge(kind, count, Long::sum));
    other.failed.forEach((kind, reasons) -> reasons.forEach((reason, count) ->
        failed.computeIfAbsent(kind, made -> new TreeMap<>()).merge(reason, count, Long::sum)));
  }

  /** By kind of operation and reason, how often it was refused, had nothing to write, or was not committed. */
  public Map<String, Map<String, Long>> failed() {
    return failed;
  }

  /** How often an operation was carried out. */
  long tried(String kind) {
    return tried.getOrDefault(kind, 0L);
  }

  /** How often an operation was committed. */
  long timesCommitted(String kind) {
    return committed.getOrDefault(kind, 0L);
  }

  /**
   * A sentence for each kind of operation that was tried often and never once committed. Tries in a simulation that left
   * other kinds out do not count: what it needs may have been left out.
   *
   * @return empty if each kind was committed or tried too rarely to tell
   */
  public List<String> neverCommitted() {
    List<String> sentences = new ArrayList<>();
    telling.forEach((kind, times) -> {
      if (times >= TRIES_TELLING && timesCommitted(kind) == 0) {
        sentences.add("The operation '" + kind + "' was tried " + tried(kind) + " times and never committed: " + reasons(kind));
      }
    });
    return sentences;
  }

  /** Why an operation failed, in words, the most frequent reason first. */
  String reasons(String kind) {
    List<String> words = new ArrayList<>();
    failed.getOrDefault(kind, Map.of()).entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> words.add(entry.getKey() + " " + entry.getValue() + " times"));
    return words.isEmpty() ? "nothing was heard of it." : String.join(", ", words) + ".";
  }
}
