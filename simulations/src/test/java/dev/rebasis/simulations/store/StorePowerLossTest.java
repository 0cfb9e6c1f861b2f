package dev.rebasis.simulations.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.ValueType;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.simulations.disk.SimDisk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A client's log and index on a disk that loses what was not forced. Method: random histories of several lives, each of
 * confirmed transactions (not forced), local ones (forced), writes of the index and clean closes, cut short at a random
 * change of the disk. After each crash every forced local transaction must be there, the confirmed ones must be a prefix
 * of those written that reaches the last force, and the index must be what the log gives.
 * {@code -Drebasis.powerloss.histories=1000} runs more.
 */
class StorePowerLossTest {
  private static final int HISTORIES = Integer.getInteger("rebasis.powerloss.histories", 40);
  private static final long NAME = 72;
  private static final long AGE = 73;

  @Test
  void afterAnyCrashTheLogHoldsWhatWasForcedAndTheIndexWhatTheLogHolds() {
    for (int seed = 1; seed <= HISTORIES; seed++) {
      try (SimDisk disk = SimDisk.create("store-power-loss-" + seed, seed)) {
        new History(disk, seed).run();
      }
    }
  }

  private static final class History {
    private final SimDisk disk;
    private final int seed;
    private final Random random;
    private final List<Transaction> confirmed = new ArrayList<>();
    private final List<Intent> forced = new ArrayList<>();
    private int confirmedAtForce;
    private Intent inDoubt;
    private long ids;
    private ClientLog log;
    private DatomIndex index;

    History(SimDisk disk, int seed) {
      this.disk = disk;
      this.seed = seed;
      this.random = new Random(seed);
    }

    void run() {
      for (int life = 0; life < 2 + random.nextInt(4); life++) {
        if (random.nextInt(6) > 0) {
          disk.faults().cutPowerAt(1 + random.nextInt(1 << (2 + random.nextInt(8))));
        }
        live();
        if (random.nextInt(4) > 0) {
          disk.powerLoss();
        } else {
          disk.processCrash();
        }
        abandon();
        check(life);
      }
    }

    private void open() {
      StoreFiles files = StoreFiles.filePath(disk.path(""), true);
      log = ClientLog.open(files, Durability.POWER_LOSS, () -> new UUID(seed, ++ids));
      index = DatomIndex.open(files, log);
    }

    private void live() {
      try {
        open();
        for (int i = random.nextInt(60); i >= 0; i--) {
          step();
        }
      } catch (RebasisException e) {
        assertThat(disk.faults().isOff()).as("seed %s failed with the power on: %s", seed, e).isTrue();
      }
    }

    private void step() {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          inDoubt = intent();
          log.write(List.of(new LogEntry.IntentMade(inDoubt)), true);
          acknowledge();
        }
        case 3 -> index.persist();
        case 4 -> {
          index.close();
          log.close();
          open();
        }
        default -> {
          Transaction next = transaction();
          confirmed.add(next);
          log.write(List.of(new LogEntry.Confirmed(List.of(next))), false);
          index.apply(List.of(next));
        }
      }
    }

    private void acknowledge() {
      forced.add(inDoubt);
      inDoubt = null;
      confirmedAtForce = confirmed.size();
    }

    private Intent intent() {
      long seq = forced.size() + 1L;
      return new Intent(new UUID(7, seq), seq, 0, Instant.ofEpochMilli(seq), List.of("x".repeat(random.nextInt(2_000))),
          Map.of(Intent.TX_TEMPID, seq));
    }

    private Transaction transaction() {
      long t = 1000 + 2L * confirmed.size();
      long tx = EntityIds.txOf(t);
      List<Datom> datoms = new ArrayList<>();
      datoms.add(new Datom(tx, SystemIds.DB_TX_INSTANT, Instant.ofEpochMilli(t), tx, true));
      if (confirmed.isEmpty()) {
        attribute(datoms, NAME, ":p/name", ValueType.STRING, tx);
        attribute(datoms, AGE, ":p/age", ValueType.LONG, tx);
        return new Transaction(t, datoms);
      }
      for (int i = random.nextInt(random.nextInt(10) == 0 ? 300 : 8); i >= 0; i--) {
        long e = (4L << 42) + 1000 + random.nextInt(500);
        long a = random.nextBoolean() ? NAME : AGE;
        Object v = a == NAME ? "name " + random.nextInt(40) : (Object) (long) random.nextInt(40);
        if (datoms.stream().noneMatch(d -> d.e() == e && d.a() == a && d.v().equals(v))) {
          datoms.add(new Datom(e, a, v, tx, random.nextInt(3) > 0));
        }
      }
      return new Transaction(t, datoms);
    }

    private static void attribute(List<Datom> datoms, long id, String ident, ValueType type, long tx) {
      datoms.add(new Datom(id, SystemIds.DB_IDENT, Keyword.of(ident), tx, true));
      datoms.add(new Datom(id, SystemIds.DB_VALUE_TYPE, type.id(), tx, true));
      datoms.add(new Datom(id, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_MANY, tx, true));
      datoms.add(new Datom(id, SystemIds.DB_INDEX, true, tx, true));
    }

    /** What the dead process still holds; its files are gone. */
    private void abandon() {
      for (AutoCloseable open : new AutoCloseable[] {index, log}) {
        try {
          if (open != null) {
            open.close();
          }
        } catch (Exception e) {
          // The process is dead: its files cannot be closed any more.
          assertThat(e).isInstanceOf(RebasisException.class);
        }
      }
      index = null;
      log = null;
    }

    private void check(int life) {
      open();
      String place = "seed " + seed + ", life " + life;
      List<Intent> pending = log.state().pending();
      if (inDoubt != null && pending.size() == forced.size() + 1) {
        forced.add(inDoubt);
      }
      inDoubt = null;
      assertThat(pending).as(place).isEqualTo(forced);
      List<Transaction> found = new ArrayList<>();
      log.transactionsAfter(0, found::add);
      assertThat(found.size()).as(place).isBetween(confirmedAtForce, confirmed.size());
      assertThat(found).as(place).isEqualTo(confirmed.subList(0, found.size()));
      assertThat(StoreAudit.differences(log, index.snapshot())).as(place).isEmpty();
      confirmed.subList(found.size(), confirmed.size()).clear();
      confirmedAtForce = 0;
      if (random.nextBoolean()) {
        index.close();
        log.close();
      }
      disk.processCrash();
      abandon();
    }
  }
}
