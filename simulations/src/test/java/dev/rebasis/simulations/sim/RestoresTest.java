package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stores that go back in time or are in use twice, each in a plan as small as it gets. */
class RestoresTest {
  private static Verdict play(String steps) {
    return play("sets", steps);
  }

  private static Verdict play(String workload, String steps) {
    Plan plan = PlanText.read("plan seed 1 workload " + workload + " clients 2 millis 9000 healed c1,c2\n" + steps);
    return Play.play(plan, Workloads.named(workload), List.of(), Sabotage.NONE);
  }

  @Test
  void anOldBackupPushesNothingTwiceAndCatchesUp() {
    Verdict verdict = play("""
        500 c1 transact 1 add-tag ["1" :tag/t2]
        600 c1 cut
        700 c1 transact 2 add-tag ["1" :tag/t3]
        800 c1 backup ; old-backup
        900 c1 heal
        1500 c1 transact 3 add-tag ["2" :tag/t3]
        2500 c1 restore ; old-backup
        """);
    assertThat(verdict.findings()).as(verdict::traceText).isEmpty();
    assertThat(verdict.tally().faults()).containsKey("old-backup");
    // What was committed after the backup is known from the stream, before anything is pushed.
    assertThat(verdict.traceText()).doesNotContain("again accepted").contains("restore");
  }

  @Test
  void twoCopiesOfOneStorePushTheSameWriteOnce() {
    Verdict verdict = play("""
        400 c1 cut
        500 c1 transact 1 add-tag ["1" :tag/t2]
        600 c1 clone c2 ; copied-store
        900 c1 heal
        """);
    assertThat(verdict.findings()).as(verdict::traceText).isEmpty();
    assertThat(verdict.traceText()).contains("store-copied").doesNotContain("again accepted");
  }

  @Test
  void copiesThatBothGoOnDoNotMeetInNumbersOrIds() {
    Verdict verdict = play("""
        400 c1 cut
        500 c1 transact 1 add-tag ["1" :tag/t2]
        600 c1 clone c2 ; copied-store
        700 c1 transact 2 add-tag ["1" :tag/t3]
        800 c2 transact 3 add-tag ["2" :tag/t3]
        900 c1 heal
        3000 c1 transact 4 remove-tag ["1" :tag/t2]
        3100 c2 transact 5 add-tag ["0" :tag/t1]
        """);
    assertThat(verdict.findings()).as(verdict::traceText).isEmpty();
    assertThat(verdict.tally().outcomes()).containsKey("accepted");
  }

  /** c1 has pushed c2's count and somebody has counted again, when c2, which was told of both, dies as it pushes its approval. */
  @Test
  void whatACopyPushedIsSeenByAPremiseAfterARestartToo() {
    Verdict verdict = play("approvals", """
        400 c2 cut
        500 c2 transact 1 count-stock [0 1 nil]
        600 c2 clone c1 ; copied-store
        1500 server transact 2 count-stock [0 0 nil]
        1600 c2 transact 3 approve [0 0 nil]
        1700 c2 heal
        1700 c2 trap send push crash ; mid-message
        8000 c2 start
        """);
    assertThat(verdict.findings()).as(verdict::traceText).isEmpty();
    assertThat(verdict.traceText()).containsSubsequence("store-copied", "c2     is killed", "c2     starts at T", "with 1 pending",
        "c2     > push 3", "c2     < outcomes 3 parked");
  }

  @Test
  void aBackupThatWritesOnAfterItsRestoreIsAClientOfItsOwn() {
    Verdict verdict = play("""
        500 c1 transact 1 add-tag ["1" :tag/t2]
        800 c1 backup ; old-backup
        1500 c1 transact 2 add-tag ["2" :tag/t3]
        2500 c1 cut
        2600 c1 restore ; old-backup
        2700 c1 transact 3 add-tag ["2" :tag/t1]
        2900 c1 heal
        """);
    assertThat(verdict.findings()).as(verdict::traceText).isEmpty();
  }

  @Test
  void aServerThatWentBackGetsWhatItsClientsHaveMadeSince() {
    Verdict verdict = play("""
        500 c1 transact 1 add-tag ["1" :tag/t2]
        800 server backup ; server-backup
        1500 c1 transact 2 add-tag ["2" :tag/t3]
        1600 c2 transact 3 remove-tag ["1" :tag/t2]
        2500 server restore ; server-backup
        2600 c2 transact 4 add-tag ["1" :tag/t1]
        """);
    assertThat(verdict.findings()).as(verdict::traceText).isEmpty();
    assertThat(verdict.tally().outcomes().get("accepted")).as("two of them twice").isGreaterThanOrEqualTo(6);
  }

  @Test
  void aSeedWithoutTheseFaultsIsTheSameSeedWithoutTheirSteps() {
    int restored = 0;
    for (long seed = 1; seed <= 60; seed++) {
      Plan without = PlanMaker.make(seed, new Settings(3, 30, Fault.withoutRestores(), Workloads.all()));
      Plan with = PlanMaker.make(seed, new Settings(3, 30, Fault.all(), Workloads.all()));
      assertThat(with.steps()).containsAll(without.steps());
      restored += with.steps().size() > without.steps().size() ? 1 : 0;
      assertThat(with.steps().stream().filter(step -> step.isServer() && step.verb() == Verb.RESTORE).count())
          .isLessThanOrEqualTo(1);
    }
    assertThat(restored).as("about a third").isBetween(10, 35);
  }
}
