package dev.rebasis.simulations.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.disk.SimDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The real logs of client and server on a disk that drops, reorders and tears what was not forced: nothing acknowledged
 * is lost, nothing is half applied, and the client's index agrees with its log.
 *
 * <p>{@code -Drebasis.powerloss.histories=5000} tries more, {@code -Drebasis.powerloss.seed=7} one, and {@code -Drebasis.powerloss.trace=true}
 * tells what it does.
 */
class LogPowerLossTest {
  private static final int HISTORIES = Integer.getInteger("rebasis.powerloss.histories", 80);
  private static final long ONLY = Long.getLong("rebasis.powerloss.seed", -1);

  @Test
  void aClientsLogKeepsWhatItAcknowledgedThroughAPowerLoss() {
    assertThat(broken(HISTORIES, seed -> ClientLogHistory.run(seed, Durability.POWER_LOSS))).isEmpty();
  }

  @Test
  void aClientsLogKeepsWhatItAcknowledgedThroughAProcessCrash() {
    assertThat(broken(HISTORIES / 2, seed -> ClientLogHistory.run(seed, Durability.PROCESS_CRASH))).isEmpty();
  }

  @Test
  void largeMessagesAreForcedWithWhatIsWrittenAfterThemAndNowAndThenByThemselves() {
    try (SimDisk disk = SimDisk.create("forced-loads", 1)) {
      largeMessagesAreForced(disk, disk::powerLoss);
    }
  }

  // The journal below the tables goes back to the last force, after a kill too.
  @Test
  void aKillTakesBackNoMoreOfLargeMessagesThanALossOfPower() {
    try (SimDisk disk = SimDisk.create("killed-loads", 1)) {
      largeMessagesAreForced(disk, disk::processCrash);
    }
  }

  private static void largeMessagesAreForced(SimDisk disk, Runnable crash) {
    assertThat(after(crash, disk, log -> load(log, 1, 3))).as("not forced").isZero();
    assertThat(after(crash, disk, log -> {
      load(log, 1, 3);
      log.write(List.of(new LogEntry.ClientNumber(17)), true);
    })).as("forced with what came after it").isEqualTo(3);
    assertThat(after(crash, disk, log -> load(log, 4, 40))).as("forced by itself").isGreaterThanOrEqualTo(33);
  }

  /** Large messages, which have no record in log.wal: transactions of 2,200 datoms, with these Ts. */
  private static void load(ClientLog log, long firstT, long lastT) {
    for (long t = firstT; t <= lastT; t++) {
      long tx = EntityIds.txOf(t);
      long e = (4L << 42) + t * 10_000;
      List<Datom> datoms = LongStream.range(0, 2_200)
          .mapToObj(i -> new Datom(e + i, SystemIds.DB_DOC, "doc " + i, tx, true)).toList();
      log.write(List.of(new LogEntry.Confirmed(List.of(new Transaction(t, datoms)))), false);
    }
  }

  /** The newest T that is in the log of a client that wrote and then ended without closing it. */
  private static long after(Runnable crash, SimDisk disk, Consumer<ClientLog> writer) {
    ClientLog log = open(disk);
    writer.accept(log);
    crash.run();
    try {
      log.close();
    } catch (RebasisException expected) {
      // Whoever is dead cannot close in order.
    }
    try (ClientLog again = open(disk)) {
      return again.position();
    }
  }

  private static ClientLog open(SimDisk disk) {
    return ClientLog.open(StoreFiles.filePath(disk.path(""), true), Durability.POWER_LOSS, UUID::randomUUID);
  }

  // Each life of a master opens a Datomic database.
  @Test
  void aServersLogKeepsWhatItAcknowledgedThroughAPowerLoss() {
    assertThat(broken(Math.max(1, HISTORIES / 4), MasterLogHistory::run)).isEmpty();
  }

  private static List<String> broken(int histories, LongFunction<String> history) {
    List<String> broken = new ArrayList<>();
    for (long seed = 1; seed <= histories && broken.size() < 5; seed++) {
      String found = history.apply(ONLY < 0 ? seed : ONLY);
      if (found != null) {
        broken.add(found);
      }
      if (ONLY >= 0) {
        break;
      }
    }
    return broken;
  }
}
