package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.storage.H2Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.h2.store.fs.FileUtils;

/**
 * Where the files of one store are: {@code log.mv.db} and, while it is open, {@code log.wal}
 * and {@code log.mv.db.journal} (together the truth), {@code index.mv} and {@code index.position} (made
 * from it), {@code store.txt} (what this folder is, for people) and {@code lock}. Immutable.
 */
public final class StoreFiles {
  // Names of databases in memory must differ within the process; they mean nothing beyond it.
  private static final AtomicLong IN_MEMORY_COUNT = new AtomicLong();

  private enum Place { FOLDER, FILE_PATH, MEMORY }

  private final Place place;
  private final String name;
  private final String prefix;
  private final String holder;
  private final boolean indexInFile;
  /** Tells what is free on the disk; null to ask the system. */
  private final LongSupplier free;

  private StoreFiles(Place place, String name, String prefix, String holder, boolean indexInFile) {
    this(place, name, prefix, holder, indexInFile, null);
  }

  private StoreFiles(
      Place place, String name, String prefix, String holder, boolean indexInFile, LongSupplier free) {
    this.free = free;
    this.place = place;
    this.name = name;
    this.prefix = prefix;
    this.holder = holder;
    this.indexInFile = indexInFile;
  }

  /**
   * A folder on the disk, made when the store is opened if it is not there.
   *
   * @param folder the folder; one store to a folder
   * @param holder who opens it, for the error that a second opener gets, for example {@code process 4711 on host pad-3
   *     since 2026-11-21T10:00:00Z}
   */
  public static StoreFiles folder(Path folder, String holder) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (absolute.toString().indexOf(';') >= 0) {
      throw new RebasisException(StoreErrors.FAILED, ErrorCategory.FIX_REQUEST,
          "The store " + absolute + " has a semicolon in its path, which H2 cannot open. Choose another folder.",
          Map.of(), null);
    }
    // retry: H2 opens a file again that the interruption of a thread closed (as Java's file channels are).
    return new StoreFiles(
        Place.FOLDER, absolute.toString(), "retry:" + absolute + "/", Objects.requireNonNull(holder, "holder"), true);
  }

  /** A folder on the disk, held by this process. */
  public static StoreFiles folder(Path folder) {
    return folder(folder, "process " + ProcessHandle.current().pid());
  }

  /** Nothing on the disk: the store is gone when it is closed. */
  public static StoreFiles inMemory() {
    String name = "rebasis-" + IN_MEMORY_COUNT.incrementAndGet();
    return new StoreFiles(Place.MEMORY, name, "mem:" + name + "-", "", false);
  }

  /**
   * Files under a path that one of H2's file systems understands, for example {@code memFS:/c1/} or one of the
   * simulator's own. Without a lock file.
   *
   * @param prefix goes before each file's name
   * @param indexInFile false to build the index in memory at each opening
   */
  public static StoreFiles filePath(String prefix, boolean indexInFile) {
    return new StoreFiles(Place.FILE_PATH, prefix, prefix, "", indexInFile);
  }

  /** The folder, or null if it is in none. */
  Path folder() {
    return place == Place.FOLDER ? Path.of(name) : null;
  }

  /** What people know the store by. */
  public String name() {
    return name;
  }

  /** Whether it outlives its closing. */
  public boolean isDurable() {
    return place != Place.MEMORY;
  }

  /** The JDBC URL of the log, without settings. */
  String logUrl(Durability durability) {
    if (place == Place.MEMORY) {
      return "jdbc:h2:" + prefix + "log";
    }
    String journaled = durability == Durability.POWER_LOSS
        ? H2Settings.URL_PREFIX_POWER_LOSS : H2Settings.URL_PREFIX_PROCESS_CRASH;
    return journaled + prefix + "log";
  }

  String logFile() {
    return prefix + "log.mv.db";
  }

  /** The write-ahead log, while the store is open or after it was not closed. */
  String aheadFile() {
    return prefix + "log.wal";
  }

  String labelFile() {
    return prefix + "store.txt";
  }

  /** The index file, or null if the index is kept in memory. */
  public String indexFile() {
    return indexInFile ? prefix + "index.mv" : null;
  }

  /** A file that is there only while an index is made, or null. */
  public String scratchFile() {
    return indexInFile ? prefix + "index.scratch" : null;
  }

  /** The file that says what the index file stands at, or null. */
  public String indexPositionFile() {
    return indexInFile ? prefix + "index.position" : null;
  }

  /** The bytes of all its files together. */
  public long sizeBytes() {
    long bytes = 0;
    for (String file : files()) {
      bytes += FileUtils.exists(file) ? FileUtils.size(file) : 0;
    }
    return bytes;
  }

  /** Bytes that are free on the disk; {@link Long#MAX_VALUE} where nobody knows. */
  public long freeBytes() {
    if (free != null) {
      return free.getAsLong();
    }
    if (place != Place.FOLDER) {
      return Long.MAX_VALUE;
    }
    try {
      return Files.getFileStore(Path.of(name)).getUsableSpace();
    } catch (IOException e) {
      throw StoreErrors.failed(name, "ask how much of its disk is free", e);
    }
  }

  /** The same files on a disk of which something else tells what is free. */
  public StoreFiles withFreeBytes(LongSupplier bytes) {
    return new StoreFiles(place, name, prefix, holder, indexInFile, bytes);
  }

  /** Deletes the store, which nobody has open; a folder with other files in it stays. */
  public void delete() {
    if (place == Place.MEMORY) {
      return;
    }
    files().forEach(FileUtils::delete);
    deleteLeftovers();
    if (place == Place.FOLDER && Files.isDirectory(Path.of(name))) {
      try {
        Files.deleteIfExists(Path.of(name, "lock"));
        try (Stream<Path> left = Files.list(Path.of(name))) {
          if (left.findAny().isEmpty()) {
            Files.delete(Path.of(name));
          }
        }
      } catch (IOException e) {
        throw StoreErrors.failed(name, "delete its folder", e);
      }
    }
  }

  /** What an upgrade kept of the store as it was, and what a process left that died while it wrote. */
  private void deleteLeftovers() {
    String folder = FileUtils.getParent(logFile());
    if (!FileUtils.isDirectory(folder)) {
      return;
    }
    for (String file : FileUtils.newDirectoryStream(folder)) {
      String itsName = FileUtils.getName(file);
      if (StoreUpgrade.isCopy(itsName) || file.equals(scratchFile()) || itsName.equals(StoreScrub.COPY)
          || itsName.equals(StoreTrim.COPY)) {
        FileUtils.deleteRecursive(file, false);
      }
    }
  }

  private List<String> files() {
    return place == Place.MEMORY ? List.of() : List.of(logFile(), logFile() + ".journal", aheadFile(), prefix + "index.mv",
        prefix + "index.position", labelFile());
  }

  /** Makes the folder and takes the lock. */
  StoreLock lock() {
    if (place != Place.FOLDER) {
      return StoreLock.none();
    }
    try {
      Files.createDirectories(Path.of(name));
    } catch (IOException e) {
      throw StoreErrors.failed(name, "make its folder", e);
    }
    return StoreLock.acquire(Path.of(name, "lock"), name, holder);
  }

  @Override
  public String toString() {
    return name;
  }
}
