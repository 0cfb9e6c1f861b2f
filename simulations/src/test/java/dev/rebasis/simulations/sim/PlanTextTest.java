package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no plan is said line by line, before anything is played. */
class PlanTextTest {
  private static final String HEAD = "plan seed 1 workload counters clients 2 millis 5000 healed c1,c2\n";

  @ParameterizedTest
  @ValueSource(strings = {
      "plan seed 1 workload counters clients 0 millis 5000 healed c1", "plan seed 1 workload counters clients 33 millis 5000 healed c1",
      "plan seed 1 workload counters clients 2 millis 5000 healed c9",
      "plan seed 1 workload counters clients 2 millis 99999999999999999999 healed c1",
      "plan seed 9999999999999999999 workload counters clients 2 millis 5000 healed c1",
      "plan seed 1 workload counters clients 99999999999 millis 5000 healed c1", "500 c1 cut", ""})
  void aBadHeadIsRefused(String text) {
    assertThatThrownBy(() -> PlanText.read(text)).isInstanceOf(RebasisException.class).hasMessageStartingWith("A plan has ");
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "500 c3 cut", "500 phone cut", "500 server cut", "500 c1 cut now", "500 c1 slow abc", "500 c1 slow", "500 c1 slow 9999999999",
      "500 c1 transact", "500 c1 transact 1", "500 c1 transact 1 raise", "500 c1 transact one raise [1]", "500 c1 transact 1 undo x",
      "500 c1 silence", "500 c1 silence left", "500 c1 line", "500 c1 line 5-50", "500 c1 line 50-5 loss 0.1 dup 0 reorder 0",
      "500 c1 line 5-50 loss 2 dup 0 reorder 0", "500 c1 space much", "500 c1 fail write 0", "500 c1 fail sync 1",
      "500 c1 clock soon", "500 c1 trap send push", "500 c1 trap send push burn", "500 c1 point log.wal write",
      "500 c1 point log.wal write 7 burn", "500 server message 1 cut", "500 c1 message x cut", "500 c1 clone", "500 c1 clone c1",
      "500 c1 clone c5", "500 c1 throttle", "500 c1 leap", "500 c1 cut ; flood", "9999999999999999999 c1 cut"})
  void aBadLineIsRefused(String line) {
    assertThatThrownBy(() -> PlanText.read(HEAD + line)).isInstanceOf(RebasisException.class)
        .message().matches(text -> text.contains(line) || text.contains("flood"));
  }

  @Test
  void linesThatAreNotInOrderAreRefused() {
    assertThatThrownBy(() -> PlanText.read(HEAD + "500 c1 cut\n400 c1 heal")).isInstanceOf(RebasisException.class)
        .hasMessageContaining("order");
  }

  @Test
  void whatTheWorkloadDoesNotHaveIsRefused() {
    Simulator counters = new Simulator(new Settings(2, 1, Set.of(), List.of(Workloads.named("counters"))), List.of());
    assertThatThrownBy(() -> counters.check(PlanText.read(HEAD.replace("counters", "gardens"))))
        .isInstanceOf(RebasisException.class).hasMessageContaining("'gardens' is not here");
    assertThatThrownBy(() -> counters.check(PlanText.read(HEAD + "500 c1 transact 1 dig [1]")))
        .isInstanceOf(RebasisException.class).hasMessageContaining("operations ");
    assertThatThrownBy(() -> counters.check(PlanText.read(HEAD + "500 c1 scopes north")))
        .isInstanceOf(RebasisException.class).hasMessageContaining("scopes ");
    counters.check(PlanText.read(HEAD + "500 c1 scopes -\n600 c1 transact 1 undo 3"));
  }

  /** A plan that was made smaller is still one. */
  @Test
  void aPlanWithFewerClientsIsStillAPlan() {
    Settings settings = new Settings(4, 20, Set.of(Fault.COPIED_STORE, Fault.OLD_BACKUP), Workloads.all());
    for (long seed = 1; seed <= 200; seed++) {
      Plan fewer = PlanMaker.make(seed, settings).withClients(2);
      fewer = fewer.healed().isEmpty() ? fewer.withHealed(List.of("c1")) : fewer;
      assertThat(PlanText.read(PlanText.write(fewer))).isEqualTo(fewer);
    }
  }

  /** Other faults of a plan say nothing of the point that was to be struck at. */
  @Test
  void aPointThatIsNotReachedIsToldAsThat() {
    assertThat(FailAtN.wasReached(played("0 c1 point log.wal write 7000 crash ; crash\n2000 c2 crash ; crash\n"))).isFalse();
    assertThat(FailAtN.wasReached(played("0 c1 point log.wal write 1 crash ; crash\n2000 c2 crash ; crash\n"))).isTrue();
  }

  private static Verdict played(String steps) {
    Verdict verdict = Play.play(PlanText.read(HEAD + steps), Workloads.named("counters"), List.of(), Sabotage.NONE);
    assertThat(verdict.findings()).isEmpty();
    assertThat(verdict.tally().faults()).containsKey("crash");
    return verdict;
  }
}
