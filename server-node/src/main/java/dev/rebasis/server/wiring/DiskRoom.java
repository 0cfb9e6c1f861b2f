package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the room on the log's disk. A log that cannot be written can only be read until the next start, since memory is
 * ahead of it then; so no transaction is decided while less is free than the reserve. Confined to the timer, but for what is answered.
 */
final class DiskRoom {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);
  private static final long RETRY_MILLIS = 5_000;

  private final Path folder;
  private final long reserve;
  private boolean full;

  /**
   * Makes one.
   *
   * @param folder of the log; null if there is none
   * @param reserve bytes that must be free; 0 for no reserve
   */
  DiskRoom(Path folder, long reserve) {
    this.folder = folder;
    this.reserve = reserve;
  }

  /** Why nothing can be written now, null if it can. */
  RebasisException look() {
    long free;
    try {
      free = folder == null || reserve == 0 ? Long.MAX_VALUE : Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      LOG.warn("How much of the disk of {} is free cannot be asked: {}", folder, e.toString());
      return null;
    }
    boolean was = full;
    full = free < reserve;
    if (full != was) {
      LOG.warn(full ? "The disk of {} has {} bytes free, less than the reserve: transactions wait."
          : "The disk of {} has {} bytes free: transactions go on.", folder, free);
    }
    return !full ? null : new RebasisException(Keyword.of(":rebasis.error/disk-full"), ErrorCategory.RETRY_LATER,
        "The server's disk has " + free + " bytes free, less than the " + reserve + " that it keeps in reserve"
            + " (--disk-reserve-bytes). Transactions wait until its operator makes room; everything can be read.",
        Map.of(EmbeddedMaster.RETRY_AFTER, RETRY_MILLIS), null);
  }
}
