package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.protocol.Message;
import dev.rebasis.simulations.workload.Workloads;
import dev.rebasis.simulations.world.Registered;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a report draws of a play, asked of the play itself. */
class StoryTest {
  private static final Plan CUT_OFF = PlanText.read("""
      plan seed 1 workload free-form clients 2 millis 9000 healed c1,c2
      1000 c1 cut ; partition
      2000 c2 transact 1 create [{:db/id "e" :n/key "k1" :n/count 1}]
      3000 c1 transact 2 create [{:db/id "e" :n/key "k2" :n/count 2}]
      8000 c1 heal ; partition
      """);

  private static List<Story.Moment> of(Verdict verdict, String client, long from, long until) {
    return verdict.story().moments().stream()
        .filter(moment -> moment.node().equals(client) && moment.millis() > from && moment.millis() < until).toList();
  }

  private static Verdict watched(Sabotage sabotage) {
    return Play.watch(CUT_OFF, Workloads.named("free-form"), List.of(), Registered.NOTHING, sabotage);
  }

  @Test
  void whoIsCutOffDivergesUntilTheHeal() {
    Verdict verdict = watched(Sabotage.NONE);
    assertThat(verdict.findings()).isEmpty();
    assertThat(of(verdict, "c1", 2_500, 8_000)).isNotEmpty().allMatch(moment -> moment.state().equals("cut"))
        .anyMatch(moment -> moment.pending() == 1).allMatch(moment -> moment.differing() > 0);
    for (String client : List.of("c1", "c2")) {
      List<Story.Moment> all = of(verdict, client, 0, Long.MAX_VALUE);
      assertThat(all.get(all.size() - 1).differing()).as(client).isZero();
      assertThat(all.get(all.size() - 1).pending()).as(client).isZero();
    }
    assertThat(verdict.story().convergenceMillis()).isNotNegative();
  }

  /** Who holds a part lacks what has come into it, and holds too much of what has left it. */
  @Test
  void whoHoldsAPartDivergesToo() {
    Plan plan = PlanText.read("""
        plan seed 1 workload regions clients 2 millis 9000 healed c1,c2
        500 c2 scopes zero,heavy
        1000 c2 cut ; partition
        2000 c1 transact 1 move [4 0 nil]
        4000 c1 transact 2 move [0 4 nil]
        8000 c2 heal ; partition
        """);
    Verdict verdict = Play.watch(plan, Workloads.named("regions"), List.of(), Registered.NOTHING, Sabotage.NONE);
    assertThat(verdict.findings()).isEmpty();
    assertThat(of(verdict, "c2", 2_500, 8_000)).isNotEmpty().allMatch(moment -> moment.differing() > 0);
    List<Story.Moment> all = of(verdict, "c2", 0, Long.MAX_VALUE);
    assertThat(all.get(all.size() - 1).differing()).isZero();
  }

  /** What was well after the first heal says nothing of who never comes after the second. */
  @Test
  void aSecondHealThatNeverConvergesIsTold() {
    Plan plan = PlanText.read(PlanText.write(CUT_OFF).replace("healed c1,c2", "healed c2").replace("8000 c1 heal ; partition\n", ""));
    Sabotage deaf = Tampering.toServer(message -> message instanceof Message.Push push
        && push.intents().stream().anyMatch(intent -> intent.forms().toString().contains("k2")) ? null : message);
    Verdict verdict = Play.play(plan, Workloads.named("free-form"), List.of(), deaf);
    assertThat(verdict.findings().toString()).contains("not converged 20 minutes", "c1 LIVE at T 1008 with 1 pending");
    assertThat(verdict.story().convergenceMillis()).isEqualTo(-1);
    assertThat(Play.play(plan, Workloads.named("free-form"), List.of(), Sabotage.NONE).story().convergenceMillis()).isNotNegative();
  }

  /** A lag in T says nothing of data that differ at the same T. */
  @Test
  void dataThatDifferAtTheSameTAreSeen() {
    Verdict verdict = watched(PlantedFault.SERVER_ALTERS_A_VALUE.sabotage());
    assertThat(verdict.isGood()).isFalse();
    List<Story.Moment> all = of(verdict, "c2", 2_000, 8_000);
    Story.Moment last = all.get(all.size() - 1);
    long serverT = verdict.story().moments().stream().filter(moment -> moment.node().equals(Step.SERVER)
        && moment.millis() <= last.millis()).mapToLong(Story.Moment::t).max().orElseThrow();
    assertThat(last.t()).isEqualTo(serverT);
    assertThat(last.differing()).isGreaterThanOrEqualTo(2);
  }

  /** Looking changes nothing that happens. */
  @Test
  void whatIsWatchedIsWhatWasPlayed() {
    Simulator simulator = new Simulator(new Settings(3, 30, Set.copyOf(Fault.parse("partition,crash,power-loss,restart")),
        Workloads.all()), List.of());
    for (long seed = 1; seed <= 3; seed++) {
      Verdict played = simulator.play(seed);
      assertThat(played.story().moments()).allMatch(moment -> moment.differing() <= 0);
      Verdict watched = simulator.watch(played);
      assertThat(watched.trace()).isEqualTo(played.trace());
      assertThat(watched.story().moments()).anyMatch(moment -> moment.differing() > 0);
    }
  }
}
