package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: a write whose message overtakes that of an earlier one, or comes twice, is decided as if nothing had happened to it.
 * Method: a real master and sessions in one thread; pushes in an order that no client sends.
 */
class PushOrderTest {
  private static final long MUCH = 1_000_000;

  private final InlineExecutor inline = new InlineExecutor();
  private final AtomicLong ids = new AtomicLong();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "log in memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, ids.incrementAndGet()),
      inline, inline, failure -> {
        throw failure;
      }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT);
  private UUID token;

  /** The first makes an entity, the second writes on it. */
  private final Intent makes = new Intent(new UUID(9, 1), 1, 0, Instant.EPOCH,
      List.of(Edn.read("{:db/id \"x\" :db/doc \"made\"}")), Map.of(Intent.TX_TEMPID, 1L, "x", 2L));
  private final Intent writesOn = new Intent(new UUID(9, 2), 2, 0, Instant.EPOCH,
      List.of(Edn.read("[:db/add -2 :db/doc \"written\"]")), Map.of(Intent.TX_TEMPID, 3L));

  @AfterEach
  void close() {
    master.close();
  }

  private VirtualClient live() {
    VirtualClient client = VirtualClient.connect(machine, 1);
    client.token = token;
    client.hello(null, 0, MUCH);
    token = client.given();
    return client;
  }

  private static void push(VirtualClient client, long number, Intent intent) {
    client.session.received(new Message.Push(List.of(intent), Map.of(), number));
  }

  private static List<PushOutcome> outcomes(VirtualClient client) {
    return client.received.stream().filter(Message.Outcomes.class::isInstance)
        .flatMap(message -> ((Message.Outcomes) message).outcomes().stream()).toList();
  }

  @Test
  void aPushThatOvertakesAnotherIsNotDecidedButAskedForAgain() {
    VirtualClient first = live();
    long before = master.forcedT();
    push(first, 2, writesOn);
    Message.Failed failed = first.last(Message.Failed.class);
    assertThat(failed.code()).hasToString(":rebasis.error/push-missing");
    assertThat(failed.category()).isEqualTo(ErrorCategory.RETRY_LATER);
    assertThat(failed.fatal()).isTrue();
    assertThat(first.closed).isTrue();
    push(first, 1, makes);
    assertThat(master.forcedT()).as("nothing is decided").isEqualTo(before);

    VirtualClient again = live();
    push(again, 1, makes);
    push(again, 2, writesOn);
    assertThat(outcomes(again)).extracting(PushOutcome::kind).containsExactly(OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED);
  }

  @Test
  void aPushThatComesTwiceIsAnsweredOnce() {
    VirtualClient client = live();
    push(client, 1, makes);
    push(client, 2, writesOn);
    push(client, 1, makes);
    push(client, 2, writesOn);
    assertThat(outcomes(client)).extracting(PushOutcome::duplicate).containsExactly(false, false);
    assertThat(client.closed).isFalse();
  }

  @Test
  void whoDoesNotCountIsTakenAsItComes() {
    VirtualClient client = live();
    client.push(makes);
    client.push(writesOn);
    assertThat(outcomes(client)).extracting(PushOutcome::kind).containsExactly(OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED);
  }
}
