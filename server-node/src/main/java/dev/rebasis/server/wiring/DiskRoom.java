package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the room on the log's disk. A log that cannot be written can only be read until the next start, since memory is
 * ahead of it then; so no transaction is decided while less is free than the reserve. Thread-safe.
 */
final class DiskRoom {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);
  private static final int LOOKS_PER_RESERVE = 8;
  private static final long RETRY_MILLIS = 5_000;

  /** Says how many bytes are free on the disk of a folder. */
  interface Free {
    long ask(Path folder) throws IOException;
  }

  private final Free free;
  private final Path folder;
  private final long reserve;
  private boolean full;
  private long sizeSeen;

  /**
   * Makes one.
   *
   * @param folder of the log; null if there is none
   * @param reserve bytes that must be free; 0 for no reserve
   */
  DiskRoom(Path folder, long reserve) {
    this(folder, reserve, path -> Files.getFileStore(path).getUsableSpace());
  }

  DiskRoom(Path folder, long reserve, Free free) {
    this.folder = folder;
    this.reserve = reserve;
    this.free = free;
  }

  /**
   * Whether the log has grown so much since the last look that it is time for another, before the timer says so: what comes in
   * a second may be more than the reserve. Costs a few microseconds.
   */
  synchronized boolean hasGrown() {
    return folder != null && reserve > 0 && size() - sizeSeen >= reserve / LOOKS_PER_RESERVE;
  }

  private long size() {
    try {
      return Files.size(folder.resolve("log.mv.db"));
    } catch (IOException e) {
      LOG.warn("How large the log in {} is cannot be asked: {}", folder, e.toString());
      return sizeSeen;
    }
  }

  /** Why nothing can be written now, null if it can. */
  synchronized RebasisException look() {
    if (folder == null || reserve == 0) {
      return null;
    }
    sizeSeen = size();
    long left;
    try {
      left = free.ask(folder);
    } catch (IOException e) {
      LOG.warn("How much of the disk of {} is free cannot be asked: {}", folder, e.toString());
      return null;
    }
    boolean was = full;
    full = left < reserve;
    if (full != was) {
      LOG.warn(full ? "The disk of {} has {} bytes free, less than the reserve: transactions wait."
          : "The disk of {} has {} bytes free: transactions go on.", folder, left);
    }
    return !full ? null : new RebasisException(Keyword.of(":rebasis.error/disk-full"), ErrorCategory.RETRY_LATER,
        "The server's disk has " + left + " bytes free, less than the " + reserve + " that it keeps in reserve"
            + " (--disk-reserve-bytes). Transactions wait until its operator makes room; everything can be read.",
        Map.of(RebasisException.RETRY_AFTER, RETRY_MILLIS), null);
  }
}
