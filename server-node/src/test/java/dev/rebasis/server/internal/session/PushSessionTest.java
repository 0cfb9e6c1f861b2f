package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pushes through sessions, with a log that writes when the test says so. */
class PushSessionTest {
  private static final SessionLimits SMALL = new SessionLimits(20, 2, 3, 100, 10_000, 1_000_000);

  private final ArrayDeque<Runnable> log = new ArrayDeque<>();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), new InlineExecutor(),
      log::add, e -> { throw e; }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, SMALL);
  private VirtualClient c;
  private long seq;

  @BeforeEach
  void connect() {
    c = live(1);
  }

  @AfterEach
  void close() {
    master.close();
  }

  @Test
  void nothingIsToldBeforeTheForceAndThenTheTransactionComesFirst() {
    int before = c.received.size();
    c.push(intent());
    assertThat(c.received).hasSize(before);
    force();
    assertThat(c.received.subList(before, c.received.size())).hasSize(2);
    assertThat(c.received.get(before)).isInstanceOf(Message.Transactions.class);
    PushOutcome outcome = c.last(Message.Outcomes.class).outcomes().get(0);
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(outcome.t()).isEqualTo(master.forcedT());
  }

  @Test
  void aClientThatComesBackAfterALostAnswerGetsItAgain() {
    Intent intent = intent();
    c.push(intent);
    c.session.closed();
    force();
    assertThat(c.all(Message.Outcomes.class)).isEmpty();
    VirtualClient again = VirtualClient.connect(machine, 1);
    again.token = c.given();
    again.hello(master.databaseId(), 0, 1_000_000);
    force();
    long t = master.forcedT();
    again.push(intent);
    force();
    PushOutcome outcome = again.last(Message.Outcomes.class).outcomes().get(0);
    assertThat(outcome.duplicate()).isTrue();
    assertThat(outcome.t()).isLessThanOrEqualTo(t);
    assertThat(master.forcedT()).isEqualTo(t);
  }

  @Test
  void noMessageIsTakenWhileManyPushesWait() {
    int demands = c.demands;
    c.push(intent(), intent());
    assertThat(c.demands).isEqualTo(demands + 1);
    c.push(intent());
    assertThat(c.demands).as("three wait").isEqualTo(demands + 1);
    force();
    assertThat(c.demands).isEqualTo(demands + 2);
    assertThat(c.all(Message.Outcomes.class).stream().mapToInt(m -> m.outcomes().size()).sum()).isEqualTo(3);
  }

  @Test
  void noMessageIsTakenFromOneThatDoesNotRead() {
    c.slow = true;
    int demands = c.demands;
    for (int i = 0; i < 20; i++) {
      c.push(intent());
      force();
    }
    assertThat(c.demands - demands).isLessThan(4 * SMALL.framesUnsent() + 1);
    int held = c.demands;
    c.slow = false;
    while (!c.unsent.isEmpty()) {
      c.unsent.poll().run();
    }
    assertThat(c.demands).isGreaterThan(held);
  }

  @Test
  void aMalformedPushIsAnsweredAndTheOthersGoOn() {
    Intent malformed = new Intent(new UUID(9, 99), 9, 0, Instant.EPOCH, List.of(), Map.of());
    c.push(malformed, intent());
    force();
    assertThat(c.all(Message.Outcomes.class).stream().flatMap(m -> m.outcomes().stream()))
        .extracting(PushOutcome::kind).containsExactly(OutcomeKind.REJECTED, OutcomeKind.ACCEPTED);
    assertThat(c.closed).isFalse();
  }

  @Test
  void aPushBeforeTheWelcomeIsRefused() {
    VirtualClient early = VirtualClient.connect(machine, 2);
    early.push(intent());
    assertThat(early.last(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/unexpected-message"));
    assertThat(early.closed).isTrue();
  }

  @Test
  void aServerThatStopsRefusesWithATime() {
    master.stop();
    c.push(intent());
    Message.Failed failed = c.last(Message.Failed.class);
    assertThat(failed.category()).isEqualTo(ErrorCategory.RETRY_LATER);
    assertThat(failed.retryAfterMillis()).isPositive();
    assertThat(c.closedNormally).isTrue();
  }

  private VirtualClient live(long store) {
    VirtualClient client = VirtualClient.connect(machine, store).hello(null, 0, 1_000_000);
    force();
    client.last(Message.Welcome.class);
    return client;
  }

  private Intent intent() {
    seq++;
    @SuppressWarnings("unchecked")
    List<Object> forms = (List<Object>) Edn.read("[{:db/id \"x\" :db/doc \"" + seq + "\"}]");
    return new Intent(new UUID(9, seq), seq, 0, Instant.EPOCH, forms, Map.of(Intent.TX_TEMPID, 2 * seq, "x", 2 * seq + 1));
  }

  private void force() {
    while (!log.isEmpty()) {
      log.poll().run();
    }
  }
}
