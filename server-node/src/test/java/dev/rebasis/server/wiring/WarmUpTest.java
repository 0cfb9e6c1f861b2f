package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exercise of a fresh server, and that nothing stays of it. */
class WarmUpTest {
  @TempDir Path temp;

  @Test
  void endsWithoutATraceWhenRealTransactionsCome() throws Exception {
    AtomicLong asked = new AtomicLong();
    Path folder = temp.resolve("warm-up");
    // The second look sees real transactions in number: the first round has begun by then.
    try (WarmUp warmUp = WarmUp.start(folder, () -> asked.incrementAndGet() < 4 ? 0 : 500)) {
      Duration took = warmUp.done().get(60, TimeUnit.SECONDS);

      assertThat(took).isPositive();
      assertThat(asked.get()).isBetween(4L, 8L);
      assertThat(folder).doesNotExist();
    }
  }

  @Test
  void closingEndsItAndClearsWhatAnEarlierProcessLeft() throws Exception {
    Path folder = Files.createDirectories(temp.resolve("warm-up"));
    Files.writeString(folder.resolve("log.mv.db"), "left by a process that was killed");
    AtomicLong asked = new AtomicLong();
    WarmUp warmUp = WarmUp.start(folder, () -> asked.incrementAndGet() < 4 ? 0 : 500);
    warmUp.close();

    warmUp.done().get(60, TimeUnit.SECONDS);
    assertThat(folder).doesNotExist();
  }

  @Test
  void itsClientsPushesAreAllDecided() {
    InlineExecutor executor = new InlineExecutor();
    try (EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "(test)", Clock.systemUTC(),
        UUID::randomUUID, executor, executor, this::fail, (done, total) -> { }))) {
      master.transact((List<?>) Edn.read(WarmUp.SCHEMA), new Master.Answer<>() {
        @Override
        public void done(Master.Transacted result) {
          assertThat(result).isNotNull();
        }

        @Override
        public void refused(RebasisException reason) {
          throw reason;
        }
      });
      ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT);
      List<String> closed = new ArrayList<>();
      WarmUpClient client = new WarmUpClient(machine, closed::add);
      long before = master.forcedT();
      client.push(before);
      client.push(master.forcedT());

      assertThat(client.pushed()).isEqualTo(128);
      assertThat(master.transactionsAfter(before, Integer.MAX_VALUE)).hasSizeGreaterThanOrEqualTo(128);
      assertThat(machine.outcomes().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(128);
      assertThat(closed).isEmpty();
      client.leave();
      assertThat(machine.sessionCount()).isZero();
    }
  }

  private void fail(RebasisException reason) {
    throw reason;
  }
}
