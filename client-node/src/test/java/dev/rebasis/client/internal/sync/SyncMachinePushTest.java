package dev.rebasis.client.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the machine pushes when, and what it makes of the answers. */
class SyncMachinePushTest extends MachineRig {
  @Test
  void pushesInOrderInBatchesUpToTheWindow() {
    for (long seq = 1; seq <= 7; seq++) {
      machine.madeLocally(intent(seq));
    }
    begin();
    List<Message.Push> pushes = sent(Message.Push.class, catchUp(0));
    assertThat(pushes.stream().map(MachineRig::seqs)).containsExactly(List.of(1L, 2L), List.of(3L, 4L));
    // Room for one is not used while more than that wait: no crumbs.
    assertThat(sent(Message.Push.class, answer(intent(1)))).isEmpty();
    assertThat(sent(Message.Push.class, answer(intent(2))).stream().map(MachineRig::seqs))
        .containsExactly(List.of(5L, 6L));
    assertThat(sent(Message.Push.class, answer(intent(3))).stream().map(MachineRig::seqs))
        .containsExactly(List.of(7L));
  }

  @Test
  void commitIsAppliedWhenItsTransactionComesNotWhenItsOutcomeDoes() {
    machine.madeLocally(intent(1));
    begin();
    long before = server.t();
    catchUp(0);
    assertThat(all(SyncAction.Persist.class, answer(intent(1)))).isEmpty();
    List<SyncAction> actions = receive(transactions(before));
    SyncAction.Persist persist = only(SyncAction.Persist.class, actions);
    assertThat(persist.force()).as("a decision about an own transaction").isTrue();
    LogEntry.Decided decided = (LogEntry.Decided) persist.entries().get(1);
    assertThat(decided.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decided.made()).containsEntry(2L, EntityIds.txOf(server.t())).containsKey(3L);
    assertThat(all(SyncAction.Apply.class, actions)).as("not before it is stored").isEmpty();
    SyncAction.Apply apply = only(SyncAction.Apply.class, machine.stored(persist.number()));
    assertThat(apply.verdicts()).hasSize(1);
  }

  @Test
  void othersTransactionsAreStoredWithoutForce() {
    begin();
    assertThat(only(SyncAction.Persist.class, receive(transactions(0))).force()).isFalse();
  }

  @Test
  void whatHasNoAnswerIsPushedAgainInTheNextSession() {
    machine.madeLocally(intent(1));
    machine.madeLocally(intent(2));
    begin();
    catchUp(0);
    long before = server.t();
    answer(intent(1));
    server.push(CLIENT, intent(2));
    // The answer to 2 is lost; so are both transactions.
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable()));
    session = only(SyncAction.Connect.class, machine.timer(timer.token())).session();
    assertThat(sent(Message.Hello.class, machine.connected(session)).get(0).t()).isEqualTo(before);
    // The server has not decided 2 when it says welcome, so the stream does not tell: 2 is pushed again.
    receive(new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), DATABASE, CLIENT, before + 1));
    List<Transaction> both = server.after(before);
    Message.Transactions first = new Message.Transactions(before, both.subList(0, 1), before + 1);
    SyncAction.Apply apply = only(SyncAction.Apply.class, store(receive(first)));
    assertThat(sent(Message.Push.class, machine.applied(apply.number(), before + 1)).stream().map(MachineRig::seqs))
        .containsExactly(List.of(2L));
    PushOutcome repeated = server.push(CLIENT, intent(2));
    assertThat(repeated.duplicate()).isTrue();
    receive(new Message.Outcomes(List.of(repeated)));
    List<SyncAction> caught =
        receive(new Message.Transactions(both.get(0).t(), both.subList(1, 2), server.t()));
    List<LogEntry> entries = only(SyncAction.Persist.class, caught).entries();
    assertThat(entries).hasSize(2);
    assertThat(((LogEntry.Decided) entries.get(1)).duplicate()).isTrue();
    assertThat(machine.duplicates()).isEqualTo(1);
  }

  @Test
  void whatTheCatchUpShowsAsDecidedIsNotPushedAgain() {
    machine.madeLocally(intent(1));
    begin();
    catchUp(0);
    long before = server.t();
    server.push(CLIENT, intent(1));
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable()));
    session = only(SyncAction.Connect.class, machine.timer(timer.token())).session();
    machine.connected(session);
    receive(welcome());
    assertThat(sent(Message.Push.class, catchUp(before))).isEmpty();
    assertThat(machine.state()).isEqualTo(ConnectionState.LIVE);
  }

  @Test
  void anAnswerHoldsForATransactionThatDoesNotSayWhoseItWas() {
    machine.madeLocally(intent(1));
    begin();
    long before = server.t();
    catchUp(0);
    answer(intent(1));
    // Another copy of this store pushed it, and this client sees a part, without what is said of others' transactions.
    List<Transaction> anonymous = server.after(before).stream().map(transaction -> new Transaction(transaction.t(),
        transaction.datoms().stream().filter(datom -> datom.e() != transaction.tx()).toList())).toList();
    List<SyncAction> actions = receive(new Message.Transactions(before, anonymous, server.t()));
    LogEntry.Decided decided = (LogEntry.Decided) only(SyncAction.Persist.class, actions).entries().get(1);
    assertThat(decided.id()).isEqualTo(intent(1).id());
    assertThat(decided.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decided.made()).containsEntry(2L, EntityIds.txOf(server.t())).containsKey(3L);
  }

  @Test
  void anAnswerWhoseTransactionDidNotComeIsAskedForAgainInTheNextSession() {
    machine.madeLocally(intent(1));
    begin();
    long before = server.t();
    catchUp(0);
    answer(intent(1));
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable()));
    session = only(SyncAction.Connect.class, machine.timer(timer.token())).session();
    machine.connected(session);
    // The server was restored to a T before its answer, at which this client stands: it has nothing to forget.
    Message.Welcome restored = new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), DATABASE, CLIENT, before);
    List<SyncAction> welcomed = new ArrayList<>(receive(restored));
    welcomed.addAll(store(welcomed));
    assertThat(sent(Message.Push.class, welcomed).stream().map(MachineRig::seqs)).containsExactly(List.of(1L));
  }

  @Test
  void outcomeAfterItsTransactionChangesNothing() {
    machine.madeLocally(intent(1));
    begin();
    long before = server.t();
    catchUp(0);
    PushOutcome outcome = server.push(CLIENT, intent(1));
    store(receive(transactions(before)));
    List<SyncAction> actions = receive(new Message.Outcomes(List.of(outcome)));
    assertThat(all(SyncAction.Persist.class, actions)).isEmpty();
    assertThat(all(SyncAction.Persist.class, receive(new Message.Outcomes(List.of(outcome))))).isEmpty();
  }

  @Test
  void refusalThatWroteNothingIsAppliedAtOnce() {
    machine.madeLocally(intent(1));
    begin();
    catchUp(0);
    PushOutcome refused = new PushOutcome(intent(1).id(), OutcomeKind.REJECTED, false, 0, Map.of(),
        Keyword.of(":rebasis.error/malformed-push"), "no");
    List<SyncAction> actions = receive(new Message.Outcomes(List.of(refused)));
    SyncAction.Persist persist = only(SyncAction.Persist.class, actions);
    assertThat(persist.force()).isTrue();
    assertThat(only(SyncAction.Apply.class, machine.stored(persist.number())).verdicts().get(0).kind())
        .isEqualTo(OutcomeKind.REJECTED);
  }
}
