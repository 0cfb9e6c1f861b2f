package dev.rebasis.simulations.disk;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One random history of a log: several lives, each of random appends, forces, passing time and clean closes, each ended by
 * a crash at a random change of the disk. After each crash the log must hold what one of the states since the last
 * acknowledged one held, exactly.
 */
final class PowerLossHistory {

  /** How a life ends. */
  enum Crash {
    /** Most with the loss of what was not forced, some as below. */
    POWER,
    /** By {@code kill -9}. */
    PROCESS
  }

  /** What acknowledges an append. */
  enum Acknowledged {
    /** The force after it. */
    AT_FORCE,
    /** The next clean close; up to there the log may fall back to any earlier state of this life, but to a whole one. */
    AT_CLOSE
  }

  private final Random random;
  private final AppendLog.Opener opener;
  private final Crash crash;
  private final Acknowledged acknowledgedAt;
  private final SimDisk disk;
  private SortedMap<Long, String> acknowledged = new TreeMap<>();
  private final List<Map<Long, String>> inDoubt = new ArrayList<>();
  private long nextSeq = 1;
  private int version;

  private PowerLossHistory(long seed, AppendLog.Opener opener, Crash crash, Acknowledged at, SimDisk disk) {
    this.random = new Random(seed);
    this.opener = opener;
    this.crash = crash;
    this.acknowledgedAt = at;
    this.disk = disk;
  }

  /** Returns null if the log kept its promise, else what it broke. {@code name} is for the disk. */
  static String run(String name, long seed, AppendLog.Opener opener, Crash crash, Acknowledged at) {
    try (SimDisk disk = SimDisk.create(name + "-" + seed, seed)) {
      String broken = new PowerLossHistory(seed, opener, crash, at, disk).live();
      return broken == null ? null : "seed " + seed + ": " + broken;
    }
  }

  private String live() {
    int lives = 2 + random.nextInt(5);
    for (int life = 1; life <= lives; life++) {
      planCrash();
      String broken = oneLife(life);
      if (broken == null) {
        broken = verify(life);
      }
      if (broken != null) {
        return broken;
      }
    }
    return null;
  }

  private void planCrash() {
    if (random.nextInt(6) > 0) {
      // early changes are the interesting ones: opening, recovery, first reuse
      int n = 1 + random.nextInt(1 << (2 + random.nextInt(8)));
      disk.faults().cutPowerAt(n);
    }
  }

  private String oneLife(int life) {
    AppendLog log = null;
    String broken = null;
    try {
      log = opener.open(disk.path("log"));
      int steps = 1 + random.nextInt(30);
      for (int i = 0; i < steps; i++) {
        log = step(log);
      }
    } catch (SQLException | RuntimeException e) {
      if (!disk.faults().isOff()) {
        broken = "FAILED with the power on in life " + life + ": " + rootMessage(e);
      }
    }
    if (crash == Crash.POWER && random.nextInt(4) > 0) {
      disk.powerLoss();
    } else {
      disk.processCrash();
    }
    if (log != null) {
      log.abandon();
    }
    return broken;
  }

  private AppendLog step(AppendLog log) throws SQLException {
    if (random.nextInt(4) == 0) {
      // past H2's retention time, so that it uses space again
      log.advanceClock(random.nextBoolean() ? 60_000 : random.nextInt(50_000));
    }
    if (random.nextInt(12) == 0) {
      log.close();
      if (!disk.faults().isOff()) {
        // H2 reports no failure of a close, so one that the power cut short looks like a clean one
        acknowledge();
      }
      return opener.open(disk.path("log"));
    }
    int appends = random.nextInt(4) == 0 ? 2 + random.nextInt(6) : 1;
    for (int i = 0; i < appends; i++) {
      Map<Long, String> batch = batch();
      inDoubt.add(batch);
      log.append(batch);
    }
    log.force();
    if (acknowledgedAt == Acknowledged.AT_FORCE) {
      acknowledge();
    }
    return log;
  }

  private Map<Long, String> batch() {
    int size = switch (random.nextInt(20)) {
      case 18 -> 200 + random.nextInt(800);
      case 19 -> 1_000 + random.nextInt(3_000);
      default -> 1 + random.nextInt(1 << random.nextInt(6));
    };
    boolean bulkDelete = size > 100 && random.nextBoolean();
    Map<Long, String> batch = new TreeMap<>();
    for (int i = 0; i < size; i++) {
      long old = 1 + (long) (random.nextDouble() * nextSeq);
      switch (bulkDelete ? 5 : random.nextInt(6)) {
        case 4 -> batch.put(old, payload(old, size));
        case 5 -> batch.put(old, null);
        default -> {
          batch.put(nextSeq, payload(nextSeq, size));
          nextSeq++;
        }
      }
    }
    return batch;
  }

  private String payload(long seq, int batchSize) {
    int length = random.nextInt(batchSize > 100 ? 200 : 1 << (4 + random.nextInt(9)));
    StringBuilder text = new StringBuilder().append(seq).append(':').append(++version).append(':');
    long state = seq * 31 + version;
    while (text.length() < length) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      text.append((char) (' ' + (state >>> 58)));
    }
    return text.toString();
  }

  private void acknowledge() {
    inDoubt.forEach(batch -> apply(batch, acknowledged));
    inDoubt.clear();
  }

  private static void apply(Map<Long, String> batch, SortedMap<Long, String> rows) {
    batch.forEach((seq, payload) -> {
      if (payload == null) {
        rows.remove(seq);
      } else {
        rows.put(seq, payload);
      }
    });
  }

  private String verify(int life) {
    SortedMap<Long, String> found;
    AppendLog log = null;
    try {
      log = opener.open(disk.path("log"));
      found = log.readAll();
    } catch (SQLException | RuntimeException e) {
      return "UNREADABLE after life " + life + ": " + rootMessage(e);
    } finally {
      if (log != null) {
        endOfCheck(log);
      }
    }
    SortedMap<Long, String> state = new TreeMap<>(acknowledged);
    boolean matches = state.equals(found);
    for (int i = 0; !matches && i < inDoubt.size(); i++) {
      apply(inDoubt.get(i), state);
      matches = state.equals(found);
    }
    if (!matches) {
      return "LOST after life " + life + ": " + difference(found);
    }
    acknowledged = state;
    inDoubt.clear();
    return null;
  }

  /** A log that was only read may end by a clean close or by the end of the process. */
  private void endOfCheck(AppendLog log) {
    if (random.nextBoolean()) {
      try {
        log.close();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
    disk.processCrash();
    log.abandon();
  }

  private String difference(SortedMap<Long, String> found) {
    int missing = 0;
    int other = 0;
    int extra = 0;
    for (Map.Entry<Long, String> row : acknowledged.entrySet()) {
      String there = found.get(row.getKey());
      missing += there == null ? 1 : 0;
      other += there != null && !there.equals(row.getValue()) ? 1 : 0;
    }
    for (Long seq : found.keySet()) {
      extra += acknowledged.containsKey(seq) ? 0 : 1;
    }
    return "of " + acknowledged.size() + " acknowledged rows " + missing + " are missing, " + other
        + " differ, " + extra + " are extra; " + inDoubt.size() + " transactions in doubt";
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + String.valueOf(root.getMessage()).split("\n")[0];
  }
}
