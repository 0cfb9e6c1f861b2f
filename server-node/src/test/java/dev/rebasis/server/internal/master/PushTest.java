package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of transactions pushed to the embedded master. */
class PushTest extends PushContract {
  @Override
  MasterFixture fresh() {
    return MasterFixture.inMemory();
  }

  @Test
  void aRepeatedPushIsAnsweredOnlyWhenTheFirstIsDurable() {
    ArrayDeque<Runnable> log = new ArrayDeque<>();
    try (MasterFixture g = MasterFixture.open(null, new MasterFixture.TestClock(), new InlineExecutor(), log::add)) {
      g.master.transact(MasterFixture.forms(MasterFixture.SCHEMA), new MasterFixture.Result<>());
      MasterFixture.Result<Long> number = new MasterFixture.Result<>();
      g.master.clientNumber(new UUID(1, 1), number);
      runAll(log);
      Intent intent = g.intent(g.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
      MasterFixture.Pushed first = g.push(number.value, intent);
      MasterFixture.Pushed second = g.push(number.value, intent);
      assertThat(first.outcomes).isEmpty();
      assertThat(second.outcomes).isEmpty();
      runAll(log);
      assertThat(first.only().duplicate()).isFalse();
      assertThat(second.only().duplicate()).isTrue();
    }
  }

  @Test
  void localIdsAreRememberedOverARestart(@TempDir Path folder) {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    Intent first;
    long entity;
    try (MasterFixture g = MasterFixture.in(folder, clock)) {
      g.transact(MasterFixture.SCHEMA);
      first = g.intent(g.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
      entity = g.push(g.client(1), first).only().made().get(first.tempids().get("a"));
    }
    try (MasterFixture g = MasterFixture.in(folder, clock)) {
      long client = g.client(1);
      long local = -first.tempids().get("a");
      Intent second = new Intent(new UUID(99, 1), 50, g.master.forcedT(), clock.instant(),
          MasterFixture.forms("[[:db/add " + local + " :order/note \"later\"]]"), Map.of(Intent.TX_TEMPID, 70L));
      assertThat(g.push(client, second).only().kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(g.master.database().entity(entity).get(":order/note")).isEqualTo("later");
      assertThat(g.push(client, first).only().made()).containsEntry(first.tempids().get("a"), entity);
    }
  }

  @Test
  void whatComesBehindARefusedPushOfItsSessionIsNotDecidedEither() {
    PushLine session = new PushLine();
    Intent first = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
    Intent second = f.intent(f.master.forcedT(), "[{:db/id \"b\" :order/number \"B\"}]", "b");
    f.clock.advance(Duration.ofSeconds(-1));
    MasterFixture.Pushed refused = f.push(session, c1, first);
    f.clock.advance(Duration.ofSeconds(2));
    MasterFixture.Pushed late = f.push(session, c1, second);
    assertThat(refused.refused.code()).isEqualTo(Keyword.of(":rebasis.error/clock-behind"));
    assertThat(late.outcomes).as("it may stand on the first").isEmpty();
    assertThat(late.refused).isSameAs(refused.refused);
    // In the next session all of them come again, in order.
    PushLine next = new PushLine();
    assertThat(f.push(next, c1, first).outcomes).hasSize(1);
    assertThat(f.push(next, c1, second).outcomes).hasSize(1);
  }

  @Test
  void aClockBehindRefusesAPushAndDecidesNothing() {
    f.clock.advance(Duration.ofSeconds(-1));
    Intent intent = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
    MasterFixture.Pushed pushed = f.push(c1, intent, f.intent(1, "[]"));
    assertThat(pushed.refused).isInstanceOfSatisfying(RebasisException.class,
        e -> assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/clock-behind")));
    assertThat(pushed.outcomes).isEmpty();
    assertThat(f.master.stats().queued()).isZero();
    f.clock.advance(Duration.ofSeconds(1));
    assertThat(f.push(c1, intent).only().duplicate()).isFalse();
  }

  @Test
  void manyPushesAreDecidedInOrderAndReplayedAlike(@TempDir Path folder) {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    List<Transaction> all;
    try (MasterFixture g = MasterFixture.in(folder, clock)) {
      g.transact(MasterFixture.SCHEMA);
      long client = g.client(1);
      Intent[] intents = new Intent[300];
      long basis = g.master.forcedT();
      for (int i = 0; i < intents.length; i++) {
        intents[i] = g.intent(basis, "[{:db/id \"a\" :order/number \"" + i % 50 + "\" :order/note \"" + i
            + "\" :order/tags [:t" + i % 7 + "] :order/items [{:db/id \"i\" :order/quantity " + i + "}]}]", "a", "i");
      }
      MasterFixture.Pushed pushed = g.push(client, intents);
      assertThat(pushed.outcomes).hasSize(300);
      assertThat(pushed.outcomes).extracting(PushOutcome::t).isSorted();
      assertThat(pushed.outcomes).extracting(PushOutcome::kind).containsOnly(OutcomeKind.ACCEPTED);
      all = g.master.transactionsAfter(0, Integer.MAX_VALUE);
    }
    try (MasterFixture g = MasterFixture.in(folder, clock)) {
      assertThat(g.master.transactionsAfter(0, Integer.MAX_VALUE)).isEqualTo(all);
    }
  }

  private static void runAll(ArrayDeque<Runnable> tasks) {
    while (!tasks.isEmpty()) {
      tasks.poll().run();
    }
  }
}
