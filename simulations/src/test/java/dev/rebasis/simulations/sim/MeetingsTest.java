package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A write meets the faults that hold its client at that time, and no others. */
class MeetingsTest {
  private static final String HEAD = "plan seed 1 workload free-form clients 2 millis 12000 healed c1,c2\n";

  private static Verdict played(String steps) {
    Verdict verdict = Play.play(PlanText.read(HEAD + steps), Workloads.named("free-form"), List.of(), Sabotage.NONE);
    assertThat(verdict.findings()).isEmpty();
    return verdict;
  }

  private static Set<String> met(String steps) {
    Verdict verdict = played(steps);
    return verdict.tally().meetings().keySet().stream().filter(each -> each.operation().equals("create"))
        .map(Tally.Meeting::fault).collect(Collectors.toCollection(TreeSet::new));
  }

  private static String write(long millis) {
    return millis + " c1 transact 1 create [{:db/id \"e\" :n/key \"k1\"}]\n";
  }

  @Test
  void aTrapThatNeverSprungEndsNoOutage() {
    String steps = """
        1000 c1 cut ; partition
        1500 c1 trap send bye cut ; mid-message
        2000 c1 heal ; mid-message
        %s9000 c1 heal ; partition
        """;
    assertThat(met(steps.formatted(write(3_000)))).containsExactly("partition");
    isCutUntilNine(played(steps.formatted("")));
  }

  private static void isCutUntilNine(Verdict verdict) {
    assertThat(verdict.story().moments()).filteredOn(moment -> moment.node().equals("c1") && moment.millis() >= 1_000
        && moment.millis() < 9_000).isNotEmpty().allMatch(moment -> moment.state().equals("cut"));
  }

  /** The line is cut by the trap and by the outage; it is back when both have ended, in whichever order. */
  @Test
  void anOutageDoesNotEndWhatATrapHasCut() {
    String steps = """
        900 c1 trap send push cut ; mid-message
        950 c1 transact 2 set [[:db/add "e" :n/count 1]]
        1500 c1 cut ; partition
        2000 c1 heal ; partition
        %s9000 c1 heal ; mid-message
        """;
    isCutUntilNine(played(steps.formatted(write(3_000))));
    assertThat(met(steps.formatted(write(3_000)))).containsExactly("mid-message");
  }

  @Test
  void whatTakesThePlaceOfALineEndsWhatItWas() {
    assertThat(met("1000 c1 line 1-200 loss 0.00 dup 0.00 reorder 0.00 ; delay\n"
        + "2000 c1 line 5-50 loss 0.10 dup 0.00 reorder 0.00 ; loss\n" + write(2_500)
        + "3000 c1 line usual ; loss\n9000 c1 line usual ; delay\n")).containsExactly("loss");
    assertThat(met("1000 c1 line 1-200 loss 0.00 dup 0.00 reorder 0.00 ; delay\n"
        + "2000 c1 line 5-50 loss 0.10 dup 0.00 reorder 0.00 ; loss\n"
        + "3000 c1 line usual ; loss\n" + write(4_000) + "9000 c1 line usual ; delay\n")).as("the line is usual again").isEmpty();
  }

  @Test
  void theSameGoesForSilenceSlowDisksAndClocks() {
    assertThat(met("1000 c1 silence up ; one-way\n2000 c1 silence both ; black-hole\n3000 c1 unsilence ; black-hole\n"
        + write(4_000) + "9000 c1 unsilence ; one-way\n")).isEmpty();
    assertThat(met("1000 c1 slow 20 ; slow-disk\n2000 c1 slow 10 ; slow-disk\n3000 c1 slow 0 ; slow-disk\n"
        + write(4_000) + "9000 c1 slow 0 ; slow-disk\n")).isEmpty();
    assertThat(met("1000 c1 clock 500 ; clock\n2000 c1 clock 100 ; clock\n3000 c1 clock 0 ; clock\n"
        + write(4_000) + "9000 c1 clock 0 ; clock\n")).isEmpty();
    assertThat(met("1000 c1 clock 500 ; clock\n" + write(4_000) + "9000 c1 clock 0 ; clock\n")).containsExactly("clock");
  }

  /** Two deaths overlap often, a tenth has no start of its own, and what a trap kills may be up before the trap's own start. */
  @Test
  void whoeverIsUpAgainIsDeadOfNothing() {
    assertThat(met("1000 c1 powerloss ; power-loss\n2000 c1 start ; crash\n" + write(3_000))).isEmpty();
    assertThat(met("1000 server crash ; server-crash\n2000 server start ; restart\n" + write(3_000))).isEmpty();
    assertThat(met("1000 c1 crash ; crash\n" + write(3_000))).as("nobody writes who is dead").isEmpty();
    assertThat(met("1000 server crash ; server-crash\n" + write(1_500) + "2000 server start ; server-crash\n"))
        .containsExactly("server-crash");
    String trap = "900 c1 trap send push crash ; mid-message\n950 c1 transact 2 set [[:db/add \"e\" :n/count 1]]\n";
    assertThat(met(trap + "2000 c1 start ; crash\n" + write(3_000))).isEmpty();
  }

  /** A node that starts is on the same line as before. */
  @Test
  void whatIsCutOffStaysSoOverADeath() {
    assertThat(met("""
        900 c1 trap send push cut ; mid-message
        950 c1 transact 2 set [[:db/add "e" :n/count 1]]
        1500 c1 crash ; crash
        2000 c1 start ; crash
        %s9000 c1 heal ; mid-message
        """.formatted(write(3_000)))).containsExactly("mid-message");
  }
}
