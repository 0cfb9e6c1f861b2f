package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.access.AccessRules.Role;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions over a real master, in one thread, without a network. Pushes are tested in {@link PushSessionTest}. */
class ServerMachineTest {
  private static final long MUCH = 1_000_000;
  private static final SessionLimits SMALL = new SessionLimits(20, 2, 3, 100, 10_000, 1_000_000);

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, SMALL);

  @AfterEach
  void close() {
    master.close();
  }

  @Test
  void aNewClientIsWelcomedAndGetsEverything() {
    transact(3);
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    Message.Welcome welcome = c.last(Message.Welcome.class);
    assertThat(c.received.get(0)).isSameAs(welcome);
    assertThat(welcome.version()).isEqualTo(ProtocolVersion.CURRENT);
    assertThat(welcome.database()).isEqualTo(master.databaseId());
    assertThat(welcome.client()).isEqualTo(1);
    assertThat(welcome.basisT()).isEqualTo(master.forcedT());
    assertThat(c.ts(0)).isEqualTo(allTs());
  }

  @Test
  void eachStoreKeepsItsNumber() {
    assertThat(welcomed(11)).isEqualTo(1);
    assertThat(welcomed(12)).isEqualTo(2);
    assertThat(welcomed(11)).isEqualTo(1);
  }

  @Test
  void everyTransactionReachesEverySessionByTheSameFrame() {
    VirtualClient a = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    VirtualClient b = VirtualClient.connect(machine, 2).hello(null, 0, MUCH);
    transact(5);
    assertThat(a.ts(0)).isEqualTo(allTs());
    assertThat(b.ts(0)).isEqualTo(allTs());
    assertThat(a.frames.get(a.frames.size() - 1)).isSameAs(b.frames.get(b.frames.size() - 1));
  }

  @Test
  void catchUpBeginsWhereTheClientStands() {
    transact(4);
    long t = master.forcedT();
    transact(30);
    VirtualClient c = VirtualClient.connect(machine, 1).hello(master.databaseId(), t, MUCH);
    assertThat(c.ts(t)).isEqualTo(allTs().stream().filter(x -> x > t).toList());
    assertThat(c.all(Message.Transactions.class)).allSatisfy(message ->
        assertThat(message.transactions().stream().mapToInt(tx -> tx.datoms().size()).sum()).isLessThanOrEqualTo(20));
  }

  @Test
  void whoComesBackGetsSmallTransactionsTogetherAndSharesThem() {
    transact(1);
    long t = master.forcedT();
    transact(1);
    transact(1);
    transact(1);
    VirtualClient c = VirtualClient.connect(machine, 1).hello(master.databaseId(), t, MUCH);
    assertThat(c.ts(t)).isEqualTo(allTs().stream().filter(x -> x > t).toList());
    assertThat(c.all(Message.Transactions.class)).hasSizeLessThan(3);
    VirtualClient d = VirtualClient.connect(machine, 2).hello(master.databaseId(), t, MUCH);
    assertThat(d.all(Message.Transactions.class).get(0)).isSameAs(c.all(Message.Transactions.class).get(0));
    transact(1);
    assertThat(c.ts(t)).as("and what follows").isEqualTo(d.ts(t)).isEqualTo(allTs().stream().filter(x -> x > t).toList());
  }

  @Test
  void nothingIsSentWithoutCreditButTheBasis() {
    transact(10);
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, 1);
    assertThat(c.all(Message.Transactions.class)).hasSize(1);
    long told = c.last(Message.Welcome.class).basisT();
    transact(1);
    assertThat(c.all(Message.Transactions.class)).hasSize(1);
    assertThat(c.last(Message.Basis.class).t()).isEqualTo(master.forcedT()).isGreaterThan(told);
    c.session.received(new Message.PullCredit(MUCH));
    assertThat(c.ts(0)).isEqualTo(allTs());
  }

  @Test
  void aSlowReaderHoldsUpOnlyItself() {
    transact(60);
    VirtualClient slow = VirtualClient.connect(machine, 1);
    slow.slow = true;
    slow.hello(null, 0, MUCH);
    assertThat(slow.all(Message.Transactions.class)).hasSize(SMALL.framesUnsent());
    transact(20);
    assertThat(slow.all(Message.Transactions.class)).as("bounded").hasSize(SMALL.framesUnsent());
    VirtualClient other = VirtualClient.connect(machine, 2).hello(null, 0, MUCH);
    assertThat(other.ts(0)).isEqualTo(allTs());
    while (!slow.unsent.isEmpty()) {
      slow.unsent.poll().run();
    }
    assertThat(slow.ts(0)).isEqualTo(allTs());
  }

  @Test
  void basisIsNotRepeatedToOneThatDoesNotRead() {
    VirtualClient c = VirtualClient.connect(machine, 1);
    c.slow = true;
    c.hello(null, 0, 0);
    transact(50);
    assertThat(c.received).as("a welcome").hasSize(1);
    while (!c.unsent.isEmpty()) {
      c.unsent.poll().run();
    }
    transact(1);
    assertThat(c.last(Message.Basis.class).t()).isEqualTo(master.forcedT());
  }

  @Test
  void syncIsAnsweredWhenEverythingUpToItHasBeenSent() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    long t = master.forcedT();
    c.session.received(new Message.Sync(1, 0));
    assertThat(c.received.get(c.received.size() - 1)).isEqualTo(new Message.Synced(1, t));
    c.session.received(new Message.Sync(2, t + 1));
    assertThat(c.all(Message.Synced.class)).hasSize(1);
    transact(1);
    assertThat(c.received.get(c.received.size() - 1)).isEqualTo(new Message.Synced(2, master.forcedT()));
  }

  @Test
  void syncWaitsForCredit() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, 0);
    c.session.received(new Message.Sync(1, 0));
    assertThat(c.all(Message.Synced.class)).isEmpty();
    c.session.received(new Message.PullCredit(MUCH));
    assertThat(c.last(Message.Synced.class).t()).isEqualTo(master.forcedT());
  }

  @Test
  void anOldVersionIsRefused() {
    VirtualClient c = VirtualClient.connect(machine, 1);
    c.session.received(new Message.Hello(0, Set.of(), c.store, 0, null, 0, MUCH));
    assertFatal(c, ":rebasis.error/unsupported-version");
  }

  @Test
  void anotherDatabaseIsRefused() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(new UUID(8, 8), 0, MUCH);
    Message.Failed failed = assertFatal(c, ":rebasis.error/other-database");
    assertThat(failed.category()).isEqualTo(ErrorCategory.ASK_PERSON);
    assertThat(failed.message()).contains(new UUID(8, 8).toString(), master.databaseId().toString());
  }

  @Test
  void aStoreThatIsAheadIsRefused() {
    assertFatal(VirtualClient.connect(machine, 1).hello(master.databaseId(), master.forcedT() + 2, MUCH),
        ":rebasis.error/server-behind");
    long between = master.forcedT() + 1;
    transact(1);
    assertThat(allTs()).doesNotContain(between);
    assertFatal(VirtualClient.connect(machine, 1).hello(master.databaseId(), between, MUCH),
        ":rebasis.error/server-behind");
  }

  @Test
  void whoDoesNotSayHelloFirstIsRefused() {
    VirtualClient c = VirtualClient.connect(machine, 1);
    c.session.received(new Message.Sync(1, 0));
    assertFatal(c, ":rebasis.error/unexpected-message");
    VirtualClient twice = VirtualClient.connect(machine, 1).hello(null, 0, MUCH).hello(null, 0, MUCH);
    assertFatal(twice, ":rebasis.error/unexpected-message");
    assertThat(machine.sessionCount()).isZero();
  }

  @Test
  void whoSaysNothingIsClosed() {
    VirtualClient c = VirtualClient.connect(machine, 1);
    machine.tick(Instant.EPOCH.plusMillis(SMALL.helloMillis()));
    assertThat(c.closed).isFalse();
    machine.tick(Instant.EPOCH.plusMillis(SMALL.helloMillis() + 1));
    assertFatal(c, ":rebasis.error/unexpected-message");
  }

  @Test
  void creditIsPositiveAndDoesNotOverflow() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, Long.MAX_VALUE);
    c.session.received(new Message.PullCredit(Long.MAX_VALUE));
    transact(1);
    assertThat(c.ts(0)).isEqualTo(allTs());
    c.session.received(new Message.PullCredit(0));
    assertFatal(c, ":rebasis.error/unexpected-message");
  }

  @Test
  void syncRequestsAreBounded() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    for (int i = 0; i <= SMALL.intentsUndecided(); i++) {
      c.session.received(new Message.Sync(i, Long.MAX_VALUE));
    }
    assertFatal(c, ":rebasis.error/unexpected-message");
  }

  @Test
  void aStoreHasOneSession() {
    VirtualClient old = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    VirtualClient newer = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    assertThat(old.closed).isTrue();
    assertThat(old.last(Message.Failed.class).code()).hasToString(":rebasis.error/store-copied");
    assertThat(old.last(Message.Failed.class).message()).contains("newer session");
    transact(1);
    assertThat(newer.ts(0)).isEqualTo(allTs());
    assertThat(machine.sessionCount()).isEqualTo(1);
  }

  @Test
  void byeEndsASession() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    c.session.received(new Message.Bye("enough"));
    assertThat(c.closed && c.closedNormally).isTrue();
    int before = c.received.size();
    transact(1);
    c.session.received(new Message.Sync(1, 0));
    c.session.closed();
    assertThat(c.received).hasSize(before);
  }

  @Test
  void aServerThatStopsSaysBye() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    machine.shutDown("Going home.");
    assertThat(c.last(Message.Bye.class).reason()).isEqualTo("Going home.");
    assertThat(c.closed && c.closedNormally).isTrue();
    assertThat(machine.sessionCount()).isZero();
  }

  @Test
  void garbageEndsASession() {
    VirtualClient c = VirtualClient.connect(machine, 1).hello(null, 0, MUCH);
    c.session.malformed(new RebasisException(Keyword.of(":rebasis.error/malformed-message"),
        ErrorCategory.FIX_REQUEST, "That is no message."));
    assertFatal(c, ":rebasis.error/malformed-message");
  }

  private static Message.Failed assertFatal(VirtualClient c, String code) {
    Message.Failed failed = c.last(Message.Failed.class);
    assertThat(failed.code()).isEqualTo(Keyword.of(code));
    assertThat(failed.fatal()).isTrue();
    assertThat(c.closed).isTrue();
    return failed;
  }

  private long welcomed(long store) {
    VirtualClient c = VirtualClient.connect(machine, store).hello(null, 0, 0);
    c.session.closed();
    return c.last(Message.Welcome.class).client();
  }

  private List<Long> allTs() {
    return master.transactionsAfter(0, Integer.MAX_VALUE).stream().map(Transaction::t).toList();
  }

  @Test
  void aLoadIsAnnouncedWithoutWhatTheRoleDoesNotSee() {
    ServerMachine loading = new ServerMachine(master, new SessionLimits(20, 2, 3, 100, 10_000, 1));
    Access some = new Access(null, new Role(Set.of(Keyword.of(":db/doc")), null, List.of()));
    long before = load(loading, 1, some);
    transact(30);
    long all = load(loading, 2, Access.ALL);
    long after = load(loading, 3, some);
    assertThat(after - before).as("only what stands about the stores").isLessThan(30);
    assertThat(all - after).isGreaterThanOrEqualTo(20);
  }

  private static long load(ServerMachine loading, long store, Access access) {
    VirtualClient c = VirtualClient.connect(loading, store, access);
    c.session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of("load"), c.store, 0, null, 0, MUCH));
    return c.last(Message.Welcome.class).load();
  }

  private void transact(int count) {
    for (int i = 0; i < count; i++) {
      master.transact((List<?>) Edn.read("[{:db/doc \"" + i + "\"}]"), new Master.Answer<>() {
        @Override
        public void done(Master.Transacted result) { }

        @Override
        public void refused(RebasisException reason) {
          throw reason;
        }
      });
    }
  }
}
