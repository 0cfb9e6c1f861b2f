package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A full or failing disk counts as met when something does not fit or fails, and not when that is planned. */
class DiskStrikesTest {
  private static Verdict play(String steps) {
    Plan plan = PlanText.read("plan seed 1 workload sets clients 2 millis 12000 healed c1,c2\n" + steps);
    Verdict verdict = Play.play(plan, Workloads.named("sets"), List.of(), Sabotage.NONE);
    assertThat(verdict.findings()).as(verdict::traceText).isEmpty();
    return verdict;
  }

  private static Set<String> met(Verdict verdict) {
    return verdict.tally().meetings().keySet().stream().map(Tally.Meeting::fault).collect(Collectors.toSet());
  }

  @Test
  void aDiskThatHasRoomEnoughStrikesNobody() {
    Verdict verdict = play("""
        1000 c1 space 40000000 ; disk-full
        1500 c1 fail read 100000 ; io-error
        2000 c1 transact 1 add-tag ["1" :tag/t2]
        3000 c1 space free ; disk-full
        """);
    assertThat(verdict.tally().faults()).isEmpty();
    assertThat(met(verdict)).isEmpty();
    Verdict full = play("""
        1000 c1 cut ; partition
        1100 c1 transact 1 add-tag ["1" :tag/t2]
        1200 c1 space 0 ; disk-full
        1300 c1 transact 2 add-tag ["1" :tag/t3]
        2000 c1 heal ; partition
        3000 c1 space free ; disk-full
        """);
    assertThat(full.tally().faults()).containsKey("disk-full");
    assertThat(met(full)).contains("disk-full");
  }
}
