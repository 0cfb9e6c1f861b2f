package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Workloads;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every planted fault is found, as the promise that it breaks, within the number of seeds that docs/simulations.md
 * states. {@code -Drebasis.sim.tell=true} prints how many were needed, as rows of that page.
 */
class PlantedFaultsTest {
  private static final int SEEDS_MAX = 40;
  private static final boolean TELL = Boolean.getBoolean("rebasis.sim.tell");
  /** Where those that need several seeds were found when this was written: looked at first, and if it is not so any more then all are. */
  private static final Map<PlantedFault, Integer> FOUND_BY = Map.of(PlantedFault.CLIENT_SKIPS_THE_FORCE, 16,
      PlantedFault.SERVER_KEEPS_WHAT_LEFT_A_SCOPE, 11, PlantedFault.SERVER_WAITS_FOR_EVERYBODY, 9, PlantedFault.SERVER_SPLITS_GROUPS, 8,
      PlantedFault.SERVER_SHOWS_A_PART_FIRST, 8, PlantedFault.SERVER_DROPS_THE_LOSER, 8, PlantedFault.SERVER_SENDS_OTHERS_CONFLICTS, 6,
      PlantedFault.SERVER_FORKS_AT_EACH_START, 7, PlantedFault.SERVER_FORGETS_FORMER_NAMES, 4);
  private static final Set<Plan> GOOD = ConcurrentHashMap.newKeySet();

  @Test
  void eachPromiseIsBrokenByAtLeastOne() {
    Set<Promise> broken = EnumSet.noneOf(Promise.class);
    for (PlantedFault fault : PlantedFault.values()) {
      broken.add(fault.promise());
    }
    // That the inside of a client is in order is no promise to its users; inside/InsideCheckTest plants faults there. What
    // a workload does wrong is told by sim/WorkloadFailsTest.
    assertThat(broken).isEqualTo(EnumSet.complementOf(EnumSet.of(Promise.SOUNDNESS, Promise.WORKLOAD)));
  }

  @TestFactory
  List<DynamicTest> eachIsFound() throws InterruptedException {
    return searches(Set.of(PlantedFault.values()), Fault.withoutRestores());
  }

  /** What the checkers excuse after stores went back in time excuses none of these. */
  @TestFactory
  List<DynamicTest> theseAreFoundAmongRestores() throws InterruptedException {
    Set<Fault> restores = Fault.all();
    restores.removeAll(Fault.withoutRestores());
    return searches(EnumSet.of(PlantedFault.SERVER_ALTERS_A_VALUE, PlantedFault.SERVER_SWALLOWS_A_WRITE,
        PlantedFault.SERVER_COMMITS_TWICE, PlantedFault.SERVER_APPLIES_HALF, PlantedFault.SERVER_DROPS_THE_LOSER,
        PlantedFault.CLIENT_SENDS_ANOTHER_VALUE), restores);
  }

  private static List<DynamicTest> searches(Set<PlantedFault> planted, Set<Fault> faults) throws InterruptedException {
    Map<String, Runnable> searches = new LinkedHashMap<>();
    planted.stream().sorted().forEach(fault -> searches.put(fault.name(), () -> find(fault, faults)));
    return AtOnce.tests(searches);
  }

  /** Who waits for the dead is found because some stay dead while others are healed, and only then. */
  @Test
  void itTakesAHealedSubsetToFindWhoWaitsForEverybody() {
    Settings settings = new Settings(4, 40, Fault.withoutRestores(), Workloads.all());
    PlantedFault waits = PlantedFault.SERVER_WAITS_FOR_EVERYBODY;
    for (int seed : seeds(FOUND_BY.get(waits))) {
      Plan plan = PlanMaker.make(seed, settings);
      if (play(plan, settings, waits).broken().contains(Promise.CONVERGENCE)
          && play(plan.withHealed(plan.clientNames()), settings, waits).isGood()) {
        assertThat(plan.healed()).as("seed " + seed).hasSizeLessThan(plan.clients());
        return;
      }
    }
    assertThat(SEEDS_MAX).as("seeds that show it, and do not if all are healed at once").isZero();
  }

  /** All, in their order but for the first, if one is given. */
  private static int[] seeds(Integer first) {
    IntStream all = IntStream.rangeClosed(1, SEEDS_MAX);
    return first == null ? all.toArray() : IntStream.concat(IntStream.of(first), all.filter(seed -> seed != first)).toArray();
  }

  private static Verdict play(Plan plan, Settings settings, PlantedFault fault) {
    return Play.play(plan, settings.workload(plan.workload()), List.of(), fault.sabotage());
  }

  /** It is the planted fault that is found, and not something that the plan breaks anyway. */
  private static void isGoodWithoutIt(Plan plan, Settings settings) {
    if (GOOD.add(plan)) {
      assertThat(Play.play(plan, settings.workload(plan.workload()), List.of(), Sabotage.NONE).findings()).isEmpty();
    }
  }

  private static void find(PlantedFault fault, Set<Fault> faults) {
    Set<String> others = new TreeSet<>();
    for (int seed : seeds(TELL ? null : FOUND_BY.get(fault))) {
      Settings settings = new Settings(4, 40, faults, fault.workloads());
      Plan plan = fault.aim() == null ? PlanMaker.make(seed, settings) : PlanMaker.make(seed, settings, fault.aim());
      Verdict verdict = play(plan, settings, fault);
      if (verdict.findings().stream().anyMatch(finding ->
          finding.promise() == fault.promise() && finding.what().contains(fault.foundIn()))) {
        isGoodWithoutIt(plan, settings);
        if (TELL) {
          System.err.println("| " + fault.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " | " + fault.what() + " | "
              + fault.promise().word() + " | " + seed + " |");
        }
        return;
      }
      verdict.findings().stream().limit(1).forEach(finding -> others.add(finding.toString()));
    }
    assertThat(fault).as("not found among " + faults.size() + " kinds of faults within " + SEEDS_MAX + " seeds: " + fault.what()
        + "; broken instead: " + others).isNull();
  }
}
