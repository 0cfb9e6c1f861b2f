package dev.rebasis.client.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreIds;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whose facts a store holds and shows when its user changes, or may have changed: what another user saw goes at once, and what
 * is the user's own is not given up before it is known whose the session is.
 */
class OtherUserTest extends MachineRig {
  private static final List<ScopeSpec> ORDERS = List.of(
      new ScopeSpec("orders", Edn.read("[:find ?e :where [?e :db/doc \"orders\"]]"), List.of(), null));

  @BeforeEach
  void fill() {
    server.transact("[[:db/add \"x\" :db/doc \"ann's\"]]");
  }

  /** A store that holds what the server has, as somebody saw it. */
  private void holds(LogEntry.Part part, String user, String factsOf) {
    machine = new SyncMachine(new SyncSettings(TUNING, true, bound -> bound - 1, () -> STORE,
        new StoreIds(STORE, DATABASE, CLIENT, null, null, null, 0, user, factsOf), server.t(), null, Bootstrap.schema(), server.t(),
        0, true, part.scopes(), part, null));
  }

  private List<SyncAction> welcomed(String user, String... features) {
    List<SyncAction> actions = new ArrayList<>(receive(new Message.Welcome(ProtocolVersion.CURRENT, Set.of(features), DATABASE,
        CLIENT, server.t(), null, 0, List.of(), user)));
    actions.addAll(store(actions));
    return actions;
  }

  private static boolean forgets(List<SyncAction> actions) {
    return all(SyncAction.Persist.class, actions).stream().flatMap(persist -> persist.entries().stream())
        .anyMatch(LogEntry.DropConfirmed.class::isInstance);
  }

  private List<SyncAction> refusedAsLongAway() {
    return receive(new Message.Failed(
        Keyword.of(":rebasis.error/load-anew"), ErrorCategory.RETRY_LATER, "away long", 0, true));
  }

  private Message.Hello reconnect() {
    session = only(SyncAction.Connect.class, machine.timer(lastTimer)).session();
    return sent(Message.Hello.class, machine.connected(session)).get(0);
  }

  private long lastTimer;

  private List<SyncAction> noting(List<SyncAction> actions) {
    all(SyncAction.SetTimer.class, actions).forEach(timer -> lastTimer = timer.token());
    return actions;
  }

  @Test
  void factsOfAnotherAreHiddenAlsoIfTheTwoSeePartsOfDifferentKinds() {
    holds(LogEntry.Part.ALL, null, "ann");
    connect();
    List<SyncAction> actions = welcomed("bob", "part");
    assertThat(forgets(actions)).isTrue();
    assertThat(all(SyncAction.Apply.class, actions).get(0).view()).isEqualTo(SyncAction.View.HIDDEN);
  }

  @Test
  void afterARestartTheUserIsNoMoreKnownThanBefore() {
    holds(LogEntry.Part.ALL, null, "ann");
    assertThat(all(SyncAction.Synced.class, machine.sync(1, server.t(), 0))).as("it may be another's T").isEmpty();
    connect();
    assertThat(all(SyncAction.Synced.class, welcomed("bob"))).isEmpty();

    holds(LogEntry.Part.ALL, "ann", "ann");
    assertThat(all(SyncAction.Synced.class, machine.sync(1, server.t(), 0))).hasSize(1);
  }

  @Test
  void whatWasLoadedWithoutANameIsNotShownToOneWhoHasOne() {
    holds(LogEntry.Part.ALL, "", "");
    connect();
    List<SyncAction> actions = welcomed("bob");
    assertThat(forgets(actions)).isTrue();
    assertThat(all(SyncAction.Apply.class, actions).get(0).view()).isEqualTo(SyncAction.View.HIDDEN);

    holds(LogEntry.Part.ALL, "", "");
    connect();
    assertThat(forgets(welcomed(null))).as("still no name").isFalse();
  }

  @Test
  void anOlderStoreOfWhichNoNameIsKnownMetItsServerWithoutOne() {
    holds(LogEntry.Part.ALL, null, null);
    connect();
    assertThat(forgets(welcomed("bob"))).isTrue();

    holds(LogEntry.Part.ALL, null, null);
    connect();
    assertThat(forgets(welcomed(null))).isFalse();
  }

  @Test
  void whatWaitsUnderNoNameIsTakenUpByWhoeverIsNamedNext() {
    holds(LogEntry.Part.ALL, "", "");
    machine.restored(List.of(intent(1)));
    connect();
    List<SyncAction> actions = noting(welcomed("bob"));
    assertThat(forgets(actions)).isTrue();
    reconnect();
    assertThat(all(SyncAction.Disconnect.class, welcomed("bob"))).as("bob is welcome").isEmpty();
  }

  @Test
  void whatIsToBeLoadedAnewIsGivenUpWhenTheNewSessionHasBegun() {
    holds(new LogEntry.Part(ORDERS, true), "ann", "ann");
    assertThat(connect().t()).isEqualTo(server.t());
    assertThat(forgets(noting(refusedAsLongAway()))).as("nothing has come in its place").isFalse();
    assertThat(reconnect().t()).isZero();
    List<SyncAction> actions = welcomed("ann", "part");
    assertThat(forgets(actions)).isTrue();
    assertThat(all(SyncAction.Disconnect.class, actions)).isEmpty();
  }

  @Test
  void whoeverMustNotHaveTheStoreCannotHaveItForgetAnything() {
    holds(new LogEntry.Part(ORDERS, true), "ann", "ann");
    machine.restored(List.of(intent(1)));
    connect();
    assertThat(forgets(noting(refusedAsLongAway()))).isFalse();
    reconnect();
    List<SyncAction> actions = welcomed("bob", "part");
    only(SyncAction.Disconnect.class, actions);
    assertThat(forgets(actions)).as("what waits is ann's, and what she holds stays").isFalse();
  }
}
