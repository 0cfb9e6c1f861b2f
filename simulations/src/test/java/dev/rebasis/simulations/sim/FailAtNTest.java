package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.disk.SimDisk;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every storage operation and every message of a small scenario fails in turn, or the program dies exactly there: one way
 * each by default, every way with {@code -Drebasis.failAtN.everyWay=true}, as the {@code soak} profile has it.
 */
class FailAtNTest {
  private static final boolean EVERY_WAY = Boolean.getBoolean("rebasis.failAtN.everyWay");

  private final Plan scenario = FailAtN.scenario();
  private final Workload workload = Workloads.named(scenario.workload());

  @Test
  void whateverFailsEachTransactionIsThereOrNotAndTheWorldConverges() {
    List<String> broken = new ArrayList<>();
    List<String> missed = new ArrayList<>();
    List<Plan> plans = FailAtN.plans(scenario, workload, EVERY_WAY);
    new Simulator(new Settings(2, 20, Set.of(), List.of(workload)), List.of()).run(plans, 2, () -> false, verdict -> {
      String strike = PlanText.line(verdict.plan().steps().get(0));
      if (!verdict.isGood()) {
        broken.add(strike + ": " + verdict.findings());
      }
      if (!FailAtN.wasReached(verdict)) {
        missed.add(strike);
      }
    });
    assertThat(broken).isEmpty();
    assertThat(plans).as("the scenario is not empty").hasSizeGreaterThan(EVERY_WAY ? 900 : 300);
    // How many pages H2 writes and reads varies with its clock; our own operations and messages do not.
    assertThat(missed).as("points that were not reached again").allMatch(strike -> strike.contains(".mv.db"));
    assertThat(missed.size()).as("of %d", plans.size()).isLessThan(plans.size() / 20);
  }

  /** Every kind of thing that is struck at is there. */
  @Test
  void thePointsAreThoseOfLogsIndexJournalAndMessages() {
    assertThat(Play.points(scenario, workload)).map(point -> point.name().replaceAll(" [0-9.]+$", "").replaceAll("^\\d+$", "message"))
        .contains("message", "log.wal write", "log.wal force", "log.mv.db.journal write", "log.mv.db.journal force",
            "log.mv.db write", "log.mv.db force", "index.mv write", "index.mv force", "index.position write",
            "store.txt write");
  }

  /** The checks are able to fail: a server that forces nothing is found by the losses of power. */
  @Test
  void aServerThatForcesNothingIsFound() {
    Sabotage forgetful = new Sabotage() {
      @Override
      public void disk(String node, SimDisk disk) {
        if (node.equals(Step.SERVER)) {
          disk.faults().ignoreForces();
        }
      }
    };
    assertThat(FailAtN.plans(scenario, workload, true).stream()
        .filter(plan -> plan.steps().get(0).node().equals(Step.SERVER)
            && plan.steps().get(0).argument().endsWith("powerloss") && plan.steps().get(0).argument().contains("journal force"))
        .anyMatch(plan -> !Play.play(plan, workload, List.of(), forgetful).isGood())).isTrue();
  }
}
