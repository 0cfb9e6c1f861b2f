package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.check.Audit;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Random plans of whole worlds, and then plans that aim at what has not met. {@code -Drebasis.sim.seeds=1000} tries more,
 * {@code -Drebasis.sim.minutes=10} goes on for so long, {@code -Drebasis.sim.from=501} begins there; the soak profile
 * does. A seed is looked at with {@code ./rebasis simulate --seed N --trace}.
 */
@Order(2)
class SeedsTest {
  private static final int SEEDS = Integer.getInteger("rebasis.sim.seeds", 200);
  private static final long FROM = Long.getLong("rebasis.sim.from", 1);
  private static final int MINUTES = Integer.getInteger("rebasis.sim.minutes", 0);
  private static final int SEEDS_FOR_ALL_PAIRS = 200;
  /** Of the minutes; the rest is for what has not met. */
  private static final double SHARE_OF_SEEDS = 0.75;
  private static final double SHARE_JUDGED = 0.8;
  private static final double SHARE_JUDGED_OF_EACH = 0.5;
  private static final double SHARE_ASKED = 0.4;
  private static final double SHARE_NOT_PUT = 0.25;
  private static final Settings SETTINGS = new Settings(4, 40, Fault.all(), Workloads.all());

  @Test
  void thePromisesHoldWhateverHappens() {
    List<String> broken = new ArrayList<>();
    Tally tally = new Tally();
    long begin = System.nanoTime();
    long end = end(begin, 1);
    long seedsEnd = end(begin, SHARE_OF_SEEDS);
    long[] played = {0};
    Simulator simulator = new Simulator(SETTINGS, List.of());
    simulator.run(FROM, MINUTES == 0 ? SEEDS : Integer.MAX_VALUE, Runtime.getRuntime().availableProcessors(),
        () -> System.nanoTime() > seedsEnd, verdict -> {
          played[0]++;
          note(verdict, tally, broken);
        });
    long seeds = played[0];
    // What aims at undoing has nothing to be judged by.
    Map<String, Map<String, Long>> judgements = copy(tally.judgements());
    double seedsSeconds = (System.nanoTime() - begin) / 1e9;
    List<Coverage.Pair> missing = simulator.cover(FROM, Coverage.wanted(SETTINGS, seeds >= SEEDS_FOR_ALL_PAIRS), tally,
        Runtime.getRuntime().availableProcessors(), () -> !broken.isEmpty() || System.nanoTime() > end,
        verdict -> {
          played[0]++;
          note(verdict, tally, broken);
        });
    // First, so that a run that broke something says how much it did.
    System.out.println(figures(seeds, seedsSeconds, played[0] - seeds, missing.size(), tally, judgements, (System.nanoTime() - begin) / 1e9));
    assertThat(broken).isEmpty();
    judged(judgements);
    if (seeds >= SEEDS_FOR_ALL_PAIRS) {
      askedOfDatomic(tally.refusals());
    }
    if (System.nanoTime() <= end) {
      assertThat(missing).as("pairs that never met").isEmpty();
    }
  }

  /** A workload that is hardly ever asked whether all ended as its operations say shows little: see decision 0045. */
  private static void judged(Map<String, Map<String, Long>> judgements) {
    double all = 0;
    for (Workload workload : SETTINGS.workloads()) {
      double share = share(judgements.getOrDefault(workload.name(), Map.of()));
      assertThat(share).as("the share of the seeds of %s that are judged: %s", workload.name(), judgements)
          .isGreaterThan(SHARE_JUDGED_OF_EACH);
      all += share / SETTINGS.workloads().size();
    }
    assertThat(all).as("the share of all seeds that are judged: %s", judgements).isGreaterThan(SHARE_JUDGED);
  }

  private static Map<String, Map<String, Long>> copy(Map<String, Map<String, Long>> counts) {
    Map<String, Map<String, Long>> copy = new TreeMap<>();
    counts.forEach((name, each) -> copy.put(name, new TreeMap<>(each)));
    return copy;
  }

  /** Each refusal that could not be put to Datomic is believed: they must not become the rule. */
  private static void askedOfDatomic(Map<RefusalCheck.Answer, Long> refusals) {
    long refused = refusals.getOrDefault(RefusalCheck.Answer.REFUSES, 0L);
    long notPut = refusals.getOrDefault(RefusalCheck.Answer.NOT_PUT, 0L);
    long all = refusals.values().stream().mapToLong(Long::longValue).sum();
    assertThat(refused / (double) Math.max(1, all)).as("the share of refusals that Datomic was asked about: %s", refusals)
        .isGreaterThan(SHARE_ASKED);
    assertThat(notPut / (double) Math.max(1, refused)).as("those where what was pending could not be put there: %s", refusals)
        .isLessThan(SHARE_NOT_PUT);
  }

  private static double share(Map<String, Long> judgements) {
    long all = judgements.values().stream().mapToLong(Long::longValue).sum();
    return judgements.entrySet().stream().filter(each -> each.getKey().startsWith(Audit.JUDGED)).mapToLong(Map.Entry::getValue).sum()
        / (double) Math.max(1, all);
  }

  private static long end(long begin, double share) {
    return MINUTES == 0 ? Long.MAX_VALUE : begin + (long) (MINUTES * 60e9 * share);
  }

  private static String figures(
      long seeds, double seedsSeconds, long aimed, int missing, Tally tally, Map<String, Map<String, Long>> judgements,
      double seconds) {
    Coverage coverage = new Coverage(tally);
    return String.format(Locale.ROOT, "%d seeds in %.0f s and %d simulations that aim at what had not met, %.0f simulated client-hours,"
        + " %d operations, %d faults injected, %d promises checked, pairs met %s, %d never met, %d triples, judged %s, refusals %s, %.0f s in all",
        seeds, seedsSeconds, aimed, tally.clientMillis() / 3.6e6, tally.writes(), tally.faults().values().stream().mapToLong(Long::longValue).sum(),
        tally.checks(), Arrays.stream(Coverage.Kind.values()).map(kind -> coverage.pairs(kind) + " of " + kind.words()).toList(), missing,
        coverage.triples(), judgements, tally.refusals(), seconds);
  }

  private static void note(Verdict verdict, Tally tally, List<String> broken) {
    tally.add(verdict.tally());
    if (!verdict.isGood()) {
      broken.add("seed " + verdict.plan().seed() + " " + verdict.findings() + "\n" + Simulator.text(verdict.plan()));
    }
  }
}
