package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.master.StoreTokens;
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
 * Goal: what comes from a copy of a store, or from one restored from an older backup, is not written under the number of
 * the store that went on. Method: a real master and sessions in one thread; clients that say what a copy would say.
 */
class StoreCopyTest {
  private static final long MUCH = 1_000_000;

  private final InlineExecutor inline = new InlineExecutor();
  private final AtomicLong ids = new AtomicLong();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "log in memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, ids.incrementAndGet()),
      inline, inline, failure -> {
        throw failure;
      }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT);

  @AfterEach
  void close() {
    master.close();
  }

  private VirtualClient live(UUID token) {
    VirtualClient client = VirtualClient.connect(machine, 1);
    client.token = token;
    return client.hello(null, 0, MUCH);
  }

  private static Intent intent(long id, long seq, long local) {
    return new Intent(new UUID(9, id), seq, 0, Instant.EPOCH,
        List.of(Edn.read("{:db/id \"x\" :db/doc \"" + id + "\"}")), Map.of(Intent.TX_TEMPID, local, "x", local + 1));
  }

  private static PushOutcome outcome(VirtualClient client) {
    return client.last(Message.Outcomes.class).outcomes().get(0);
  }

  private void assertCopied(VirtualClient client) {
    assertThat(client.last(Message.Failed.class).code()).isEqualTo(StoreTokens.COPIED);
    assertThat(client.closed).isTrue();
  }

  @Test
  void aStoreThatNamesAnOldTokenIsACopyBeforeItPushes() {
    VirtualClient first = live(null);
    first.push(intent(1, 1, 1));
    VirtualClient second = live(first.given());
    second.push(intent(2, 2, 3));
    assertThat(outcome(second).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertCopied(live(first.given()));
    assertCopied(live(null));
    assertThat(live(second.given()).closed).isFalse();
  }

  @Test
  void aTokenUnderWhichNothingWasPushedDoesNotMakeTheOneBeforeOld() {
    VirtualClient first = live(null);
    first.push(intent(1, 1, 1));
    VirtualClient lost = live(first.given());
    assertThat(lost.given()).isNotEqualTo(first.given());
    assertThat(live(first.given()).closed).isFalse();
  }

  @Test
  void ofTwoCopiesThatWereBothLetInTheSecondToPushIsTheCopy() {
    VirtualClient first = live(null);
    first.push(intent(1, 1, 1));
    VirtualClient one = live(first.given());
    VirtualClient other = live(first.given());
    assertThat(one.closed).as("one store has one session").isTrue();
    other.push(intent(2, 2, 3));
    assertThat(outcome(other).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertCopied(live(one.given()));
  }

  @Test
  void anotherTransactionUnderATakenNumberIsACopys() {
    VirtualClient client = live(null);
    client.push(intent(1, 1, 1));
    client.push(intent(1, 1, 1));
    assertThat(outcome(client).duplicate()).isTrue();
    client.push(intent(2, 1, 3));
    assertCopied(client);
  }

  @Test
  void anotherEntityUnderATakenLocalNumberIsACopys() {
    VirtualClient client = live(null);
    client.push(intent(1, 1, 1));
    client.push(intent(2, 5, 2));
    assertCopied(client);
  }

  @Test
  void whatAnEarlierNumberMadeIsTakenFromTheClient() {
    VirtualClient first = live(null);
    first.push(intent(1, 1, 1));
    long entity = outcome(first).made().get(2L);
    VirtualClient copy = VirtualClient.connect(machine, 2).hello(null, 0, MUCH);
    Intent late = new Intent(new UUID(9, 7), 7, master.forcedT(), Instant.EPOCH,
        List.of(Edn.read("[:db/add -2 :db/doc \"by the copy\"]")), Map.of(Intent.TX_TEMPID, 20L));
    copy.session.received(new Message.Push(List.of(late), Map.of(2L, entity)));
    assertThat(outcome(copy).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(master.database().entity(entity).get(":db/doc")).isEqualTo("by the copy");
  }

  @Test
  void aForkIsToldToEveryone() {
    Fork[] noted = new Fork[1];
    master.fork(master.forcedT(), new Master.Answer<>() {
      @Override
      public void done(Fork fork) {
        noted[0] = fork;
      }

      @Override
      public void refused(RebasisException reason) {
        throw reason;
      }
    });
    assertThat(live(null).last(Message.Welcome.class).forks()).containsExactly(noted[0]);
  }
}
