package dev.rebasis.simulations.report;

import dev.rebasis.simulations.check.Audit;
import dev.rebasis.simulations.sim.Coverage;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Tally;
import dev.rebasis.simulations.sim.Verdict;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** What a run has come to so far. Confined. */
final class RunSummary {
  private static final double HOUR_MILLIS = 3_600_000;

  private final Tally tally = new Tally();
  private final List<Long> convergenceMillis = new ArrayList<>();
  private final long begunNanos = System.nanoTime();
  private double seconds;
  private long seeds;
  private long aimed;
  private long notConverged;
  private Verdict liveliest;
  private List<Coverage.Pair> neverMet = List.of();
  private final List<String> incomplete = new ArrayList<>();

  void add(Verdict verdict) {
    seeds++;
    count(verdict);
  }

  /** One that no seed makes: it aims at what the seeds have not brought together. */
  void addAimed(Verdict verdict) {
    aimed++;
    count(verdict);
  }

  private void count(Verdict verdict) {
    tally.add(verdict.tally());
    if (verdict.story().convergenceMillis() >= 0) {
      convergenceMillis.add(verdict.story().convergenceMillis());
    } else {
      notConverged++;
    }
    if (liveliest == null || liveliness(verdict) > liveliness(liveliest)) {
      liveliest = verdict;
    }
  }

  /** A simulation that shows much: conflicts and faults within a time that can be drawn. */
  private static double liveliness(Verdict verdict) {
    double much = verdict.tally().conflicts().values().stream().mapToLong(Long::longValue).sum()
        + verdict.plan().faults().size() * 2.0 + Math.min(60, verdict.tally().writes());
    return verdict.story().endMillis() > HOUR_MILLIS ? much / 10 : much;
  }

  /** The pairs that were to meet and did not. */
  void neverMet(List<Coverage.Pair> pairs) {
    neverMet = List.copyOf(pairs);
  }

  List<Coverage.Pair> neverMet() {
    return neverMet;
  }

  /** Why the run does not show what it was to show, though nothing broke. */
  void incomplete(String why) {
    incomplete.add(why);
  }

  List<String> incomplete() {
    return List.copyOf(incomplete);
  }

  void end() {
    seconds = (System.nanoTime() - begunNanos) / 1e9;
  }

  long seeds() {
    return seeds;
  }

  long aimed() {
    return aimed;
  }

  Tally tally() {
    return tally;
  }

  Verdict liveliest() {
    return liveliest;
  }

  long faults() {
    return tally.faults().values().stream().mapToLong(Long::longValue).sum();
  }

  double clientHours() {
    return tally.clientMillis() / HOUR_MILLIS;
  }

  double seconds() {
    return seconds;
  }

  /** In how many simulations healed clients did not converge, or did not come so far. */
  long notConverged() {
    return notConverged;
  }

  /** The share of those heals after which clients converged that took at most so long, in milliseconds; 0 if there were none. */
  long convergenceMillis(double share) {
    List<Long> sorted = new ArrayList<>(convergenceMillis);
    Collections.sort(sorted);
    return sorted.isEmpty() ? 0 : sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * share));
  }

  void print(PrintWriter out) {
    Coverage coverage = new Coverage(tally);
    out.println(String.format(Locale.ROOT,
        "%,d seeds%s in %.1f s: %,.1f simulated client-hours (%.1f a second), %,d writes, %,d messages, %,d faults,"
            + " %,d checks", seeds, aimed == 0 ? "" : String.format(Locale.ROOT, " and %,d simulations that aim at what had not met", aimed), seconds, clientHours(), clientHours() / Math.max(0.001, seconds), tally.writes(),
        tally.messages(), faults(), tally.checks()));
    out.println("  outcomes   " + words(tally.outcomes()));
    Map<String, Long> refusals = new TreeMap<>();
    tally.attempts().failed().forEach((kind, reasons) -> reasons.forEach((reason, count) -> {
      if (reason.startsWith("refused")) {
        refusals.merge(kind + " " + reason.substring("refused ".length()), count, Long::sum);
      }
    }));
    out.println("  refused    " + words(refusals));
    out.println("  conflicts  " + words(tally.conflicts()));
    out.println("  policies   " + words(tally.policies()));
    out.println("  faults     " + words(tally.faults()));
    out.println("  judged     " + judged());
    out.println(String.format(Locale.ROOT, "  converged  half within %.1f s after the heal, all%s within %.1f s (virtual)",
        convergenceMillis(0.5) / 1000.0, notConverged == 0 ? "" : " but " + notConverged, convergenceMillis(1) / 1000.0));
    StringBuilder pairs = new StringBuilder();
    for (Coverage.Kind kind : Coverage.Kind.values()) {
      pairs.append(coverage.pairs(kind)).append(" pairs of ").append(kind.words()).append(", ");
    }
    out.println("  coverage   " + pairs + coverage.triples() + " triples");
    out.flush();
  }

  /** Of how many simulations the workload itself said that all ended as its operations say, and why it was not asked. */
  private String judged() {
    Map<String, Long> reasons = new TreeMap<>();
    tally.judgements().values().forEach(counts -> counts.forEach((why, count) -> reasons.merge(why, count, Long::sum)));
    long judged = reasons.getOrDefault(Audit.JUDGED, 0L);
    reasons.remove(Audit.JUDGED);
    Map<String, Long> inPart = new TreeMap<>();
    reasons.forEach((why, count) -> {
      if (why.startsWith(Audit.JUDGED)) {
        inPart.put(why.substring(Audit.JUDGED.length() + 1), count);
      }
    });
    reasons.keySet().removeIf(why -> why.startsWith(Audit.JUDGED));
    return judged + " wholly" + (inPart.isEmpty() ? "" : "; " + words(inPart))
        + (reasons.isEmpty() ? "" : "; not: " + words(reasons));
  }

  private static String words(Map<String, Long> counts) {
    StringBuilder words = new StringBuilder();
    counts.forEach((word, count) -> words.append(words.isEmpty() ? "" : ", ").append(word).append(' ').append(count));
    return words.isEmpty() ? "none" : words.toString();
  }

  /** One line. */
  String json(Verdict failed) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("seeds", seeds);
    line.put("aimed", aimed);
    line.put("seconds", seconds);
    line.put("client_hours", clientHours());
    line.put("client_hours_per_second", clientHours() / Math.max(0.001, seconds));
    line.put("writes", tally.writes());
    line.put("messages", tally.messages());
    line.put("checks", tally.checks());
    line.put("operations", tally.operations());
    line.put("outcomes", tally.outcomes());
    line.put("not_committed", tally.attempts().failed());
    line.put("conflicts", tally.conflicts());
    line.put("policies", tally.policies());
    line.put("conflicts_by_policy", tally.conflictsByPolicy());
    line.put("faults", tally.faults());
    line.put("judged", tally.judgements());
    line.put("converged_ms_p50", convergenceMillis(0.5));
    line.put("converged_ms_max", convergenceMillis(1));
    line.put("not_converged", notConverged);
    Coverage coverage = new Coverage(tally);
    for (Coverage.Kind kind : Coverage.Kind.values()) {
      line.put(kind.name().toLowerCase(Locale.ROOT) + "_pairs", coverage.pairs(kind));
      line.put(kind.name().toLowerCase(Locale.ROOT), coverage.met(kind));
    }
    line.put("triples", coverage.triples());
    line.put("never_met", neverMet.stream().map(Object::toString).toList());
    line.put("incomplete", incomplete);
    line.put("ok", failed == null && incomplete.isEmpty());
    if (failed != null) {
      line.put("failed_seed", failed.plan().seed());
      line.put("findings", failed.findings().stream().map(Object::toString).toList());
      line.put("plan", Simulator.text(failed.plan()));
    }
    return JsonMapper.shared().writeValueAsString(line);
  }
}
