package dev.rebasis.simulations.logs;

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
import java.util.Random;
import java.util.UUID;

/**
 * One random history of a server's master: several lives, each of random transactions and clean stops, each ended by a
 * loss of power at a random change of the disk. After each, the master must open, replay to exactly the transactions
 * that it has acknowledged, and hold at most those more that were under way.
 */
final class MasterLogHistory {
  private final Random random;
  private final SimDisk disk;
  private final List<Transaction> acknowledged = new ArrayList<>();
  private int underWay;
  private long uuid;
  private long entity;

  private MasterLogHistory(long seed, SimDisk disk) {
    this.random = new Random(seed);
    this.disk = disk;
  }

  /** Null if all promises held, else which was broken. */
  static String run(long seed) {
    try (SimDisk disk = SimDisk.create("master-log-" + seed, seed)) {
      String broken = new MasterLogHistory(seed, disk).live();
      return broken == null ? null : "seed " + seed + ": " + broken;
    }
  }

  private String live() {
    int lives = 2 + random.nextInt(3);
    for (int life = 1; life <= lives; life++) {
      if (random.nextInt(6) > 0) {
        disk.faults().cutPowerAt(1 + random.nextInt(1 << (2 + random.nextInt(7))));
      }
      String broken = oneLife(life);
      disk.powerLoss();
      broken = broken == null ? verify(life) : broken;
      if (broken != null) {
        return broken;
      }
    }
    return null;
  }

  private EmbeddedMaster open() {
    InlineExecutor inline = new InlineExecutor();
    return EmbeddedMaster.open(new MasterSetup(disk.path("log"), "log",
        Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(4, ++uuid), inline, inline,
        failure -> {
          throw failure;
        }, (done, total) -> { }));
  }

  private String oneLife(int life) {
    EmbeddedMaster master = null;
    try {
      master = open();
      takeNew(master);
      int steps = 1 + random.nextInt(15);
      for (int i = 0; i < steps; i++) {
        if (random.nextInt(12) == 0) {
          master.close();
          master = open();
        } else {
          transact(master);
        }
      }
    } catch (RuntimeException e) {
      if (!disk.faults().isOff()) {
        return "FAILED with the power on in life " + life + ": " + e;
      }
    } finally {
      closeDead(master);
    }
    return null;
  }

  /** What the master wrote for itself at its start is durable when it is open. */
  private void takeNew(EmbeddedMaster master) {
    List<Transaction> all = master.transactionsAfter(0, Integer.MAX_VALUE);
    acknowledged.addAll(all.subList(acknowledged.size(), all.size()));
  }

  private void transact(EmbeddedMaster master) {
    StringBuilder forms = new StringBuilder("[");
    int count = random.nextInt(8) == 0 ? 1 + random.nextInt(100) : 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      forms.append("{:db/id \"e").append(i).append("\" :db/ident :thing/n").append(++entity).append("}");
    }
    underWay = 1;
    List<RebasisException> refusals = new ArrayList<>();
    List<Transaction> done = new ArrayList<>();
    master.transact((List<?>) Edn.read(forms.append("]").toString()), new Master.Answer<>() {
      @Override
      public void done(Master.Transacted result) {
        done.add(result.transaction());
      }

      @Override
      public void refused(RebasisException reason) {
        refusals.add(reason);
      }
    });
    if (!refusals.isEmpty()) {
      throw refusals.get(0);
    }
    acknowledged.addAll(done);
    underWay = 1 - done.size();
  }

  private void closeDead(EmbeddedMaster master) {
    if (!disk.faults().isOff()) {
      disk.faults().cutPowerAt(1);
    }
    try {
      if (master != null) {
        master.close();
      }
    } catch (RuntimeException expected) {
      // Whoever is dead cannot close in order.
    }
  }

  private String verify(int life) {
    EmbeddedMaster master = null;
    try {
      master = open();
      List<Transaction> found = master.transactionsAfter(0, Integer.MAX_VALUE);
      if (found.size() < acknowledged.size()) {
        return "LOST after life " + life + ": " + found.size() + " of " + acknowledged.size() + " transactions";
      }
      if (!found.subList(0, acknowledged.size()).equals(acknowledged)) {
        return "OTHER transactions after life " + life + " than those acknowledged";
      }
      if (found.size() > acknowledged.size() + underWay + ownAtStart()) {
        return "TOO MANY after life " + life + ": " + found.size() + ", acknowledged " + acknowledged.size();
      }
      acknowledged.addAll(found.subList(acknowledged.size(), found.size()));
      underWay = 0;
    } catch (RuntimeException e) {
      return "UNREADABLE after life " + life + ": " + e;
    } finally {
      if (master != null) {
        master.close();
      }
      disk.processCrash();
    }
    return null;
  }

  /** A life that ended before its master was open has not shown what the master writes at its start. */
  private int ownAtStart() {
    return acknowledged.isEmpty() ? 2 : 0;
  }
}
