package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: nobody pushes faster than the limit, nobody stays who says nothing, and whoever is turned away learns when to come
 * back and gets on when he does. Method: a real machine with small limits, time by hand.
 */
class SessionFlowTest {
  private static final Instant START = Instant.parse("2001-01-01T00:00:00Z");
  private static final int RATE = 10;
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final SessionLimits LIMITS = SessionLimits.DEFAULT.with(
      new ServerLimits(64 << 10, 10, 10, RATE, IDLE, 8, 2, ProtocolVersion.CURRENT, null, 0, 64 << 20));

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "log in memory",
      Clock.fixed(START, ZoneOffset.UTC), UUID::randomUUID, inline, inline, failure -> {
        throw failure;
      }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, LIMITS);
  private long seq;

  @AfterEach
  void close() {
    master.close();
  }

  private VirtualClient live(long number) {
    return live(number, null);
  }

  private VirtualClient live(long number, UUID token) {
    VirtualClient client = VirtualClient.connect(machine, number);
    client.token = token;
    client.hello(master.databaseId(), 0, 1_000_000);
    assertThat(client.closed).isFalse();
    return client;
  }

  private Intent[] intents(int count) {
    Intent[] all = new Intent[count];
    for (int i = 0; i < count; i++) {
      seq++;
      @SuppressWarnings("unchecked")
      List<Object> forms = (List<Object>) Edn.read("[{:db/id \"x\" :db/doc \"" + seq + "\"}]");
      all[i] = new Intent(new UUID(5, seq), seq, 0, START, forms, Map.of(Intent.TX_TEMPID, 2 * seq, "x", 2 * seq + 1));
    }
    return all;
  }

  @Test
  void whoPushesTooFastIsToldWhenToComeBackAndIsTakenThen() {
    machine.tick(START);
    VirtualClient fast = live(1);
    fast.push(intents(3 * RATE));
    assertThat(fast.closed).as("what is over the room for two seconds is owed").isFalse();
    fast.push(intents(1));
    Message.Failed failed = fast.last(Message.Failed.class);
    assertThat(failed.code().toString()).isEqualTo(":rebasis.error/push-rate-exceeded");
    assertThat(failed.category()).isEqualTo(ErrorCategory.RETRY_LATER);
    assertThat(failed.retryAfterMillis()).isBetween(1_000L, 1_200L);
    assertThat(fast.closed).isTrue();
    assertThat(live(2).closed).as("another store is not concerned").isFalse();

    machine.tick(START.plusMillis(failed.retryAfterMillis() - 200));
    VirtualClient early = live(1, fast.given());
    early.push(intents(1));
    assertThat(early.closed).as("too early").isTrue();
    machine.tick(START.plusMillis(failed.retryAfterMillis()));
    VirtualClient again = live(1, fast.given());
    again.push(intents(1));
    assertThat(again.all(Message.Failed.class)).isEmpty();
    machine.tick(START.plusSeconds(60));
    assertThat(machine.rates().size()).as("who does not push takes no room").isZero();
  }

  @Test
  void whoSaysNothingIsToldToComeBackLater() {
    machine.tick(START);
    VirtualClient silent = live(1);
    VirtualClient alive = live(2);
    for (int second = 1; second < IDLE.toSeconds(); second++) {
      machine.tick(START.plusSeconds(second));
      alive.session.received(new Message.Sync(second, 0));
    }
    assertThat(silent.closed).isFalse();
    machine.tick(START.plus(IDLE).plusSeconds(2));
    Message.Failed failed = silent.last(Message.Failed.class);
    assertThat(failed.code().toString()).isEqualTo(":rebasis.error/session-idle");
    assertThat(failed.retryAfterMillis()).isEqualTo(IDLE.toMillis());
    assertThat(silent.closed).isTrue();
    assertThat(alive.closed).isFalse();
  }

  @Test
  void whileTheDiskIsFullPushesWaitAndReadingGoesOn() {
    VirtualClient writer = live(1);
    VirtualClient reader = live(2);
    machine.disk(new RebasisException(Keyword.of(":rebasis.error/disk-full"), ErrorCategory.RETRY_LATER, "full",
        Map.of(RebasisException.RETRY_AFTER, 5_000L), null));
    long t = master.forcedT();
    writer.push(intents(1));
    writer.push(intents(1));
    assertThat(writer.all(Message.Failed.class)).hasSize(1);
    Message.Failed told = writer.last(Message.Failed.class);
    assertThat(told.code().toString()).isEqualTo(":rebasis.error/disk-full");
    assertThat(told.fatal()).isFalse();
    assertThat(told.retryAfterMillis()).isEqualTo(5_000);
    reader.session.received(new Message.Sync(7, 0));
    assertThat(reader.last(Message.Synced.class).t()).isEqualTo(t);
    assertThat(master.forcedT()).isEqualTo(t);

    machine.disk(null);
    assertThat(writer.all(Message.Outcomes.class)).hasSize(2);
    assertThat(writer.closed).isFalse();
    assertThat(reader.last(Message.Transactions.class).basisT()).isEqualTo(master.forcedT()).isGreaterThan(t);
  }

  @Test
  void anOlderProtocolThanTheServerDemandsIsRefusedInWords() {
    VirtualClient old = VirtualClient.connect(machine, 3);
    old.session.received(new Message.Hello(
        ProtocolVersion.CURRENT - 1, Set.of(), new UUID(3, 3), 0, null, 0, 1_000));
    Message.Failed failed = old.last(Message.Failed.class);
    assertThat(failed.code().toString()).isEqualTo(":rebasis.error/unsupported-version");
    assertThat(failed.message()).contains("demands " + ProtocolVersion.CURRENT).contains("update the client");
    assertThat(old.closed).isTrue();
  }
}
