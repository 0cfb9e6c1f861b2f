package dev.rebasis.simulations.disk;

import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;
import org.h2.store.fs.FilePath;

/**
 * A disk in memory, driven by one seed, on which H2 runs unchanged.
 *
 * <p><b>What a loss of power keeps.</b> Each file has a durable image and the operations that were not forced since.
 * {@code FileChannel.force} adds them to the image. {@link #powerLoss()} decides for each of them anew:
 *
 * <ul>
 *   <li>a write survives wholly, in part or not at all, in sectors of {@value Sectors#BYTES} bytes, which are atomic, as
 *       drives promise. A later write may survive an earlier one, which is what reordering means to a reader; among
 *       writes to one sector the outcome is one of those written or what was there before;
 *   <li>a file may have grown over data that did not survive; what was never written reads as zeros;
 *   <li>a truncation survives or not, independently of the writes around it;
 *   <li>creations, renames and deletions survive up to some point in their own order, since file systems keep a journal
 *       of these. Forcing a file makes durable all of them up to the last that concerns this file.
 * </ul>
 *
 * <p>{@link #processCrash()} keeps everything that was written and only takes away the open files, as {@code kill -9} does.
 *
 * <p><b>Lives.</b> Each crash begins a new life, and {@link #path} and {@link #url} name it. What an earlier life still
 * holds, an open channel or a path, fails from then on, so that a killed program may be closed at leisure and can do no
 * harm; and H2, which keeps its open databases in a static map by name, never mistakes the dead one for the new.
 *
 * <p><b>Determinism.</b> The same seed and the same sequence of calls give the same losses. H2 writes the current time
 * into its files, and, with a write delay, writes from a thread of its own; what it writes is then not the same twice.
 *
 * <p>Thread-safe: one lock per disk. Close it to give its memory back; its files are then gone.
 */
public final class SimDisk implements AutoCloseable {

  static final String SCHEME = "simdisk";

  private static final ConcurrentMap<String, SimDisk> DISKS = new ConcurrentHashMap<>();

  static {
    FilePath.register(new SimPath());
  }

  private final String name;
  private final RandomGenerator random;
  private final DiskFaults faults = new DiskFaults();
  private final Object lock = new Object();
  private final Volume volume = new Volume(faults); // guarded by lock
  private volatile int life = 1;

  private SimDisk(String name, long seed) {
    this.name = name;
    this.random = new Random(seed);
  }

  /**
   * Makes an empty disk.
   *
   * @param name letters, digits, '-', '_' and '.'; no other open disk of this process may have it
   * @param seed decides what is lost at each {@link #powerLoss()}
   * @throws IllegalArgumentException if the name has other characters
   * @throws IllegalStateException if a disk of this name is open
   */
  public static SimDisk create(String name, long seed) {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      throw new IllegalArgumentException("not a name for a disk: " + name);
    }
    SimDisk disk = new SimDisk(name, seed);
    if (DISKS.putIfAbsent(name, disk) != null) {
      throw new IllegalStateException("a disk of this name is open: " + name);
    }
    return disk;
  }

  /** The disk of this name, or null if there is none. */
  static SimDisk find(String name) {
    return DISKS.get(name);
  }

  /** The name that it was made with. */
  public String name() {
    return name;
  }

  /**
   * The file name to give to H2, good until the next crash.
   *
   * @param file relative, parts separated by '/'
   */
  public String path(String file) {
    return SCHEME + ":" + name + "@" + life + "/" + file;
  }

  /**
   * The JDBC URL of a database in this file (H2 adds {@code .mv.db}), good until the next crash.
   *
   * @param settings appended as it is, such as {@code ";WRITE_DELAY=0"}; may be empty
   */
  public String url(String file, String settings) {
    return "jdbc:h2:" + path(file) + settings;
  }

  /** Faults to come; see there. */
  public DiskFaults faults() {
    return faults;
  }

  /** From now on this one is told of each operation, also in later lives; null for nobody. */
  public void watch(DiskWatch watcher) {
    synchronized (lock) {
      volume.watch(watcher);
    }
  }

  /** What was done on this disk since it was made. */
  public DiskCounters counters() {
    synchronized (lock) {
      return faults.counters();
    }
  }

  /** The names of all files, sorted, relative to the disk. */
  public List<String> files() {
    synchronized (lock) {
      return volume.files();
    }
  }

  /** The bytes of all files together. */
  public long usedBytes() {
    synchronized (lock) {
      return volume.usedBytes();
    }
  }

  /** Loses power with the losses that this disk's own seed gives. Begins a new life, with the power back on. */
  public void powerLoss() {
    powerLoss(random);
  }

  /**
   * Loses power. What was not forced survives as {@code losses} decides. Begins a new life, with the power back on and
   * no faults planned; the counters go on.
   */
  public void powerLoss(RandomGenerator losses) {
    synchronized (lock) {
      volume.powerLoss(losses);
      beginLife();
    }
  }

  /** Kills the process: everything written stays, open files and locks go. Begins a new life, with no faults planned. */
  public void processCrash() {
    synchronized (lock) {
      volume.processCrash();
      beginLife();
    }
  }

  private void beginLife() {
    life++;
    faults.clear();
  }

  /** Everything that was written so far, forced or not. */
  public DiskImage image() {
    synchronized (lock) {
      return volume.image();
    }
  }

  /** Puts an image in the place of everything, durably. Begins a new life, with no faults planned. */
  public void restore(DiskImage image) {
    synchronized (lock) {
      volume.restore(image);
      beginLife();
    }
  }

  /** Forgets the disk and its files. What is still open on it fails from now on. */
  @Override
  public void close() {
    synchronized (lock) {
      life++;
    }
    DISKS.remove(name, this);
  }

  Object lock() {
    return lock;
  }

  /** Call with the lock held, by one who has checked that his life still lasts. */
  Volume volume() {
    return volume;
  }

  int life() {
    return life;
  }

  @Override
  public String toString() {
    return SCHEME + ":" + name + "@" + life;
  }
}
