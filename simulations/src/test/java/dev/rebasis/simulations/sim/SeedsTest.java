package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Random plans of whole worlds. {@code -Drebasis.sim.seeds=1000} tries more, {@code -Drebasis.sim.seed=7} one, with its
 * trace.
 */
class SeedsTest {
  private static final int SEEDS = Integer.getInteger("rebasis.sim.seeds", 40);
  private static final long FROM = Long.getLong("rebasis.sim.from", 1);
  private static final long ONLY = Long.getLong("rebasis.sim.seed", -1);
  private static final Settings SETTINGS = new Settings(4, 40, Fault.parse(System.getProperty("rebasis.sim.faults", "all")), Workloads.all());

  @Test
  void thePromisesHoldWhateverHappens() {
    List<String> broken = new ArrayList<>();
    for (long seed = ONLY < 0 ? FROM : ONLY; seed < (ONLY < 0 ? FROM + SEEDS : ONLY + 1); seed++) {
      long start = System.nanoTime();
      Plan plan = PlanMaker.make(seed, SETTINGS);
      Verdict verdict = Play.play(plan, SETTINGS.workload(plan.workload()), List.of(), Sabotage.NONE);
      if (Boolean.getBoolean("rebasis.sim.tell")) {
        System.err.println("seed " + seed + " " + plan.workload() + " " + plan.writes() + " writes " + plan.faults() + " "
            + (System.nanoTime() - start) / 1_000_000 + " ms, " + verdict.tally().messages() + " messages, "
            + verdict.tally().virtualMillis() / 1000 + " virtual s");
      }
      if (!verdict.isGood()) {
        broken.add("seed " + seed + " " + plan.workload() + ": " + verdict.findings());
        if (ONLY >= 0) {
          System.err.println(PlanText.write(plan) + "\n" + verdict.traceText());
        }
      }
    }
    assertThat(broken).isEmpty();
  }
}
