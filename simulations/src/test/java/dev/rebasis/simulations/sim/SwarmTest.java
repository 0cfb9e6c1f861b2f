package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is always there hides what needs its absence: each plan leaves kinds of operations and of faults out. */
class SwarmTest {
  private static final int PLANS = 200;

  private static Map<String, Integer> absent(Workload workload, Set<String> words, boolean faults) {
    Map<String, Integer> absent = new TreeMap<>();
    words.forEach(word -> absent.put(word, 0));
    Settings settings = new Settings(4, 60, Fault.all(), List.of(workload));
    for (long seed = 1; seed <= PLANS; seed++) {
      Plan plan = PlanMaker.make(seed, settings);
      Set<String> there = faults ? plan.faults().stream().map(Fault::word).collect(Collectors.toSet())
          : plan.steps().stream().filter(Step::isWrite).map(Step::kind).collect(Collectors.toSet());
      words.stream().filter(word -> !there.contains(word)).forEach(word -> absent.merge(word, 1, Integer::sum));
    }
    return absent;
  }

  @Test
  void eachKindOfOperationIsAbsentFromAQuarterOfThePlans() {
    Workload workload = Workloads.named("free-form");
    absent(workload, new TreeSet<>(workload.kinds()), false)
        .forEach((kind, count) -> assertThat(count).as(kind).isBetween(PLANS / 4, PLANS * 3 / 4));
  }

  @Test
  void eachKindOfFaultIsAbsentFromHalfOfThePlansAndInSome() {
    Set<String> words = Fault.all().stream().map(Fault::word).collect(Collectors.toCollection(TreeSet::new));
    absent(Workloads.named("free-form"), words, true)
        .forEach((fault, count) -> assertThat(count).as(fault).isBetween(PLANS / 2, PLANS - 5));
  }

  /** Without anything that makes entities the rest would only be refused. */
  @Test
  void somethingThatMakesEntitiesStays() {
    for (Workload workload : Workloads.all()) {
      Set<String> makers = workload.kinds().stream().filter(kind -> !workload.tempids(kind).isEmpty()).collect(Collectors.toSet());
      Settings settings = new Settings(2, 200, Set.of(), List.of(workload));
      for (long seed = 1; seed <= 20 && !makers.isEmpty(); seed++) {
        assertThat(PlanMaker.make(seed, settings).steps()).as("seed " + seed + " of " + workload.name())
            .anyMatch(step -> step.isWrite() && makers.contains(step.kind()));
      }
    }
  }
}
