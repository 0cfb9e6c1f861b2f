package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.access.AccessRules.Role;
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
 * Goal: one user's scopes cannot hold the core for long, at the hello or write by write, and others go on. Method: real sessions
 * and real queries on a clock of the test's, which runs while queries are asked.
 */
class ScopeCostTest {
  private static final long SECOND = 1_000_000_000L;
  private static final String COST = ":rebasis.error/scope-cost";

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  private long now;
  private long step;
  private final ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT, () -> now += step);

  @BeforeEach
  void schema() {
    transact("[{:db/ident :order/region :db/valueType :db.type/string :db/cardinality :db.cardinality/one}"
        + "{:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]");
  }

  @AfterEach
  void close() {
    master.close();
  }

  private void transact(String forms) {
    InlineTransact.transact(inline, master, forms);
  }

  private VirtualClient connect(String user, long store, int scopes) {
    List<ScopeSpec> specs = new ArrayList<>();
    for (int i = 0; i < scopes; i++) {
      // A join: asked as a whole whenever something that it names is written.
      specs.add(new ScopeSpec("s" + i, Edn.read("[:find ?o :in $ ?i :where [?o :order/region ?r] [?x :order/region ?r]"
          + " [?x :order/quantity ?q] [(> ?q ?i)]]"), List.of((long) i), null));
    }
    return connect(machine, user, store, specs);
  }

  private VirtualClient connect(ServerMachine to, String user, long store, List<ScopeSpec> specs) {
    VirtualClient client = VirtualClient.connect(to, store, new Access(new User(user, Set.of(), null), Role.ALL));
    inline.execute(() -> client.session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, store), 0,
        null, 0, 1_000_000, null, specs, specs)));
    return client;
  }

  private static String failure(VirtualClient client) {
    List<Message.Failed> failed = client.all(Message.Failed.class);
    return failed.isEmpty() ? "none" : failed.get(0).code() + " " + failed.get(0).message();
  }

  @Test
  void scopesThatTakeLongAtEachWriteAreEnded_andOthersAreServed() {
    VirtualClient mallory = connect("mallory", 1, 3);
    VirtualClient good = connect("good", 2, 0);
    assertThat(failure(mallory)).isEqualTo("none");
    step = SECOND / 4;
    int writes = 0;
    while (failure(mallory).equals("none") && writes < 200) {
      transact("[{:order/region \"r\" :order/quantity " + ++writes + "}]");
    }
    assertThat(failure(mallory)).matches(":rebasis.error/scope(-cost)? .*time.*");
    assertThat(writes).as("writes that were held up").isLessThan(100);
    step = 0;
    transact("[{:order/region \"r\" :order/quantity 1}]");
    assertThat(failure(good)).isEqualTo("none");
    assertThat(machine.sessionCount()).isEqualTo(1);
  }

  @Test
  void whoHasSpentAllComesBackLater_andNoSooner() {
    step = SECOND;
    VirtualClient mallory = connect("mallory", 1, 30);
    assertThat(failure(mallory)).as("thirty queries of some seconds each at one hello").contains("all the time");
    step = 0;
    VirtualClient again = connect("mallory", 3, 1);
    assertThat(failure(again)).startsWith(COST);
    assertThat(again.last(Message.Failed.class).retryAfterMillis()).isPositive();
    assertThat(failure(connect("good", 2, 1))).isEqualTo("none");
    now += again.last(Message.Failed.class).retryAfterMillis() * 1_000_000 + SECOND;
    assertThat(failure(connect("mallory", 4, 1))).isEqualTo("none");
  }

  @Test
  void aRealCrossJoinIsGivenUpInTime_andItsUserPaysForIt() {
    StringBuilder orders = new StringBuilder("[");
    for (int i = 0; i < 6_000; i++) {
      orders.append("{:order/region \"r").append(i).append("\" :order/quantity ").append(i).append('}');
    }
    transact(orders.append(']').toString());
    // On the real clock: 36 million pairs, of which Datomic has looked at a part when its time is over.
    ServerMachine real = new ServerMachine(master, SessionLimits.DEFAULT, System::nanoTime);
    List<ScopeSpec> crossing = List.of(new ScopeSpec("pairs", Edn.read("[:find ?o :where [?o :order/quantity ?p]"
        + " [?x :order/quantity ?q] [(* ?p ?q) ?product] [(= ?product -1)]]"), List.of(), null));
    VirtualClient good = connect(real, "good", 2, List.of());
    List<String> told = new ArrayList<>();
    for (int store = 10; store < 20 && told.stream().noneMatch(text -> text.startsWith(COST)); store++) {
      long began = System.nanoTime();
      told.add(failure(connect(real, "mallory", store, crossing)));
      assertThat(System.nanoTime() - began).as("nanoseconds for which one query held the core").isLessThan(15 * SECOND);
    }
    assertThat(told.get(0)).startsWith(":rebasis.error/scope ").contains("pairs");
    assertThat(told).as("soon all that this user may take is taken").anyMatch(text -> text.startsWith(COST));
    transact("[{:order/region \"new\" :order/quantity 1}]");
    assertThat(failure(good)).isEqualTo("none");
    assertThat(real.sessionCount()).isEqualTo(1);
  }

  @Test
  void aBudgetPaysOnceForWorkWithinWork_andNothingForWhatIsShort() {
    long[] clock = {0};
    ScopeBudget budget = new ScopeBudget(() -> clock[0]);
    for (int i = 0; i < 1_000; i++) {
      budget.begin();
      clock[0] += 4_000_000;
      budget.end();
    }
    assertThat(budget.isFull()).isTrue();
    budget.begin();
    budget.begin();
    clock[0] += 3 * SECOND;
    budget.end();
    budget.end();
    assertThat(budget.millisLeft()).isBetween(2_000L, 2_010L);
    clock[0] += 5 * SECOND;
    assertThat(budget.millisLeft()).isBetween(4_500L, 4_510L);
    clock[0] += 60 * SECOND;
    assertThat(budget.isFull()).isTrue();
  }
}
