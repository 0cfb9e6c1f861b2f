package dev.rebasis.simulations.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.simulations.disk.DiskOperation;
import dev.rebasis.simulations.disk.SimDisk;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Each read of a client's log fails in turn while it is opened. H2 takes what it cannot read for what is not there; the
 * opening must fail all the same, or show everything, and the next one must find everything.
 */
class ReadFailureTest {
  private static final int READS = 60;
  private static final int INTENTS = 40;

  private long uuid;
  private final Supplier<UUID> ids = () -> new UUID(5, ++uuid);

  @Test
  void noReadThatFailsAtTheOpeningLosesAnything() {
    int refused = 0;
    for (int read = 1; read <= READS; read++) {
      try (SimDisk disk = SimDisk.create("read-failure-" + read, read)) {
        fill(files(disk));
        disk.faults().failAt(DiskOperation.READ, read);
        try (ClientLog log = ClientLog.open(files(disk), Durability.POWER_LOSS, ids)) {
          assertThat(log.state().pending()).as("read %d failed", read).hasSize(INTENTS);
        } catch (RebasisException expected) {
          refused++;
        }
        disk.faults().clear();
        disk.processCrash();
        try (ClientLog log = ClientLog.open(files(disk), Durability.POWER_LOSS, ids)) {
          assertThat(log.state().pending()).as("after read %d failed", read).hasSize(INTENTS);
        }
      }
    }
    assertThat(refused).as("some of the failing reads were those of the opening").isPositive();
  }

  private static StoreFiles files(SimDisk disk) {
    return StoreFiles.filePath(disk.path(""), true);
  }

  private void fill(StoreFiles files) {
    for (int life = 0; life < 2; life++) {
      try (ClientLog log = ClientLog.open(files, Durability.POWER_LOSS, ids)) {
        for (int i = 1; i <= INTENTS / 2; i++) {
          long seq = (long) life * INTENTS / 2 + i;
          log.write(List.of(new LogEntry.IntentMade(new Intent(ids.get(), seq, 0, Instant.ofEpochMilli(seq),
              List.of(List.of(Keyword.of(":db/add"), "e", Keyword.of(":db/doc"), "x".repeat(i * 10))),
              Map.of(Intent.TX_TEMPID, 2 * seq - 1, "e", 2 * seq)))), true);
        }
      }
    }
  }
}
