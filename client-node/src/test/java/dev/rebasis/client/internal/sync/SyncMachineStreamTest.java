package dev.rebasis.client.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the machine makes of the stream of transactions, and who waits for it. */
class SyncMachineStreamTest extends MachineRig {
  @Test
  void gapBreaksTheSessionAndTheNextAsksFromTheRightPlace() {
    begin();
    catchUp(0);
    long t = server.t();
    server.transact("[[:db/add \"x\" :db/doc \"one\"]]");
    long missed = server.t();
    server.transact("[[:db/add \"x\" :db/doc \"two\"]]");
    List<SyncAction> actions = receive(transactions(missed));
    only(SyncAction.Disconnect.class, actions);
    assertThat(all(SyncAction.Persist.class, actions)).isEmpty();
    assertThat(machine.lastError().code()).isEqualTo(Keyword.of(":rebasis.error/gap"));
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, actions);
    session = only(SyncAction.Connect.class, machine.timer(timer.token())).session();
    assertThat(sent(Message.Hello.class, machine.connected(session)).get(0).t()).isEqualTo(t);
  }

  @Test
  void transactionsOutOfOrderBreakTheSession() {
    begin();
    List<Transaction> backwards = new ArrayList<>(server.after(0));
    server.transact("[[:db/add \"x\" :db/doc \"one\"]]");
    backwards.add(0, server.after(0).get(1));
    List<SyncAction> actions = receive(new Message.Transactions(0, backwards, server.t()));
    only(SyncAction.Disconnect.class, actions);
    assertThat(all(SyncAction.Persist.class, actions)).isEmpty();
  }

  @Test
  void creditIsGrantedForWhatIsAppliedNotForWhatArrived() {
    begin();
    List<SyncAction> arrived = receive(transactions(0));
    assertThat(sent(Message.PullCredit.class, arrived)).isEmpty();
    List<SyncAction> stored = store(arrived);
    assertThat(sent(Message.PullCredit.class, stored)).isEmpty();
    SyncAction.Apply apply = only(SyncAction.Apply.class, stored);
    long datoms = server.after(0).stream().mapToLong(transaction -> transaction.datoms().size()).sum();
    assertThat(sent(Message.PullCredit.class, machine.applied(apply.number(), server.t())))
        .containsExactly(new Message.PullCredit(datoms));
  }

  @Test
  void helloAsksForLessWhileTransactionsWaitToBeApplied() {
    begin();
    receive(transactions(0));
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable()));
    session = only(SyncAction.Connect.class, machine.timer(timer.token())).session();
    Message.Hello hello = sent(Message.Hello.class, machine.connected(session)).get(0);
    assertThat(hello.credit()).isEqualTo(1);
    assertThat(hello.t()).isEqualTo(server.t());
  }

  @Test
  void batchesStoredTogetherAreAppliedTogether() {
    begin();
    long first = server.t();
    List<SyncAction> one = receive(transactions(0));
    server.transact("[[:db/add \"x\" :db/doc \"one\"]]");
    List<SyncAction> two = receive(transactions(first));
    assertThat(all(SyncAction.Persist.class, one)).hasSize(1);
    SyncAction.Apply apply = only(SyncAction.Apply.class, store(two));
    assertThat(apply.transactions()).hasSize(2);
  }

  // ---- comparing digests

  @Test
  void aClientThatIsLiveComparesAfterSoManyDatoms() {
    begin();
    SyncAction.Verify first = only(SyncAction.Verify.class, catchUp(0));
    receive(new Message.Verified(first.ref(), server.t(), true, List.of()));
    long t = server.t();
    for (int i = 0; i < 5; i++) {
      assertThat(all(SyncAction.Verify.class, live(t, t + 20_000, 9_999))).as("after %d", i * 9_999).isEmpty();
      t += 20_000;
    }
    List<SyncAction.Verify> again = List.of();
    for (int i = 0; i < 3 && again.isEmpty(); i++) {
      again = all(SyncAction.Verify.class, live(t, t + 20_000, 9_999));
      t += 20_000;
    }
    assertThat(again).as("before 75,000 datoms").hasSize(1);
    assertThat(again.get(0).ref()).isNotEqualTo(first.ref());
  }

  @Test
  void clientsThatTakeInTheSameDoNotAllCompareAtOnce() {
    List<Integer> after = new ArrayList<>();
    for (long client = 1; client <= 50; client++) {
      long number = client;
      Outbox asked = new Outbox();
      Verifier verifier = new Verifier(asked, null, () -> number);
      int datoms = 0;
      for (; asked.take().isEmpty() && datoms < 100_000; datoms += 100) {
        verifier.taken(100);
        verifier.step(1, false);
      }
      after.add(datoms);
    }
    assertThat(after).allMatch(datoms -> datoms >= 50_000 && datoms <= 75_000);
    assertThat(after.stream().distinct().count()).isGreaterThan(40);
  }

  @Test
  void whatTheServerCannotTellIsAskedAgainForANewerTOrAfterAWhile() {
    begin();
    SyncAction.Verify first = only(SyncAction.Verify.class, catchUp(0));
    long t = server.t();
    List<SyncAction> unknown = receive(new Message.Verified(first.ref(), t, false, List.of()));
    assertThat(all(SyncAction.Verify.class, unknown)).as("not at once").isEmpty();
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, unknown);
    SyncAction.Verify second = only(SyncAction.Verify.class, live(t, t + 10, 1));
    assertThat(all(SyncAction.Verify.class, machine.timer(timer.token()))).as("asked already").isEmpty();

    timer = only(SyncAction.SetTimer.class, receive(new Message.Verified(second.ref(), t + 10, false, List.of())));
    SyncAction.Verify third = only(SyncAction.Verify.class, machine.timer(timer.token()));
    List<SyncAction> known = receive(new Message.Verified(third.ref(), t + 10, true, List.of()));
    assertThat(all(SyncAction.SetTimer.class, known)).isEmpty();
    assertThat(all(SyncAction.Verify.class, live(t + 10, t + 20, 1))).as("answered").isEmpty();
  }

  @Test
  void aTimerOfASessionThatIsOverAsksNothing() {
    begin();
    SyncAction.Verify first = only(SyncAction.Verify.class, catchUp(0));
    SyncAction.SetTimer timer =
        only(SyncAction.SetTimer.class, receive(new Message.Verified(first.ref(), server.t(), false, List.of())));
    machine.disconnected(session, unreachable());
    assertThat(machine.timer(timer.token())).isEmpty();
  }

  /** A transaction that comes while nothing else is behind, stored and applied. */
  private List<SyncAction> live(long follows, long t, int datoms) {
    List<Datom> facts = new ArrayList<>();
    for (int i = 0; i < datoms; i++) {
      facts.add(new Datom((4L << 42) + t + 1 + i, SystemIds.DB_DOC, "doc", EntityIds.txOf(t), true));
    }
    List<SyncAction> actions = new ArrayList<>(
        receive(new Message.Transactions(follows, List.of(new Transaction(t, facts)), t)));
    List<SyncAction> stored = store(actions);
    actions.addAll(stored);
    for (SyncAction.Apply apply : all(SyncAction.Apply.class, stored)) {
      actions.addAll(machine.applied(apply.number(), t));
    }
    return actions;
  }

  // ---- waiting to be caught up

  @Test
  void syncWaitsForAnswerAndApplication() {
    begin();
    List<SyncAction> asked = machine.sync(5, 0, 0);
    assertThat(sent(Message.Sync.class, asked)).containsExactly(new Message.Sync(5, 0));
    List<SyncAction> arrived = receive(transactions(0));
    assertThat(all(SyncAction.Synced.class, receive(new Message.Synced(5, server.t())))).isEmpty();
    List<SyncAction> stored = store(arrived);
    assertThat(all(SyncAction.Synced.class, stored)).isEmpty();
    SyncAction.Apply apply = only(SyncAction.Apply.class, stored);
    assertThat(all(SyncAction.Synced.class, machine.applied(apply.number(), server.t())))
        .containsExactly(new SyncAction.Synced(5, null));
  }

  @Test
  void syncWaitsForTheDecisionsAboutWhatWasPending() {
    machine.madeLocally(intent(1));
    begin();
    catchUp(0);
    long before = server.t();
    machine.sync(5, 0, 1);
    assertThat(all(SyncAction.Synced.class, receive(new Message.Synced(5, server.t())))).isEmpty();
    server.push(CLIENT, intent(1));
    assertThat(all(SyncAction.Synced.class, catchUp(before))).containsExactly(new SyncAction.Synced(5, null));
  }

  @Test
  void syncToAnAppliedTIsDoneAtOnce() {
    begin();
    catchUp(0);
    assertThat(all(SyncAction.Synced.class, machine.sync(5, server.t(), 0))).hasSize(1);
  }

  @Test
  void syncSurvivesALostConnectionAndIsAskedAgain() {
    begin();
    catchUp(0);
    machine.sync(5, 0, 0);
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable()));
    session = only(SyncAction.Connect.class, machine.timer(timer.token())).session();
    machine.connected(session);
    assertThat(sent(Message.Sync.class, receive(welcome()))).containsExactly(new Message.Sync(5, 0));
    assertThat(all(SyncAction.Synced.class, receive(new Message.Synced(5, server.t())))).hasSize(1);
  }

  @Test
  void syncWithoutAServerFails() {
    SyncMachine local = new SyncMachine(new SyncSettings(
        TUNING, false, bound -> 0, STORE, 0, null, 0, Bootstrap.schema()));
    assertThat(local.goOnline()).isEmpty();
    assertThat(only(SyncAction.Synced.class, local.sync(1, 0, 0)).error().code())
        .isEqualTo(Keyword.of(":rebasis.error/no-server"));
  }
}
