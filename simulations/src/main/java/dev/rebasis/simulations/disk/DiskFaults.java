package dev.rebasis.simulations.disk;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Faults planned for one disk, and the counters of what was done on it. A crash clears the plan, not the counters.
 *
 * <p>Thread-safe.
 */
public final class DiskFaults {

  private static final long NEVER = Long.MAX_VALUE;

  private final Map<DiskOperation, Long> done = new EnumMap<>(DiskOperation.class);
  private final Map<DiskOperation, Long> failAt = new EnumMap<>(DiskOperation.class);
  private final Map<DiskOperation, Runnable> failed = new EnumMap<>(DiskOperation.class);
  private long mutations;
  private long cutAt = NEVER;
  private long writtenBytes;
  private long refused;
  private long capacityBytes = NEVER;
  private Runnable full = () -> { };
  private boolean off;
  private boolean lying;
  private boolean paused;

  DiskFaults() {}

  /**
   * The power goes at the {@code n}-th change from now (1 is the next). That change is still issued, and like all that
   * was not forced it may or may not survive; a force is not carried out. Everything after it fails, until
   * {@link SimDisk#powerLoss()} settles what survived.
   */
  public synchronized void cutPowerAt(long n) {
    cutAt = Math.addExact(mutations, positive(n));
  }

  /** Whether the power went, as {@link #cutPowerAt} had planned, and no crash followed yet. */
  public synchronized boolean isOff() {
    return off;
  }

  /** The {@code n}-th operation of this kind from now (1 is the next) fails with an IOException and changes nothing. */
  public synchronized void failAt(DiskOperation operation, long n) {
    failAt(operation, n, () -> { });
  }

  /**
   * The same.
   *
   * @param struck called when it fails; must not use the disk
   */
  public synchronized void failAt(DiskOperation operation, long n, Runnable struck) {
    failAt.put(operation, count(operation) + positive(n));
    failed.put(operation, struck);
  }

  /** Writes that would take the files of this disk together past this many bytes fail: no space left. */
  public synchronized void capacityBytes(long bytes) {
    capacityBytes = bytes;
  }

  /** Calls this, once, when something does not fit for the first time; it must not use the disk. */
  public synchronized void onFull(Runnable struck) {
    full = struck;
  }

  /** From now on a force succeeds and does nothing, as on a disk that lies, or for a program that forgets it. */
  public synchronized void ignoreForces() {
    lying = true;
  }

  synchronized boolean ignoresForces() {
    return lying;
  }

  /** Takes all planned faults back and turns the power on. */
  public synchronized void clear() {
    failAt.clear();
    cutAt = NEVER;
    capacityBytes = NEVER;
    full = () -> { };
    off = false;
    lying = false;
  }

  /** While somebody looks from outside, what is read is no operation of the program: not counted, and never failed. */
  public <T> T looking(Supplier<T> look) {
    pause(true);
    try {
      return look.get();
    } finally {
      pause(false);
    }
  }

  private synchronized void pause(boolean now) {
    paused = now;
  }

  synchronized boolean isPaused() {
    return paused;
  }

  /** Counts an operation, and fails it if that is planned. Returns whether the power goes with it. */
  synchronized boolean check(DiskOperation operation) throws IOException {
    if (paused && !operation.mutates()) {
      return false;
    }
    checkPower();
    long number = count(operation) + 1;
    done.put(operation, number);
    if (operation.mutates() && ++mutations == cutAt) {
      off = true;
      return true;
    }
    if (failAt.getOrDefault(operation, NEVER) == number) {
      failed.get(operation).run();
      throw new IOException("planned fault: " + operation + " " + number);
    }
    return false;
  }

  synchronized void checkPower() throws IOException {
    if (off) {
      throw new IOException("the power is off");
    }
  }

  synchronized void written(long bytes) {
    writtenBytes += bytes;
  }

  synchronized boolean fits(long usedBytes) {
    if (usedBytes <= capacityBytes) {
      return true;
    }
    refused++;
    Runnable told = full;
    full = () -> { };
    told.run();
    return false;
  }

  /** How often something did not fit. */
  public synchronized long refusedForSpace() {
    return refused;
  }

  synchronized DiskCounters counters() {
    long all = done.values().stream().mapToLong(Long::longValue).sum();
    return new DiskCounters(
        all,
        count(DiskOperation.READ),
        count(DiskOperation.WRITE),
        writtenBytes,
        count(DiskOperation.FORCE),
        count(DiskOperation.TRUNCATE),
        count(DiskOperation.NAME));
  }

  private long count(DiskOperation operation) {
    return done.getOrDefault(operation, 0L);
  }

  private static long positive(long n) {
    if (n < 1) {
      throw new IllegalArgumentException("counts from 1: " + n);
    }
    return n;
  }
}
