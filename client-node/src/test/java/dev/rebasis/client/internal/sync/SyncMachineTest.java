package dev.rebasis.client.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The machine's numbered contract, one event at a time. Method: each test gives events and looks at the actions that
 * come back; storage and connection are the test itself. Transactions come from a fake server that writes the same
 * records as the real one.
 */
class SyncMachineTest {
  private static final UUID STORE = new UUID(1, 1);
  private static final UUID DATABASE = new UUID(2, 2);
  private static final UUID OTHER_DATABASE = new UUID(3, 3);
  private static final long CLIENT = 7;
  private static final Tuning TUNING = Tuning.DEFAULT
      .withBackoff(Duration.ofMillis(100), Duration.ofMillis(1_000))
      .withPush(2, 4)
      .withCreditDatoms(40);

  private final FakeServer server = new FakeServer();
  private SyncMachine machine = machine(TUNING, null, 0, 0);
  private long session;
  private long lastPersisted;

  @AfterEach
  void closeServer() {
    server.close();
  }

  private static SyncMachine machine(Tuning tuning, UUID database, long client, long t) {
    return new SyncMachine(new SyncSettings(
        tuning, true, bound -> bound - 1, STORE, client, database, t, Bootstrap.schema()));
  }

  // ---- helpers: what a test says and looks for

  private static <T> T only(Class<T> type, List<SyncAction> actions) {
    List<T> found = all(type, actions);
    assertThat(found).as(type.getSimpleName() + " in " + actions).hasSize(1);
    return found.get(0);
  }

  private static <T> List<T> all(Class<T> type, List<SyncAction> actions) {
    return actions.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static <T> List<T> sent(Class<T> type, List<SyncAction> actions) {
    return all(SyncAction.Send.class, actions).stream()
        .map(SyncAction.Send::message).filter(type::isInstance).map(type::cast).toList();
  }

  private Message.Hello connect() {
    session = only(SyncAction.Connect.class, machine.goOnline()).session();
    return sent(Message.Hello.class, machine.connected(session)).get(0);
  }

  private List<SyncAction> receive(Message.FromServer message) {
    return machine.received(session, message);
  }

  private Message.Welcome welcome() {
    return new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), DATABASE, CLIENT, server.t());
  }

  /** Connected, welcomed, its identity stored. */
  private List<SyncAction> begin() {
    connect();
    List<SyncAction> actions = new ArrayList<>(receive(welcome()));
    actions.addAll(store(actions));
    return actions;
  }

  private List<SyncAction> store(List<SyncAction> actions) {
    for (SyncAction.Persist persist : all(SyncAction.Persist.class, actions)) {
      lastPersisted = persist.number();
    }
    return machine.stored(lastPersisted);
  }

  /** Gives everything that the server has after a T, stores it and applies it. */
  private List<SyncAction> catchUp(long after) {
    List<SyncAction> actions = new ArrayList<>(receive(transactions(after)));
    List<SyncAction> stored = store(actions);
    actions.addAll(stored);
    for (SyncAction.Apply apply : all(SyncAction.Apply.class, stored)) {
      actions.addAll(machine.applied(apply.number(), server.t()));
    }
    return actions;
  }

  private Message.Transactions transactions(long after) {
    return new Message.Transactions(after, server.after(after), server.t());
  }

  private static Intent intent(long seq) {
    Keyword doc = Keyword.of(":db/doc");
    return new Intent(new UUID(9, seq), seq, 0, Samples.EPOCH,
        List.of(List.of(Keyword.of(":db/add"), "x", doc, "doc " + seq)),
        Map.of(Intent.TX_TEMPID, 2 * seq, "x", 2 * seq + 1));
  }

  private static List<Long> seqs(Message.Push push) {
    return push.intents().stream().map(Intent::seq).toList();
  }

  // ---- connecting

  @Test
  void helloNamesStoreAndWhatItHas() {
    Message.Hello hello = connect();
    assertThat(hello).isEqualTo(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), STORE, 0, null, 0, 40));
    assertThat(machine.state()).isEqualTo(ConnectionState.CONNECTING);
  }

  @Test
  void identityIsForcedBeforeTheFirstPush() {
    machine.madeLocally(intent(1));
    connect();
    List<SyncAction> actions = receive(welcome());
    SyncAction.Persist persist = only(SyncAction.Persist.class, actions);
    assertThat(persist.force()).isTrue();
    assertThat(persist.entries())
        .containsExactly(new LogEntry.DatabaseId(DATABASE), new LogEntry.ClientNumber(CLIENT));
    assertThat(sent(Message.Push.class, actions)).isEmpty();
    assertThat(sent(Message.Push.class, machine.stored(persist.number()))).isEmpty();
    assertThat(sent(Message.Push.class, catchUp(0))).hasSize(1);
  }

  @Test
  void nothingIsPushedWhileTheIdentityIsNotStored() {
    server.close();
    machine.madeLocally(intent(1));
    connect();
    List<SyncAction> actions = receive(new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), DATABASE, CLIENT, 0));
    assertThat(machine.state()).isEqualTo(ConnectionState.LIVE);
    assertThat(sent(Message.Push.class, actions)).isEmpty();
    assertThat(sent(Message.Push.class, store(actions))).hasSize(1);
  }

  @Test
  void nothingIsPushedBeforeWhatWasThereAtTheWelcomeIsApplied() {
    machine = machine(TUNING, DATABASE, CLIENT, 0);
    machine.madeLocally(intent(1));
    connect();
    assertThat(sent(Message.Push.class, receive(welcome()))).isEmpty();
    List<SyncAction> arrived = receive(transactions(0));
    assertThat(sent(Message.Push.class, arrived)).isEmpty();
    List<SyncAction> stored = store(arrived);
    assertThat(sent(Message.Push.class, stored)).isEmpty();
    SyncAction.Apply apply = only(SyncAction.Apply.class, stored);
    assertThat(sent(Message.Push.class, machine.applied(apply.number(), server.t()))).hasSize(1);
  }

  @Test
  void whoWaitsForATIsToldBeforeAnythingIsPushed() {
    machine = machine(TUNING, DATABASE, CLIENT, 0);
    machine.madeLocally(intent(1));
    connect();
    machine.sync(7, server.t(), 0);
    receive(welcome());
    List<SyncAction> stored = store(receive(transactions(0)));
    List<SyncAction> applied = machine.applied(only(SyncAction.Apply.class, stored).number(), server.t());
    SyncAction push = all(SyncAction.Send.class, applied).stream()
        .filter(send -> send.message() instanceof Message.Push).findFirst().orElseThrow();
    assertThat(applied.indexOf(new SyncAction.Synced(7, null))).isBetween(0, applied.indexOf(push));
  }

  @Test
  void knownIdentityIsNotStoredAgain() {
    machine = machine(TUNING, DATABASE, CLIENT, 0);
    machine.madeLocally(intent(1));
    connect();
    List<SyncAction> actions = receive(welcome());
    assertThat(all(SyncAction.Persist.class, actions)).isEmpty();
    assertThat(sent(Message.Push.class, catchUp(0))).hasSize(1);
  }

  @Test
  void catchesUpAndIsLive() {
    begin();
    assertThat(machine.state()).isEqualTo(ConnectionState.CATCHING_UP);
    catchUp(0);
    assertThat(machine.state()).isEqualTo(ConnectionState.LIVE);
    assertThat(machine.lastError()).isNull();
  }

  @Test
  void anotherDatabaseIsRefusedAndNothingSentOrStored() {
    machine = machine(TUNING, OTHER_DATABASE, CLIENT, 0);
    machine.madeLocally(intent(1));
    connect();
    machine.sync(1, 0, 1);
    List<SyncAction> actions = receive(welcome());
    assertThat(sent(Message.class, actions)).isEmpty();
    assertThat(all(SyncAction.Persist.class, actions)).isEmpty();
    only(SyncAction.Disconnect.class, actions);
    assertThat(machine.lastError().code()).isEqualTo(Keyword.of(":rebasis.error/other-database"));
    assertThat(machine.lastError().getMessage()).contains(DATABASE.toString(), OTHER_DATABASE.toString());
    assertThat(only(SyncAction.Synced.class, actions).error()).isSameAs(machine.lastError());
    assertThat(machine.state()).isEqualTo(ConnectionState.OFFLINE);
  }

  @Test
  void serverThatLacksConfirmedTransactionsIsRefused() {
    machine = machine(TUNING, DATABASE, CLIENT, server.t() + 5);
    connect();
    List<SyncAction> actions = receive(welcome());
    only(SyncAction.Disconnect.class, actions);
    assertThat(machine.lastError().code()).isEqualTo(Keyword.of(":rebasis.error/server-behind"));
  }

  @Test
  void versionThatItDoesNotSpeakIsRefused() {
    connect();
    List<SyncAction> actions = receive(new Message.Welcome(99, Set.of(), DATABASE, CLIENT, 0));
    only(SyncAction.Disconnect.class, actions);
    assertThat(machine.lastError().code()).isEqualTo(Keyword.of(":rebasis.error/unsupported-version"));
    assertThat(machine.database()).isNull();
  }

  @Test
  void messageBeforeWelcomeBreaksTheSession() {
    connect();
    List<SyncAction> actions = receive(new Message.Basis(5));
    only(SyncAction.Disconnect.class, actions);
    assertThat(machine.lastError().code()).isEqualTo(Keyword.of(":rebasis.error/unexpected-message"));
  }

  @Test
  void serverThatSaysNothingIsLeftAfterTheHandshakeTimeout() {
    List<SyncAction> actions = machine.goOnline();
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, actions);
    assertThat(timer.millis()).isEqualTo(10_000);
    List<SyncAction> late = machine.timer(timer.token());
    only(SyncAction.Disconnect.class, late);
    assertThat(machine.lastError().code()).isEqualTo(Keyword.of(":rebasis.error/no-welcome"));
    assertThat(machine.timer(timer.token())).isEmpty();
  }

  // ---- reconnecting

  @Test
  void delaysDoubleUpToTheLimitAndBeginAnewAfterProgress() {
    connect();
    List<Long> delays = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable()));
      delays.add(timer.millis());
      assertThat(machine.reconnectMillis()).isEqualTo(timer.millis());
      session = only(SyncAction.Connect.class, machine.timer(timer.token())).session();
    }
    // The random source gives the largest number below each span.
    assertThat(delays).containsExactly(100L, 200L, 400L, 800L, 1_000L, 1_000L);
    machine.connected(session);
    store(receive(welcome()));
    receive(transactions(0));
    assertThat(only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable())).millis()).isEqualTo(100);
  }

  @Test
  void theDelayThatTheServerAsksForIsKept() {
    begin();
    List<SyncAction> actions = receive(new Message.Failed(
        Keyword.of(":rebasis.error/clock-behind"), ErrorCategory.RETRY_LATER, "later", 5_000, true));
    assertThat(only(SyncAction.SetTimer.class, actions).millis()).isEqualTo(5_000);
  }

  @Test
  void eventsOfAnEarlierConnectionAreIgnored() {
    connect();
    long old = session;
    SyncAction.SetTimer timer = only(SyncAction.SetTimer.class, machine.disconnected(session, unreachable()));
    machine.timer(timer.token());
    assertThat(machine.received(old, welcome())).isEmpty();
    assertThat(machine.disconnected(old, unreachable())).isEmpty();
    assertThat(machine.state()).isEqualTo(ConnectionState.CONNECTING);
  }

  @Test
  void offlineStaysOffline() {
    begin();
    List<SyncAction> actions = machine.goOffline();
    assertThat(sent(Message.Bye.class, actions)).hasSize(1);
    only(SyncAction.Disconnect.class, actions);
    assertThat(machine.disconnected(session, unreachable())).isEmpty();
    assertThat(machine.reconnectMillis()).isEqualTo(-1);
    assertThat(all(SyncAction.Connect.class, machine.goOnline())).hasSize(1);
  }

  private static RebasisException unreachable() {
    return new RebasisException(Keyword.of(":rebasis.error/server-unreachable"), ErrorCategory.RETRY_LATER, "gone");
  }

  // ---- pushing

  @Test
  void pushesInOrderInBatchesUpToTheWindow() {
    for (long seq = 1; seq <= 7; seq++) {
      machine.madeLocally(intent(seq));
    }
    begin();
    List<Message.Push> pushes = sent(Message.Push.class, catchUp(0));
    assertThat(pushes.stream().map(SyncMachineTest::seqs)).containsExactly(List.of(1L, 2L), List.of(3L, 4L));
    // Room for one is not used while more than that wait: no crumbs.
    assertThat(sent(Message.Push.class, answer(intent(1)))).isEmpty();
    assertThat(sent(Message.Push.class, answer(intent(2))).stream().map(SyncMachineTest::seqs))
        .containsExactly(List.of(5L, 6L));
    assertThat(sent(Message.Push.class, answer(intent(3))).stream().map(SyncMachineTest::seqs))
        .containsExactly(List.of(7L));
  }

  /** Answers with an outcome whose transaction has not come. */
  private List<SyncAction> answer(Intent intent) {
    PushOutcome outcome = server.push(CLIENT, intent);
    return receive(new Message.Outcomes(List.of(outcome)));
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
    assertThat(sent(Message.Push.class, machine.applied(apply.number(), before + 1)).stream().map(SyncMachineTest::seqs))
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

  // ---- receiving

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

  // ---- the end

  @Test
  void closeSaysGoodbyeAndFailsWhoWaits() {
    begin();
    machine.sync(5, 99_999, 0);
    List<SyncAction> actions = machine.close();
    assertThat(sent(Message.Bye.class, actions)).hasSize(1);
    assertThat(only(SyncAction.Synced.class, actions).error().code())
        .isEqualTo(Keyword.of(":rebasis.error/client-closed"));
    assertThat(receive(transactions(0))).isEmpty();
    assertThat(machine.goOnline()).isEmpty();
    assertThat(machine.close()).isEmpty();
  }

  @Test
  void nothingIsSentStoredOrAppliedAfterAStorageFailure() {
    begin();
    List<SyncAction> arrived = receive(transactions(0));
    RebasisException failure =
        new RebasisException(Keyword.of(":rebasis.error/store-failed"), ErrorCategory.ASK_PERSON, "disk full");
    only(SyncAction.Disconnect.class, machine.storageFailed(failure));
    assertThat(machine.lastError()).isSameAs(failure);
    assertThat(store(arrived)).isEmpty();
    assertThat(machine.madeLocally(intent(1))).isEmpty();
    assertThat(machine.goOnline()).isEmpty();
  }
}
