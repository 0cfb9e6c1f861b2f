package dev.rebasis.client.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The machine's numbered contract, one event at a time: connecting, reconnecting, the end. Method: each test gives events
 * and looks at the actions that come back.
 */
class SyncMachineTest extends MachineRig {
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
        .containsExactly(new LogEntry.DatabaseId(DATABASE), new LogEntry.ClientNumber(CLIENT), new LogEntry.UserName(""));
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
  void whatWasGivenUpIsNotCaughtUpWithWhileASlowDiskStillHasToForgetIt() {
    machine = machine(TUNING, DATABASE, CLIENT, 0);
    connect();
    receive(welcome());
    catchUp(0);
    assertThat(machine.state()).isEqualTo(ConnectionState.LIVE);
    machine.goOffline();
    connect();
    Message.Welcome forked = new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), DATABASE, CLIENT, server.t(), null, 0,
        List.of(new Fork(server.t() - 1, server.t(), new UUID(8, 8))), null);
    List<SyncAction> givenUp = receive(forked);
    only(SyncAction.Disconnect.class, givenUp);
    machine.goOffline();
    connect();
    machine.sync(7, server.t(), 0);
    List<SyncAction> actions = new ArrayList<>(receive(forked));
    assertThat(machine.state()).as("the same T, on another way").isEqualTo(ConnectionState.CATCHING_UP);
    actions.addAll(receive(transactions(0)));
    assertThat(all(SyncAction.Synced.class, actions)).isEmpty();
    givenUp.addAll(actions);
    List<SyncAction> stored = store(givenUp);
    List<SyncAction.Apply> applies = all(SyncAction.Apply.class, stored);
    assertThat(applies).extracting(SyncAction.Apply::view)
        .containsExactly(SyncAction.View.DROPPED, SyncAction.View.FORKED);
    assertThat(all(SyncAction.Synced.class, machine.applied(applies.get(0).number(), -1))).isEmpty();
    assertThat(machine.state()).isEqualTo(ConnectionState.CATCHING_UP);
    assertThat(machine.applied(applies.get(1).number(), server.t())).contains(new SyncAction.Synced(7, null));
    assertThat(machine.state()).isEqualTo(ConnectionState.LIVE);
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
    assertThat(machine.lastError().retryAfter()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void aRefusalThatEndsNoSessionTellsTheProgramWhenToComeBack() {
    begin();
    receive(new Message.Failed(Keyword.of(":rebasis.error/disk-full"), ErrorCategory.RETRY_LATER, "later", 5_000, false));
    assertThat(machine.lastError().retryAfter()).isEqualTo(Duration.ofSeconds(5));
    receive(new Message.Failed(Keyword.of(":rebasis.error/disk-full"), ErrorCategory.RETRY_LATER, "later", 0, false));
    assertThat(machine.lastError().retryAfter()).as("nobody said when").isNull();
    assertThat(machine.lastError().data()).isEmpty();
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
