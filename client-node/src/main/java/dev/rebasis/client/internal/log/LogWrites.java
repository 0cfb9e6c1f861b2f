package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/**
 * How entries get into the log: which of them wait in the write-ahead log until the tables take over, which go into the tables at
 * once, and when each is forced. After a failed write nobody knows what is on the disk, so nothing more is written.
 *
 * <p>Confined to the log's owner, but for what says that it is for any thread.
 */
final class LogWrites {
  /**
   * So much of large messages, such as those of a load, is not forced at most, and one message more: after a crash it is fetched
   * again, and until the force the journal below the tables grows by all that H2 writes.
   */
  static final long UNFORCED_DATOMS_MAX = 64_000;

  private static final byte[] NO_RECORD = {};

  /** Changes the tables or the write-ahead log. */
  interface Change {
    void make() throws SQLException, IOException;
  }

  private final StoreFiles files;
  private final Durability durability;
  private final LogRows rows;
  private final WriteAhead ahead;
  private final Object tables;
  private Admission admission;
  private volatile boolean loadedUnforced;
  private long unforcedDatoms;
  /** Whether datoms of large messages wait to become rows, as far as is known. */
  private volatile boolean rowsToMake;
  private long madeUnforced;
  private volatile boolean failed;
  private volatile boolean closed;

  /** @param tables guards the tables: held here while they change, by others while they read them */
  LogWrites(StoreFiles files, Durability durability, LogRows rows, WriteAhead ahead, Object tables) {
    this.files = files;
    this.durability = durability;
    this.rows = rows;
    this.ahead = ahead;
    this.tables = tables;
  }

  /** Reads what entries are to follow; nothing is admitted before. */
  void begin() throws SQLException {
    admission = rows.admission();
    lookForBlocks();
  }

  private void lookForBlocks() throws SQLException {
    rowsToMake = rows.blocks().hasNext();
  }

  /** Sees to it that entries may follow what was written so far; if not, nothing has changed. */
  void admit(List<LogEntry> entries) {
    boolean admitted = false;
    try {
      admission.admit(entries);
      admitted = true;
    } finally {
      if (!admitted) {
        synchronized (tables) {
          settle();
          admission = rows.admission();
        }
      }
    }
  }

  /** Writes what was admitted, as {@link ClientLog#write} says. */
  void write(List<LogEntry> entries, boolean force) {
    if (entries.stream().anyMatch(LogEntry.Part.class::isInstance)) {
      prepareForParts();
    }
    byte[] record = files.isDurable() ? EntryCodec.encode(entries) : NO_RECORD;
    if (record == null && mayWaitForForce(entries, force)) {
      writeUnforced(entries);
      return;
    }
    forceLoaded();
    if (record == null) {
      writeIntoTables(entries);
      return;
    }
    changing("write its log", () -> ahead.append(record, entries, force));
    if (ahead.isOverdue()) {
      settle();
    }
  }

  /** In memory too: each entity that leaves would be looked for among all rows there. */
  private void prepareForParts() {
    synchronized (tables) {
      changing("prepare its log", rows::prepareForParts);
    }
  }

  private void writeIntoTables(List<LogEntry> entries) {
    synchronized (tables) {
      settle();
      changing("write its log", () -> {
        rows.write(entries);
        rows.commit();
        // Always: a later record in front of the tables must not survive what it stands on.
        rows.force();
        lookForBlocks();
      });
    }
  }

  /** For the end of a process a force is no wait for the disk. */
  private boolean mayWaitForForce(List<LogEntry> entries, boolean force) {
    return !force && durability == Durability.POWER_LOSS && entries.stream().allMatch(LogEntry.Confirmed.class::isInstance);
  }

  private void writeUnforced(List<LogEntry> entries) {
    load(entries);
    unforcedDatoms += datoms(entries);
    if (unforcedDatoms >= UNFORCED_DATOMS_MAX) {
      forceLoaded();
      unforcedDatoms = 0;
    }
  }

  private static long datoms(List<LogEntry> entries) {
    return entries.stream().flatMap(entry -> ((LogEntry.Confirmed) entry).transactions().stream())
        .mapToLong(transaction -> transaction.datoms().size()).sum();
  }

  /** Writes what was admitted into the tables, not forced. */
  void load(List<LogEntry> entries) {
    synchronized (tables) {
      settle();
      changing("write its log", () -> {
        rows.write(entries);
        rows.commit();
        loadedUnforced = true;
        lookForBlocks();
      });
    }
  }

  /** Whether datoms of large messages wait to become rows, and can, as far as is known. For any thread. */
  boolean hasRowsToMake() {
    return rowsToMake && !failed && !closed;
  }

  /**
   * Makes rows of a block of datoms that waits for it, if one does. For any thread.
   *
   * @throws RebasisException {@code :rebasis.error/store-damaged} if it is not what was written: nothing has changed, and the
   *     next call is about the next block
   */
  void makeRows() {
    synchronized (tables) {
      if (failed || closed) {
        return;
      }
      DatomBlocks.Block block = nextBlock();
      changing("write its log", () -> {
        if (block != null) {
          makeRows(block);
        }
        lookForBlocks();
        if (madeUnforced >= UNFORCED_DATOMS_MAX || !rowsToMake) {
          // Not for safety, since a crash brings the blocks back: for the journal below the tables, which grows until then.
          rows.force();
          madeUnforced = 0;
        }
      });
    }
  }

  private DatomBlocks.Block nextBlock() {
    return StoreErrors.explainingReads(files.name(), () -> {
      boolean read = false;
      try {
        DatomBlocks.Block block = rows.blocks().next();
        read = true;
        return block;
      } finally {
        if (!read) {
          lookForBlocks();
        }
      }
    });
  }

  private void makeRows(DatomBlocks.Block block) throws SQLException {
    boolean made = false;
    try {
      rows.makeRows(block);
      rows.commit();
      madeUnforced += block.datoms().size();
      made = true;
    } finally {
      if (!made) {
        // Or the owner's connection would go on to read rows beside their block.
        rows.rollback();
      }
    }
  }

  /** How many blocks are no rows yet, damaged ones among them; none after a failed write. For any thread. */
  int countBlocks() {
    synchronized (tables) {
      settle();
      return failed || closed ? 0 : StoreErrors.explainingReads(files.name(), () -> rows.blocks().count());
    }
  }

  /**
   * Makes rows of all that waits for it now, a block at a time. For any thread.
   *
   * @throws RebasisException {@code :rebasis.error/store-damaged} if one is not what was written; {@code store-failed}, also if
   *     an earlier write has failed
   */
  void makeAllRows(Runnable beforeEach) {
    int blocks;
    synchronized (tables) {
      settleOrFail();
      rows.blocks().retry();
      blocks = countBlocks();
    }
    // No more than there were: during a load there is always another one.
    for (; blocks > 0; blocks--) {
      beforeEach.run();
      makeRows();
    }
    settleOrFail();
  }

  /** As {@link #settle}, for what is of no use without all that was written. For any thread. */
  void settleOrFail() {
    synchronized (tables) {
      settle();
      requireUsable("write its log");
    }
  }

  /** Forces what was loaded: nothing may survive it that stands on it. */
  private void forceLoaded() {
    if (loadedUnforced) {
      synchronized (tables) {
        changing("force its log to the disk", () -> {
          rows.force();
          loadedUnforced = false;
        });
      }
    }
  }

  private void changing(String what, Change change) {
    requireUsable(what);
    boolean done = false;
    // An interruption would close the file under H2; whoever was interrupted sees it afterwards.
    boolean interrupted = Thread.interrupted();
    try {
      change.make();
      done = true;
    } catch (SQLException | IOException e) {
      throw StoreErrors.failed(files.name(), what, e);
    } catch (DamagedRowException e) {
      throw StoreErrors.damaged(files.name(), e.getMessage(), e);
    } finally {
      if (!done) {
        failed = true;
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void requireUsable(String what) {
    if (failed || closed) {
      throw StoreErrors.failed(files.name(), what,
          new IOException(failed ? "an earlier write failed" : "the log is closed"));
    }
  }

  /** For any thread. */
  boolean isBehind() {
    return ahead.isDue();
  }

  /** For any thread. */
  boolean isFarBehind() {
    return ahead.isUrgent();
  }

  /** Lets the tables take over what was written before this call; does nothing after a failed write. For any thread. */
  void settle() {
    synchronized (tables) {
      if (failed || closed) {
        return;
      }
      changing("write its log", () -> {
        ahead.giveTo(rows);
        if (ahead.isFull()) {
          ahead.restart(rows);
        }
      });
    }
  }

  /** Forces what was written so far. For any thread. */
  void force() {
    forceLoaded();
    try {
      ahead.force();
    } catch (IOException e) {
      throw StoreErrors.failed(files.name(), "force its log to the disk", e);
    }
  }

  // ---- the end ----

  /** Has all that was written in the tables and forced, and then makes a last change; does neither after a failed write. */
  void finish(Change last) {
    if (failed) {
      return;
    }
    changing("write its log", () -> {
      ahead.giveTo(rows);
      // H2 is silent about what fails while it closes: on a full disk log.wal would be emptied for nothing.
      rows.force();
      last.make();
    });
  }

  /** For any thread. */
  boolean hasFailed() {
    return failed;
  }

  /** What follows the last change has failed: the write-ahead log is still needed. */
  void fail() {
    failed = true;
  }

  boolean isClosed() {
    return closed;
  }

  /** Closes the write-ahead log, and empties it if the tables hold all of it; whether they do. */
  boolean close() throws IOException {
    closed = true;
    if (failed) {
      ahead.close();
      return false;
    }
    ahead.closeEmpty();
    return true;
  }

  /** Closes the write-ahead log as it is, for a log whose opening has failed. */
  void release() throws IOException {
    ahead.close();
  }
}
