package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.edn.Edn;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.access.AccessRules.Role;
import dev.rebasis.server.access.ReadRule;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: a session with room for a message begins with new rules and goes on, one without is ended. Method: a client that takes
 * nothing for a while.
 */
class RulesChangeRoomTest {
  private static final int BATCH = 5;
  private static final int FRAMES_UNSENT = 2;

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  private final ServerMachine machine =
      new ServerMachine(master, new SessionLimits(BATCH, FRAMES_UNSENT, 30, 100, 10_000, 1_000_000));

  @AfterEach
  void close() {
    master.close();
  }

  private void transact(String forms) {
    InlineTransact.transact(inline, master, forms);
  }

  private static Role reading(String region) {
    ReadRule rule = ReadRule.query("[:find ?o :where [?o :order/region \"" + region + "\"]]", null);
    return new Role(Set.of(), null, List.of(), List.of(rule), Set.of());
  }

  /** A client that sees one region, was sent all, and takes nothing from now on. */
  private VirtualClient slowClient() {
    writeOrders();
    VirtualClient client = welcomed(1, 1_000_000, null);
    client.slow = true;
    return client;
  }

  /** The same, but that it is its credit that is used up, all but a rest. */
  private VirtualClient clientWithCredit(int rest, List<ScopeSpec> scopes) {
    long all = welcomed(1, 1_000_000, scopes).all(Message.Transactions.class).stream().flatMap(batch -> batch.transactions().stream())
        .mapToLong(transaction -> transaction.datoms().size()).sum();
    return welcomed(2, all + rest, scopes);
  }

  private void writeOrders() {
    transact("[{:db/ident :order/region :db/valueType :db.type/string :db/cardinality :db.cardinality/one}"
        + "{:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    transact("[{:order/region \"emea\" :order/note \"near\"} {:order/region \"apac\" :order/note \"far\"}]");
  }

  private VirtualClient welcomed(long store, long credit, List<ScopeSpec> scopes) {
    VirtualClient client = VirtualClient.connect(machine, store, new Access(new User("ann", Set.of("sales"), null), reading("emea")));
    inline.execute(() -> client.session.received(
        new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), client.store, 0, null, 0, credit, null, scopes, scopes)));
    return client;
  }

  private static ScopeSpec noted(String note) {
    return new ScopeSpec(note, Edn.read("[:find ?o :in $ ?n :where [?o :order/note ?n]]"), List.of(note), null);
  }

  private void send(VirtualClient client, Message.FromClient message) {
    inline.execute(() -> client.session.received(message));
  }

  private void rulesChange() {
    inline.execute(() -> machine.accessChanged(access -> new Access(access.user(), reading("apac"))));
  }

  @Test
  void withRoomForWhereItStands_theSessionGoesOnByTheNewRules() {
    VirtualClient client = slowClient();
    transact("[{:order/region \"emea\" :order/note \"new\"}]");
    transact("[{:order/region \"apac\" :order/note \"not seen yet\"}]");
    assertThat(client.unsent).as("room for one more").hasSize(FRAMES_UNSENT - 1);
    rulesChange();
    assertThat(client.all(Message.Failed.class)).isEmpty();
    assertThat(client.unsent).hasSize(FRAMES_UNSENT);
    assertThat(client.all(Message.ScopeChange.class)).as("no room for it yet").isEmpty();
    transact("[{:order/region \"emea\" :order/note \"seen no more\"} {:order/region \"apac\" :order/note \"after\"}]");
    takeAll(client);
    Message.ScopeChange change = client.last(Message.ScopeChange.class);
    assertThat(change.ref()).isZero();
    assertThat(change.last()).isTrue();
    assertThat(values(change.change().datoms())).contains("far", "not seen yet").doesNotContain("near", "new", "after");
    assertThat(change.change().withdrawn()).as("two that come, two that leave").hasSize(4);
    assertThat(client.ts(0)).endsWith(change.change().t(), master.forcedT());
    List<Datom> newest = client.last(Message.Transactions.class).transactions().get(0).datoms();
    assertThat(values(newest)).contains("after").doesNotContain("seen no more");
    assertThat(client.closed).isFalse();
  }

  @Test
  void withoutRoom_itEnds() {
    VirtualClient client = slowClient();
    transact("[{:order/region \"emea\" :order/note \"new\"}]");
    transact("[{:order/region \"emea\" :order/note \"newer\"}]");
    assertThat(client.unsent).hasSize(FRAMES_UNSENT);
    rulesChange();
    assertThat(client.last(Message.Failed.class).code()).hasToString(":rebasis.error/rules-changed");
    takeAll(client);
    assertThat(client.all(Message.ScopeChange.class)).isEmpty();
  }

  @Test
  void whatWaitsForCredit_isByTheNewRules() {
    writeOrders();
    for (int i = 0; i < 3 * BATCH; i++) {
      transact("[{:order/region \"apac\" :order/note \"far " + i + "\"}]");
    }
    VirtualClient client = clientWithCredit(1, null);
    int before = client.received.size();
    rulesChange();
    assertThat(client.all(Message.Failed.class)).isEmpty();
    assertThat(client.all(Message.ScopeChange.class)).as("what one piece of credit is good for").hasSize(1)
        .noneMatch(Message.ScopeChange::last);
    transact("[{:order/region \"emea\" :order/note \"seen no more\"} {:order/region \"apac\" :order/note \"after\"}]");
    assertThat(client.all(Message.ScopeChange.class)).as("no credit").hasSize(1);
    send(client, new Message.PullCredit(1_000_000));
    List<Message.ScopeChange> changes = client.all(Message.ScopeChange.class);
    assertThat(changes.subList(0, changes.size() - 1)).noneMatch(Message.ScopeChange::last);
    assertThat(changes.get(changes.size() - 1).last()).isTrue();
    List<Object> values = values(changes.stream().flatMap(change -> change.change().datoms().stream()).toList());
    for (int i = 0; i < 3 * BATCH; i++) {
      assertThat(values).contains("far " + i);
    }
    assertThat(values).doesNotContain("near", "after");
    assertThat(changes.stream().flatMap(change -> change.change().withdrawn().stream())).as("those that leave among them").hasSizeGreaterThan(3 * BATCH);
    List<Object> later = values(client.received.subList(before, client.received.size()).stream()
        .filter(Message.Transactions.class::isInstance).flatMap(batch -> ((Message.Transactions) batch).transactions().stream())
        .flatMap(transaction -> transaction.datoms().stream()).toList());
    assertThat(later).contains("after").doesNotContain("seen no more", "near");
    assertThat(client.closed).isFalse();
  }

  @Test
  void whoHasComeToOtherScopes_goesOnWithTheseByTheNewRules() {
    writeOrders();
    transact("[{:order/region \"apac\" :order/note \"farther\"}]");
    VirtualClient client = clientWithCredit(1_000, List.of(noted("near")));
    send(client, new Message.Scope(1, List.of(noted("far"))));
    assertThat(client.last(Message.ScopeChange.class).ref()).isEqualTo(1);
    assertThat(values(client.last(Message.ScopeChange.class).change().datoms())).as("not by the former rules").doesNotContain("far");
    rulesChange();
    Message.ScopeChange change = client.last(Message.ScopeChange.class);
    assertThat(change.ref()).isZero();
    assertThat(values(change.change().datoms())).contains("far").doesNotContain("near", "farther");
    assertThat(client.closed).isFalse();
  }

  @Test
  void whoHasAskedForOtherScopes_andHasNoCreditForThem_isSentNothingMore() {
    writeOrders();
    VirtualClient client = clientWithCredit(0, List.of(noted("far")));
    send(client, new Message.Scope(1, List.of(noted("near"))));
    assertThat(client.all(Message.ScopeChange.class)).as("no credit").isEmpty();
    rulesChange();
    assertThat(client.last(Message.Failed.class).code()).hasToString(":rebasis.error/rules-changed");
    assertThat(client.closed).isTrue();
    send(client, new Message.PullCredit(1_000_000));
    assertThat(client.all(Message.ScopeChange.class)).isEmpty();
    assertThat(client.received.get(client.received.size() - 1)).isInstanceOf(Message.Failed.class);
  }

  private void takeAll(VirtualClient client) {
    client.slow = false;
    while (!client.unsent.isEmpty()) {
      inline.execute(client.unsent.poll());
    }
  }

  private static List<Object> values(List<Datom> datoms) {
    return datoms.stream().map(Datom::v).toList();
  }
}
