package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A server that settles conflicts about an attribute by another policy than was asked for is found out, whatever they are. */
class PolicySwapsTest {
  private static final int SEEDS_MAX = 12;
  private static final Workload WORKLOAD = Workloads.named("policies");
  private static final Settings SETTINGS = new Settings(4, 40, Fault.withoutRestores(), List.of(WORKLOAD));
  private static final Map<String, String> TAKEN = Map.ofEntries(
      Map.entry("first-writer-wins", "last-writer-wins"), Map.entry("server-wins", "client-wins"),
      Map.entry("client-wins", "server-wins"), Map.entry("counter", "max"), Map.entry("max", "min"), Map.entry("min", "max"),
      Map.entry("text-merge", "last-writer-wins"), Map.entry("text-merge-marked", "text-merge"),
      Map.entry("park", "last-writer-wins"), Map.entry("reject", "park"), Map.entry("union", "remove-wins"),
      Map.entry("remove-wins", "union"));

  @Test
  void eachIsMissed() {
    Set<String> unnoticed = new TreeSet<>(TAKEN.keySet());
    for (String policy : TAKEN.keySet()) {
      for (int seed = 1; seed <= SEEDS_MAX && unnoticed.contains(policy); seed++) {
        look(aimedAt(policy, seed), unnoticed);
      }
    }
    assertThat(unnoticed).as("policies that another one stood for, unnoticed by " + SEEDS_MAX + " seeds").isEmpty();
  }

  /** A plan in which conflicts under a policy are likely. */
  private static Plan aimedAt(String policy, int seed) {
    String operation = WORKLOAD.policies("set").contains(policy) ? "set" : "remove-value";
    return PlanMaker.make(seed, SETTINGS, new WantedPairs.Aim(Set.of(Fault.PARTITION), operation, policy));
  }

  private static void look(Plan plan, Set<String> unnoticed) {
    Play.play(plan, WORKLOAD, List.of(), new BadMaster() {
      @Override
      List<?> forms(List<?> forms) {
        return forms.stream().map(PolicySwapsTest::swapped).toList();
      }
    }).findings().stream().filter(finding -> finding.promise() == Promise.INTENTION).forEach(finding ->
        unnoticed.removeIf(policy -> finding.what().endsWith("; the schema asks for " + policy)));
  }

  private static Object swapped(Object form) {
    if (!(form instanceof Map<?, ?> map) || !(map.get(RebasisSchema.POLICY) instanceof Keyword asked)) {
      return form;
    }
    Map<Object, Object> changed = new LinkedHashMap<>(map);
    changed.put(RebasisSchema.POLICY, Keyword.of(":rebasis.policy/" + TAKEN.get(asked.name())));
    return changed;
  }
}
