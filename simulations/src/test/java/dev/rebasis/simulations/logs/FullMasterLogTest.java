package dev.rebasis.simulations.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.simulations.disk.SimDisk;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a server whose disk is filled to the last byte goes on being read, commits nothing more, tells everybody who waits, and
 * has lost nothing that it acknowledged when it is started again with room. Method: the real master on a simulated disk of
 * rising capacity.
 */
class FullMasterLogTest {
  private final InlineExecutor inline = new InlineExecutor();
  private final List<RebasisException> failures = new ArrayList<>();
  private final List<Long> acknowledged = new ArrayList<>();
  private final List<RebasisException> refused = new ArrayList<>();

  private EmbeddedMaster open(SimDisk disk) {
    return EmbeddedMaster.open(new MasterSetup(disk.path("log"), "the-log",
        Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
        failures::add, (done, total) -> { }));
  }

  private void transact(EmbeddedMaster master, String forms) {
    inline.execute(() -> master.transact((List<?>) Edn.read(forms), new Master.Answer<>() {
      @Override
      public void done(Master.Transacted transacted) {
        acknowledged.add(transacted.transaction().t());
      }

      @Override
      public void refused(RebasisException reason) {
        refused.add(reason);
      }
    }));
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 20_000, 90_000})
  void aFullDiskLeavesTheServerReadableAndWhatItAcknowledgedSafe(int room) {
    try (SimDisk disk = SimDisk.create("full-master-" + room, room)) {
      List<Transaction> before = new ArrayList<>();
      try (EmbeddedMaster master = open(disk)) {
        transact(master, "[{:db/ident :item/text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
        disk.faults().capacityBytes(disk.usedBytes() + room);
        for (int i = 0; i < 2_000 && refused.isEmpty(); i++) {
          transact(master, "[{:db/id \"i\" :item/text \"" + "x".repeat(500) + i + "\"}]");
        }
        assertThat(refused).as("told that it will not be written").hasSize(1);
        assertThat(failures).hasSize(1);
        assertThat(refused.get(0).code().toString()).isEqualTo(":rebasis.error/log-failed");
        transact(master, "[{:db/id \"i\" :item/text \"later\"}]");
        assertThat(refused).hasSize(2);
        assertThat(master.forcedT()).isEqualTo(acknowledged.get(acknowledged.size() - 1));
        before.addAll(master.transactionsAfter(0, Integer.MAX_VALUE));
        assertThat(before).extracting(Transaction::t).containsAll(acknowledged).endsWith(master.forcedT());
        Object shown = datomic.Peer.query("[:find (count ?e) . :where [?e :item/text]]", master.database());
        assertThat(shown).as("the newest value that is shown is that of the last durable transaction").isEqualTo(acknowledged.size() == 1 ? null : (Integer) (acknowledged.size() - 1));
      } catch (RebasisException closing) {
        // Closing may meet the full disk once more.
        assertThat(before).as("met by the closing, not before: %s", closing).isNotEmpty();
      }
      disk.faults().clear();
      disk.processCrash();
      try (EmbeddedMaster again = open(disk)) {
        List<Transaction> after = again.transactionsAfter(0, Integer.MAX_VALUE);
        assertThat(after).extracting(Transaction::t).containsAll(acknowledged);
        assertThat(after.subList(0, before.size())).isEqualTo(before);
        refused.clear();
        transact(again, "[{:db/id \"i\" :item/text \"with room\"}]");
        assertThat(refused).isEmpty();
      }
    }
  }
}
