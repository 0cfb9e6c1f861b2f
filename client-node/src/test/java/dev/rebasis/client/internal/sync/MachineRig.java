package dev.rebasis.client.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/**
 * A machine whose storage and connection are the test itself: what tests of it say and look for. Transactions come from a
 * fake server that writes the same records as the real one.
 */
abstract class MachineRig {
  static final UUID STORE = new UUID(1, 1);
  static final UUID DATABASE = new UUID(2, 2);
  static final UUID OTHER_DATABASE = new UUID(3, 3);
  static final long CLIENT = 7;
  static final Tuning TUNING = Tuning.DEFAULT
      .withBackoff(Duration.ofMillis(100), Duration.ofMillis(1_000))
      .withPush(2, 4)
      .withCreditDatoms(40);

  final FakeServer server = new FakeServer();
  SyncMachine machine = machine(TUNING, null, 0, 0);
  long session;
  long lastPersisted;

  @AfterEach
  void closeServer() {
    server.close();
  }

  static SyncMachine machine(Tuning tuning, UUID database, long client, long t) {
    return new SyncMachine(new SyncSettings(
        tuning, true, bound -> bound - 1, STORE, client, database, t, Bootstrap.schema()));
  }

  static <T> T only(Class<T> type, List<SyncAction> actions) {
    List<T> found = all(type, actions);
    assertThat(found).as(type.getSimpleName() + " in " + actions).hasSize(1);
    return found.get(0);
  }

  static <T> List<T> all(Class<T> type, List<SyncAction> actions) {
    return actions.stream().filter(type::isInstance).map(type::cast).toList();
  }

  static <T> List<T> sent(Class<T> type, List<SyncAction> actions) {
    return all(SyncAction.Send.class, actions).stream()
        .map(SyncAction.Send::message).filter(type::isInstance).map(type::cast).toList();
  }

  Message.Hello connect() {
    session = only(SyncAction.Connect.class, machine.goOnline()).session();
    return sent(Message.Hello.class, machine.connected(session)).get(0);
  }

  List<SyncAction> receive(Message.FromServer message) {
    return machine.received(session, message);
  }

  Message.Welcome welcome() {
    return new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), DATABASE, CLIENT, server.t());
  }

  /** Connected, welcomed, its identity stored. */
  List<SyncAction> begin() {
    connect();
    List<SyncAction> actions = new ArrayList<>(receive(welcome()));
    actions.addAll(store(actions));
    return actions;
  }

  List<SyncAction> store(List<SyncAction> actions) {
    for (SyncAction.Persist persist : all(SyncAction.Persist.class, actions)) {
      lastPersisted = persist.number();
    }
    return machine.stored(lastPersisted);
  }

  /** Gives everything that the server has after a T, stores it and applies it. */
  List<SyncAction> catchUp(long after) {
    List<SyncAction> actions = new ArrayList<>(receive(transactions(after)));
    List<SyncAction> stored = store(actions);
    actions.addAll(stored);
    for (SyncAction.Apply apply : all(SyncAction.Apply.class, stored)) {
      actions.addAll(machine.applied(apply.number(), server.t()));
    }
    return actions;
  }

  Message.Transactions transactions(long after) {
    return new Message.Transactions(after, server.after(after), server.t());
  }

  static Intent intent(long seq) {
    Keyword doc = Keyword.of(":db/doc");
    return new Intent(new UUID(9, seq), seq, 0, Samples.EPOCH,
        List.of(List.of(Keyword.of(":db/add"), "x", doc, "doc " + seq)),
        Map.of(Intent.TX_TEMPID, 2 * seq, "x", 2 * seq + 1));
  }

  static List<Long> seqs(Message.Push push) {
    return push.intents().stream().map(Intent::seq).toList();
  }

  static RebasisException unreachable() {
    return new RebasisException(Keyword.of(":rebasis.error/server-unreachable"), ErrorCategory.RETRY_LATER, "gone");
  }

  /** Answers with an outcome whose transaction has not come. */
  List<SyncAction> answer(Intent intent) {
    PushOutcome outcome = server.push(CLIENT, intent);
    return receive(new Message.Outcomes(List.of(outcome)));
  }
}
