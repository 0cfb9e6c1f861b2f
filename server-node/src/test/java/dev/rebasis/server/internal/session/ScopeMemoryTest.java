package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Transaction;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: what the server remembers of scopes has a bound, one user cannot take all of it, whoever meets it is told, and what is no longer
 * held is given back. Method: real sessions and queries over a thousand orders, with room for some thousands of places.
 */
class ScopeMemoryTest {
  private static final String COST = ":rebasis.error/scope-cost";
  private static final int ORDERS = 1_000;
  /** A user's quarter has room for two scopes with all orders, and not for three. */
  private static final long BYTES_MAX = 4 * 2_500 * 390L;

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT.withScopeBytes(BYTES_MAX));

  @BeforeEach
  void orders() {
    InlineTransact.transact(inline, master,
        "[{:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]");
    transact(0, ORDERS);
  }

  @AfterEach
  void close() {
    master.close();
  }

  private void transact(int from, int to) {
    StringBuilder orders = new StringBuilder("[");
    for (int i = from; i < to; i++) {
      orders.append("{:order/quantity ").append(i).append('}');
    }
    InlineTransact.transact(inline, master, orders.append(']').toString());
  }

  /** All orders with at least so many; each number is a scope of its own. */
  private static ScopeSpec atLeast(long quantity) {
    return new ScopeSpec("s", Edn.read("[:find ?o :in $ ?i :where [?o :order/quantity ?q] [(>= ?q ?i)]]"), List.of(quantity), null);
  }

  private VirtualClient connect(String user, long store, ScopeSpec scope) {
    VirtualClient client = VirtualClient.connect(machine, store, new Access(new User(user, Set.of(), null), Role.ALL));
    inline.execute(() -> client.session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, store), 0,
        null, 0, 1_000_000, null, List.of(scope), List.of(scope))));
    return client;
  }

  private static String failure(VirtualClient client) {
    List<Message.Failed> failed = client.all(Message.Failed.class);
    return failed.isEmpty() ? "none" : failed.get(0).code() + " " + failed.get(0).message();
  }

  @Test
  void aUserTakesAQuarter_othersHaveTheirs_andAllTogetherNoMoreThanThereIs() {
    assertThat(failure(connect("mallory", 1, atLeast(0)))).isEqualTo("none");
    assertThat(failure(connect("mallory", 2, atLeast(-1)))).isEqualTo("none");
    VirtualClient third = connect("mallory", 3, atLeast(-2));
    assertThat(failure(third)).startsWith(COST + " The scopes of this user");
    assertThat(third.last(Message.Failed.class).retryAfterMillis()).isPositive();
    long held = machine.parts().bytes();
    for (int user = 0; user < 3; user++) {
      assertThat(failure(connect("user" + user, 10 + user, atLeast(-10 - user)))).isEqualTo("none");
      assertThat(failure(connect("user" + user, 20 + user, atLeast(-20 - user)))).isEqualTo("none");
    }
    assertThat(machine.parts().bytes()).isBetween(3 * held, BYTES_MAX);
    connect("more", 30, atLeast(-30));
    assertThat(failure(connect("yet more", 31, atLeast(-31)))).startsWith(COST + " The scopes of all users");
  }

  @Test
  void aSharedScopeIsThereOnce_andWhoeverComesToItIsLetIn() {
    connect("ann", 1, atLeast(0));
    connect("ann", 2, atLeast(-1));
    long held = machine.parts().bytes();
    for (int store = 10; store < 30; store++) {
      assertThat(failure(connect("user" + store, store, atLeast(0)))).isEqualTo("none");
      assertThat(failure(connect("ann", 100 + store, atLeast(-1)))).isEqualTo("none");
    }
    assertThat(machine.parts().bytes()).isEqualTo(held);
  }

  @Test
  void whatIsNoLongerHeldIsGivenBack_alsoOfWhoWasRefused() {
    List<VirtualClient> held = List.of(connect("ann", 1, atLeast(0)), connect("ann", 2, atLeast(-1)), connect("ann", 3, atLeast(-2)),
        connect("bob", 4, atLeast(0)));
    assertThat(machine.parts().bytes()).isPositive();
    held.forEach(client -> inline.execute(client.session::closed));
    assertThat(machine.parts().bytes()).isZero();
    assertThat(failure(connect("ann", 5, atLeast(-3)))).isEqualTo("none");
  }

  @Test
  void otherScopesThatAreTooLargeAreRefused_andWhatWasHeldStays() {
    connect("ann", 1, atLeast(-1));
    VirtualClient client = connect("ann", 2, atLeast(500));
    long held = machine.parts().bytes();
    inline.execute(() -> client.session.received(new Message.Scope(7, List.of(atLeast(-2)))));
    assertThat(failure(client)).startsWith(COST);
    assertThat(client.last(Message.Failed.class).fatal()).isFalse();
    assertThat(client.last(Message.Failed.class).retryAfterMillis()).isPositive();
    assertThat(machine.parts().bytes()).isEqualTo(held);
    inline.execute(() -> client.session.received(new Message.Scope(8, List.of(atLeast(400)))));
    assertThat(client.all(Message.ScopeChange.class)).isNotEmpty();
  }

  @Test
  void rulesThatNeedTooMuchEndTheSession_whichWouldGoOnByTheFormerOnes() {
    connect("ann", 1, atLeast(0));
    connect("ann", 2, atLeast(-1));
    VirtualClient client = VirtualClient.connect(machine, 3, new Access(new User("ann", Set.of(), null), reading(900)));
    inline.execute(() -> client.session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 3), 0,
        null, 0, 1_000_000)));
    assertThat(failure(client)).isEqualTo("none");
    inline.execute(() -> machine.accessChanged(
        access -> access.readable() == null ? access : new Access(access.user(), reading(-2))));
    assertThat(failure(client)).startsWith(COST);
    assertThat(client.last(Message.Failed.class).fatal()).isTrue();
    assertThat(client.closed).isTrue();
  }

  private static Role reading(long least) {
    return new Role(Set.of(), null, List.of(),
        List.of(ReadRule.query("[:find ?o :where [?o :order/quantity ?q] [(>= ?q " + least + ")]]", null)), Set.of());
  }

  @Test
  void aPartThatGrowsTooLargeByWritesEnds_andOthersThatGrowWithItGoOn() {
    VirtualClient large = connect("mallory", 1, atLeast(0));
    List<VirtualClient> small = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      small.add(connect(i < 3 ? "mallory" : "user" + i, 10 + i, atLeast(3 * ORDERS - 20 - i)));
    }
    // Some of them are advanced after the large one, in the batch that is too much for it.
    transact(ORDERS, 2 * ORDERS);
    assertThat(failure(large)).isEqualTo("none");
    transact(2 * ORDERS, 3 * ORDERS);
    assertThat(failure(large)).startsWith(COST);
    assertThat(small).allSatisfy(client -> {
      assertThat(failure(client)).isEqualTo("none");
      assertThat(seen(client)).isGreaterThanOrEqualTo(20);
    });
    assertThat(machine.parts().bytes()).isLessThan(small.size() * 40 * 400L);
  }

  @Test
  void whatIsTooMuchForAllEndsThePartThatGrew_andNotThoseThatGrowAfterIt() {
    // Each of these users has a little less than a quarter.
    List<VirtualClient> large = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      large.add(connect("user" + i, i, atLeast(-i)));
      large.add(connect("user" + i, 10 + i, atLeast(-10 - i)));
    }
    List<VirtualClient> small = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      small.add(connect("small" + i, 100 + i, atLeast(ORDERS + 200 - i)));
    }
    transact(ORDERS, ORDERS + 240);
    assertThat(large).anyMatch(client -> failure(client).startsWith(COST)).anyMatch(client -> failure(client).equals("none"));
    assertThat(small).allMatch(client -> failure(client).equals("none"));
    assertThat(machine.parts().bytes()).isLessThanOrEqualTo(BYTES_MAX);
  }

  @Test
  void whoWantsThePartThatEndedMayHaveItOnceThereIsRoom_alsoIfAnotherHeldItAndTookNothing() {
    VirtualClient lingers = VirtualClient.connect(machine, 1, new Access(new User("ann", Set.of(), null), Role.ALL));
    inline.execute(() -> lingers.session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 1), 0,
        null, 0, 0, null, List.of(atLeast(0)), List.of(atLeast(0)))));
    VirtualClient old = connect("ann", 2, new ScopeSpec(
        "old", Edn.read("[:find ?o :where [?o :order/quantity ?q] [(< ?q 1000)]]"), List.of(), null));
    transact(ORDERS, ORDERS + 800);
    assertThat(failure(lingers)).startsWith(COST);
    assertThat(failure(old)).isEqualTo("none");
    inline.execute(old.session::closed);
    assertThat(failure(connect("ann", 3, atLeast(0)))).isEqualTo("none");
  }

  private static long seen(VirtualClient client) {
    return client.all(Message.Transactions.class).stream().flatMap(message -> message.transactions().stream())
        .flatMap(transaction -> transaction.datoms().stream()).filter(datom -> datom.v() instanceof Long).count();
  }

  @Test
  void aClientThatWasAwayPaysForTheWayBackOnlyWhileItLasts() {
    VirtualClient client = connect("ann", 1, atLeast(700));
    List<Transaction> seen = client.last(Message.Transactions.class).transactions();
    long t = seen.get(seen.size() - 1).t();
    inline.execute(client.session::closed);
    transact(ORDERS, ORDERS + 10);
    VirtualClient again = VirtualClient.connect(machine, 1, new Access(new User("ann", Set.of(), null), Role.ALL));
    inline.execute(() -> again.session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 1), 0,
        null, t, 1_000_000, null, List.of(atLeast(710)), List.of(atLeast(700)))));
    assertThat(failure(again)).isEqualTo("none");
    long held = machine.parts().bytes();
    inline.execute(again.session::closed);
    assertThat(machine.parts().bytes()).isZero();
    connect("ann", 2, atLeast(710));
    assertThat(held).as("as much as a new client with the same scope").isEqualTo(machine.parts().bytes());
  }
}
