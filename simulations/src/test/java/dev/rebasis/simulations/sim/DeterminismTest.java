package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One seed decides everything: the same seed gives the same trace, byte for byte. */
class DeterminismTest {
  private static final Settings SETTINGS = new Settings(4, 30, Fault.all(), Workloads.all());

  @Test
  void theSameSeedGivesTheSameTrace() {
    for (long seed = 1000; seed < 1012; seed++) {
      assertThat(trace(seed)).as("seed " + seed).isEqualTo(trace(seed));
    }
  }

  @Test
  void otherSeedsGiveOtherTraces() {
    assertThat(trace(1)).isNotEqualTo(trace(2));
  }

  @Test
  void aPlanIsTheSameAsText() {
    for (long seed = 1; seed < 200; seed++) {
      Plan plan = PlanMaker.make(seed, SETTINGS);
      assertThat(PlanText.read(PlanText.write(plan))).isEqualTo(plan);
    }
  }

  private static String trace(long seed) {
    Plan plan = PlanMaker.make(seed, SETTINGS);
    return Play.play(plan, SETTINGS.workload(plan.workload()), List.of(), Sabotage.NONE).traceText();
  }
}
