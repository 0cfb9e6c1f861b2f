package dev.rebasis.client.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreIds;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whenever a program changes what it wants, the server is asked for it, and digests wait until it is there. */
class ScopeRequestTest extends MachineRig {
  private static final List<ScopeSpec> ORDERS = List.of(spec("orders"));
  private static final List<ScopeSpec> LINES = List.of(spec("lines"));

  private static ScopeSpec spec(String name) {
    return new ScopeSpec(name, Edn.read("[:find ?e :where [?e :db/doc \"" + name + "\"]]"), List.of(), null);
  }

  /** A store that holds orders up to the server's T. */
  private void holdsOrders() {
    server.transact("[[:db/add \"x\" :db/doc \"orders\"]]");
    machine = new SyncMachine(new SyncSettings(TUNING, true, bound -> bound - 1, () -> new UUID(1, 9),
        new StoreIds(STORE, DATABASE, CLIENT, null, null, null, 0, null, null), server.t(), null, Bootstrap.schema(), server.t(), 0,
        false, ORDERS, new LogEntry.Part(ORDERS, true), null));
  }

  private List<SyncAction> welcomed() {
    List<SyncAction> actions = receive(
        new Message.Welcome(ProtocolVersion.CURRENT, Set.of("part"), DATABASE, CLIENT, server.t()));
    store(actions);
    return actions;
  }

  @Test
  void whatIsWantedBetweenHelloAndWelcomeIsAskedForAfterTheWelcome() {
    holdsOrders();
    Message.Hello hello = connect();
    assertThat(hello.scopes()).isEqualTo(ORDERS);
    assertThat(sent(Message.Scope.class, machine.scope(5, LINES))).as("there is no session to say it in").isEmpty();

    assertThat(sent(Message.Scope.class, welcomed())).containsExactly(new Message.Scope(5, LINES));
  }

  @Test
  void whatTheHelloSaidIsNotSaidAgain() {
    holdsOrders();
    machine.scope(5, LINES);
    assertThat(connect().scopes()).isEqualTo(LINES);
    assertThat(sent(Message.Scope.class, welcomed())).isEmpty();
  }

  @Test
  void digestsAreNotComparedWhileScopesChange() {
    holdsOrders();
    machine.scope(5, LINES);
    connect();
    assertThat(all(SyncAction.Verify.class, welcomed())).as("the server would compare with what is wanted").isEmpty();
  }

  /** A session in which other scopes were asked for, and the answer is under way. */
  private void asksForLines() {
    holdsOrders();
    connect();
    welcomed();
    assertThat(sent(Message.Scope.class, machine.scope(5, LINES))).hasSize(1);
  }

  @Test
  void aChangeThatIsRefusedForNowSaysWhenToAskAgain() {
    asksForLines();
    List<SyncAction> actions = receive(
        new Message.Failed(Keyword.of(":rebasis.error/scope-cost"), ErrorCategory.RETRY_LATER, "too many", 60_000, false));
    SyncAction.Scoped answer = only(SyncAction.Scoped.class, actions);
    assertThat(answer.ref()).isEqualTo(5);
    assertThat(answer.error().retryAfter()).isEqualTo(Duration.ofSeconds(60));
    assertThat(all(SyncAction.Disconnect.class, actions)).as("the session goes on").isEmpty();
  }

  private static Message.ScopeChange change(long ref, long t) {
    return new Message.ScopeChange(ref, new Transaction(t, List.of(), List.of(4_000L)), true);
  }

  /** What the client says next once the session has ended. */
  private Message.Hello nextHello(List<SyncAction> actions) {
    only(SyncAction.Disconnect.class, actions);
    SyncAction.SetTimer wait = only(SyncAction.SetTimer.class, actions);
    store(actions);
    session = only(SyncAction.Connect.class, machine.timer(wait.token())).session();
    return sent(Message.Hello.class, machine.connected(session)).get(0);
  }

  private static List<LogEntry> written(List<SyncAction> actions) {
    return all(SyncAction.Persist.class, actions).stream().flatMap(persist -> persist.entries().stream()).toList();
  }

  @Test
  void aChangeThatWasOvertakenByWhatFollowsOnItLeavesNothingToGoOnFrom() {
    asksForLines();
    long t = server.t();
    server.transact("[[:db/add \"x\" :db/doc \"lines\"]]");
    store(receive(transactions(t)));
    List<SyncAction> actions = receive(change(5, t));
    assertThat(written(actions)).hasAtLeastOneElementOfType(LogEntry.DropConfirmed.class);

    Message.Hello hello = nextHello(actions);
    assertThat(hello.t()).isZero();
    assertThat(hello.scopes()).isEqualTo(LINES);
  }

  @Test
  void aChangeThatOvertookWhatItFollowsOnChangesNothing() {
    asksForLines();
    List<SyncAction> actions = receive(change(5, server.t() + 2));
    assertThat(written(actions)).isEmpty();

    Message.Hello hello = nextHello(actions);
    assertThat(hello.t()).isEqualTo(server.t());
    assertThat(hello.held()).as("it was not taken in").isEqualTo(ORDERS);
    assertThat(hello.scopes()).isEqualTo(LINES);
  }

  @Test
  void aChangeThatComesTwiceIsNotTakenInAgain() {
    asksForLines();
    store(receive(change(5, server.t())));
    List<SyncAction> actions = receive(change(5, server.t()));
    assertThat(written(actions)).doesNotHaveAnyElementsOfTypes(LogEntry.Confirmed.class);
    assertThat(nextHello(actions).t()).as("a part of it may have been overtaken by its end").isZero();
  }

  @Test
  void otherScopesAreHeldOnceViewsShowThem() {
    asksForLines();
    List<SyncAction> actions = receive(change(5, server.t()));
    assertThat(machine.scopes().held()).as("their change has arrived").isFalse();
    List<SyncAction> stored = store(actions);
    assertThat(machine.scopes().held()).as("their change is stored").isFalse();
    all(SyncAction.Apply.class, stored).forEach(apply -> machine.applied(apply.number(), server.t()));
    assertThat(machine.scopes().held()).as("their change is shown").isTrue();
  }
}
