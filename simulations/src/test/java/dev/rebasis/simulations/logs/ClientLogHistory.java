package dev.rebasis.simulations.logs;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.LogState;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.simulations.disk.SimDisk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * One random history of a client's log and index: several lives, each of random writes, forces, persists and clean
 * closes, each ended by a loss of power at a random change of the disk. After each, the store must open, hold exactly
 * what it held after one of its writes and none before the last acknowledged one, and its index must agree.
 */
final class ClientLogHistory {
  private static final Keyword ADD = Keyword.of(":db/add");

  /** What the log holds, as far as anyone can tell from outside. */
  private record Contents(long confirmedT, List<UUID> pending, long nextSeq, long clientNumber, Map<Long, Long> made) {}

  private final Random random;
  private final Durability durability;
  private final SimDisk disk;
  private final List<Contents> written = new ArrayList<>();
  private int acknowledged;
  private long seq;
  private long local;
  private long clientNumber;
  private long newestT = 999;
  private List<UUID> pending = new ArrayList<>();
  private Map<Long, Long> made = new LinkedHashMap<>();
  private final Map<UUID, Long> txLocals = new LinkedHashMap<>();
  private long uuid;

  private ClientLogHistory(long seed, Durability durability, SimDisk disk) {
    this.random = new Random(seed);
    this.durability = durability;
    this.disk = disk;
    remember();
  }

  /** Null if all promises held, else which was broken. */
  static String run(long seed, Durability durability) {
    try (SimDisk disk = SimDisk.create("client-log-" + durability + "-" + seed, seed)) {
      String broken = new ClientLogHistory(seed, durability, disk).live();
      return broken == null ? null : "seed " + seed + ": " + broken;
    }
  }

  private String live() {
    int lives = 2 + random.nextInt(4);
    for (int life = 1; life <= lives; life++) {
      if (random.nextInt(6) > 0) {
        disk.faults().cutPowerAt(1 + random.nextInt(1 << (2 + random.nextInt(8))));
      }
      String broken = oneLife(life);
      crash();
      broken = broken == null ? verify(life) : broken;
      if (broken != null) {
        return broken;
      }
    }
    return null;
  }

  private void crash() {
    if (durability == Durability.POWER_LOSS) {
      disk.powerLoss();
    } else {
      disk.processCrash();
    }
  }

  private StoreFiles files() {
    return StoreFiles.filePath(disk.path(""), true);
  }

  private UUID newId() {
    return new UUID(3, ++uuid);
  }

  private String oneLife(int life) {
    ClientLog log = null;
    DatomIndex index = null;
    try {
      log = ClientLog.open(files(), durability, this::newId);
      index = DatomIndex.open(files(), log);
      int steps = 1 + random.nextInt(25);
      for (int i = 0; i < steps; i++) {
        if (random.nextInt(15) == 0) {
          trace("clean close");
          index.close();
          log.close();
          if (!disk.faults().isOff()) {
            // Whoever closes without power may not notice, and is not there any more either.
            acknowledged = written.size() - 1;
          }
          log = ClientLog.open(files(), durability, this::newId);
          index = DatomIndex.open(files(), log);
        } else if (random.nextInt(8) == 0) {
          trace("persist");
          index.persist();
        } else if (log.hasRowsToMake() && random.nextInt(3) == 0) {
          trace("make rows");
          log.makeRows();
        } else {
          step(log, index);
        }
      }
    } catch (RuntimeException e) {
      if (!disk.faults().isOff()) {
        return "FAILED with the power on in life " + life + ": " + e;
      }
    } finally {
      closeDead(log, index);
    }
    return null;
  }

  /** Gives memory back; on a disk without power it writes nothing, and on one with power it is a kill all the same. */
  private void closeDead(ClientLog log, DatomIndex index) {
    if (!disk.faults().isOff()) {
      disk.faults().cutPowerAt(1);
    }
    for (AutoCloseable open : new AutoCloseable[] {index, log}) {
      try {
        if (open != null) {
          open.close();
        }
      } catch (Exception expected) {
        // Whoever is dead cannot close in order.
      }
    }
  }

  private void step(ClientLog log, DatomIndex index) {
    switch (random.nextInt(6)) {
      case 0, 1, 2 -> {
        int count = random.nextInt(5) == 0 ? 1 + random.nextInt(20) : 1;
        List<LogEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          entries.add(new LogEntry.IntentMade(intent()));
        }
        write(log, entries, true);
      }
      case 3 -> confirm(log, index);
      case 4 -> decide(log);
      default -> {
        clientNumber++;
        write(log, List.of(new LogEntry.ClientNumber(clientNumber)), true);
      }
    }
  }

  private Intent intent() {
    UUID id = newId();
    Map<String, Long> tempids = new LinkedHashMap<>();
    tempids.put(Intent.TX_TEMPID, ++local);
    tempids.put("e", ++local);
    pending = new ArrayList<>(pending);
    pending.add(id);
    txLocals.put(id, local);
    String text = "x".repeat(random.nextInt(1 << random.nextInt(12)));
    return new Intent(id, ++seq, Math.max(0, newestT), Instant.ofEpochMilli(seq),
        List.of(List.of(ADD, "e", Keyword.of(":db/doc"), text)), tempids);
  }

  private void confirm(ClientLog log, DatomIndex index) {
    List<Transaction> batch = new ArrayList<>();
    // The largest pass the write-ahead log by.
    int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 200 : 6) + (random.nextInt(30) == 0 ? 1_100 : 0);
    for (int i = 0; i < count; i++) {
      newestT += 2;
      long tx = EntityIds.txOf(newestT);
      batch.add(new Transaction(newestT, List.of(
          new Datom(tx, SystemIds.DB_TX_INSTANT, Instant.ofEpochMilli(newestT), tx, true),
          new Datom((4L << 42) + newestT + 1, SystemIds.DB_DOC, "doc " + newestT, tx, true))));
    }
    // Confirmed transactions need no force: they can be fetched again.
    write(log, List.of(new LogEntry.Confirmed(batch)), random.nextInt(4) == 0);
    index.apply(batch);
  }

  private void decide(ClientLog log) {
    if (pending.isEmpty()) {
      return;
    }
    List<LogEntry> entries = new ArrayList<>();
    int count = 1 + random.nextInt(Math.min(5, pending.size()));
    for (int i = 0; i < count; i++) {
      UUID id = pending.get(0);
      pending = new ArrayList<>(pending.subList(1, pending.size()));
      made = new LinkedHashMap<>(made);
      long number = txLocals.get(id);
      made.put(number, (4L << 42) + number);
      entries.add(new LogEntry.Decided(id, OutcomeKind.ACCEPTED, false, newestT, Map.of(number, (4L << 42) + number),
          null, null, List.of()));
    }
    write(log, entries, true);
  }

  private void write(ClientLog log, List<LogEntry> entries, boolean force) {
    remember();
    trace("write " + entries.get(0).getClass().getSimpleName() + " x " + entries.size() + (force ? " forced" : ""));
    log.write(entries, force);
    if (force || durability == Durability.PROCESS_CRASH) {
      acknowledged = written.size() - 1;
    }
  }

  private void trace(String what) {
    if (Boolean.getBoolean("rebasis.powerloss.trace")) {
      System.out.println(what + " (written " + (written.size() - 1) + ", acknowledged " + acknowledged + ", power "
          + (disk.faults().isOff() ? "off" : "on") + ")");
    }
  }

  private void remember() {
    written.add(new Contents(newestT == 999 ? 0 : newestT, pending, seq + 1, clientNumber, made));
  }

  private String verify(int life) {
    ClientLog log = null;
    DatomIndex index = null;
    try {
      log = ClientLog.open(files(), durability, this::newId);
      Contents found = contents(log.state());
      int at = written.lastIndexOf(found);
      if (at < acknowledged) {
        return "LOST after life " + life + ": found " + summary(found) + ", acknowledged was "
            + summary(written.get(acknowledged)) + ", written " + (written.size() - 1 - acknowledged) + " more";
      }
      index = DatomIndex.open(files(), log);
      List<String> findings = StoreAudit.differences(log, index.snapshot());
      if (!findings.isEmpty()) {
        return "the index differs after life " + life + ": " + findings;
      }
      goOnFrom(found, at);
      trace("life " + life + " ended with " + summary(found));
    } catch (RuntimeException e) {
      return "UNREADABLE after life " + life + ": " + e;
    } finally {
      endCheck(log, index);
    }
    return null;
  }

  private void endCheck(ClientLog log, DatomIndex index) {
    if (random.nextBoolean()) {
      closeInOrder(log, index);
    } else {
      closeDead(log, index);
    }
    disk.processCrash();
  }

  private static void closeInOrder(ClientLog log, DatomIndex index) {
    if (index != null) {
      index.close();
    }
    if (log != null) {
      log.close();
    }
  }

  private Contents contents(LogState state) {
    Map<Long, Long> known = new LinkedHashMap<>();
    for (long number = 1; number <= local; number++) {
      long resolved = state.made().resolve(-number);
      if (resolved >= 0) {
        known.put(number, resolved);
      }
    }
    return new Contents(state.confirmedT(), state.pending().stream().map(Intent::id).toList(), state.nextSeq(),
        state.clientNumber(), known);
  }

  /** What was found is what counts from now on. */
  private void goOnFrom(Contents found, int at) {
    written.subList(at + 1, written.size()).clear();
    acknowledged = at;
    newestT = found.confirmedT == 0 ? 999 : found.confirmedT;
    pending = found.pending;
    seq = found.nextSeq - 1;
    clientNumber = found.clientNumber;
    made = found.made;
  }

  private static String summary(Contents contents) {
    return "T " + contents.confirmedT + ", " + contents.pending.size() + " pending, next number " + contents.nextSeq
        + ", client " + contents.clientNumber + ", " + contents.made.size() + " ids";
  }
}
