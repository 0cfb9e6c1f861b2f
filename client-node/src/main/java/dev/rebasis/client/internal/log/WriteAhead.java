package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.data.Transaction;
import dev.rebasis.journal.RecordJournal;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The write-ahead log of a store, {@code log.wal}, and what is in it but not in the tables yet. A transaction made here
 * costs one write and one force; the tables take over many at once, in one H2 transaction, which costs a fraction of one
 * each. A store in memory has no file, and its tables take over confirmed transactions when somebody reads them or other
 * entries are due: here they take no memory of their own, since the index holds the same datoms, and as rows they would. So any
 * number of them may wait, and they become rows in portions: H2 holds twice what is not committed.
 *
 * <p>Write-ahead logging is that of Mohan et al., ARIES (1992), section 2, with redo only: nothing uncommitted is in it.
 *
 * <p>Thread-safe: one lock, held across an append and its force, but not while the tables take over.
 */
final class WriteAhead {

  /** From so many entries on, the tables should take over when there is time. */
  private static final int DUE_ENTRIES = 64;

  /** From so many bytes on, they should at once; in memory they are some four times as large. */
  private static final long URGENT_BYTES =
      Math.max(2 << 20, Math.min(32 << 20, Runtime.getRuntime().maxMemory() / 64));

  /** So much that takes memory waits at most, so that the opening after a crash takes seconds. */
  private static final long WAITING_BYTES_MAX = URGENT_BYTES * 3 / 2;

  /**
   * In memory a portion is closed when it has so many datoms; what is appended at once is never divided. That is more than this
   * only where one transaction is: a server sends some 4,000 datoms at once, and of a larger transaction all. It is
   * written as a whole, its datoms as blocks, and a message of 64 MB bounds it. In a file it is the same.
   */
  static final int PORTION_DATOMS = 10_000;

  private static final int ENTRY_BYTES = 100;
  private static final int DATOM_BYTES = 32;

  /** What the tables are to take over, each portion in one H2 transaction; of a file there is one at most. */
  private record Batch(List<List<LogEntry>> portions, long number) {}

  private final RecordJournal journal; // null in memory
  private List<List<LogEntry>> waiting = new ArrayList<>();
  private long portionDatoms;
  private int entries;
  private long bytes;
  /** Whether something that waits in memory withdraws entities, of which older rows are then deleted. */
  private boolean withdraws;
  /** Whether something that waits in memory takes back for good what waits before it, or what the tables hold. */
  private boolean forgets;

  private WriteAhead(RecordJournal journal) {
    this.journal = journal;
  }

  /** Without a file. */
  static WriteAhead inMemory() {
    return new WriteAhead(null);
  }

  /** Opens the file and gives the tables what an earlier run left in it. */
  static WriteAhead open(StoreFiles files, Durability durability, LogRows rows) throws IOException, SQLException {
    RecordJournal journal = RecordJournal.open(files.aheadFile(), durability == Durability.PROCESS_CRASH);
    try {
      WriteAhead ahead = new WriteAhead(journal);
      ahead.recover(files, rows);
      return ahead;
    } catch (IOException | SQLException | RuntimeException e) {
      try (journal) {
        throw e;
      }
    }
  }

  private void recover(StoreFiles files, LogRows rows) throws IOException, SQLException {
    List<LogEntry> left = new ArrayList<>();
    boolean whole = journal.replay(rows.takenOver(), (number, content) -> left.addAll(EntryCodec.decode(content)));
    if (!whole) {
      logger().log(System.Logger.Level.WARNING, "The store {0} was written for the end of a process and met a loss of power:"
          + " its newest transactions are lost, as its durability PROCESS_CRASH allows.", files);
    } else if (!left.isEmpty()) {
      logger().log(System.Logger.Level.INFO,
          "Taking over {0} entries from log.wal of the store {1}, which was not closed.", left.size(), files);
    }
    rows.takeOver(left, journal.lastNumber());
    rows.force();
    journal.restart();
  }

  /** Appends entries as one record: all of them survive, or none. */
  synchronized void append(byte[] record, List<LogEntry> more, boolean force) throws IOException {
    if (journal != null) {
      journal.append(record);
      if (force) {
        journal.force();
      }
    }
    List<LogEntry> portion = openPortion();
    long weight = 0;
    for (LogEntry entry : more) {
      long datoms = datoms(entry);
      portion.add(entry);
      portionDatoms += datoms;
      if (journal != null || !isHeldByIndex(entry)) {
        entries++;
        weight += ENTRY_BYTES + datoms * DATOM_BYTES;
      }
      withdraws |= journal == null && withdraws(entry);
      forgets |= journal == null && forgets(entry);
    }
    // The weight is for those that have no record.
    bytes += Math.max(record.length, weight);
  }

  private List<LogEntry> openPortion() {
    if (waiting.isEmpty() || (journal == null && portionDatoms >= PORTION_DATOMS)) {
      waiting.add(new ArrayList<>());
      portionDatoms = 0;
    }
    return waiting.get(waiting.size() - 1);
  }

  private static long datoms(LogEntry entry) {
    long datoms = 0;
    if (entry instanceof LogEntry.Confirmed confirmed) {
      for (Transaction transaction : confirmed.transactions()) {
        datoms += transaction.datoms().size();
      }
    }
    return datoms;
  }

  private static boolean isHeldByIndex(LogEntry entry) {
    return entry instanceof LogEntry.Confirmed && !withdraws(entry);
  }

  private static boolean withdraws(LogEntry entry) {
    return entry instanceof LogEntry.Confirmed confirmed
        && confirmed.transactions().stream().anyMatch(transaction -> !transaction.withdrawn().isEmpty());
  }

  /** Whether what waits before it is to be held no longer than need be. */
  private static boolean forgets(LogEntry entry) {
    return entry instanceof LogEntry.DropConfirmed || entry instanceof LogEntry.Scrubbed;
  }

  /** Whether enough waits for the tables. */
  synchronized boolean isDue() {
    return forgets || withdraws || entries >= DUE_ENTRIES || bytes >= DUE_ENTRIES * (long) ENTRY_BYTES;
  }

  /** Whether the tables should take over at once, since so much waits for them or something is to be forgotten. */
  synchronized boolean isUrgent() {
    return forgets || bytes >= URGENT_BYTES;
  }

  /** Whether so much waits for the tables that nothing more may. */
  synchronized boolean isOverdue() {
    return bytes >= WAITING_BYTES_MAX;
  }

  /** Gives the tables all that was appended before this call. One caller at a time; more may be appended meanwhile. */
  void giveTo(LogRows rows) throws SQLException {
    Batch batch = take();
    for (List<LogEntry> portion : batch.portions()) {
      rows.takeOver(portion, batch.number());
    }
  }

  private synchronized Batch take() {
    Batch batch = new Batch(waiting, journal == null ? 0 : journal.lastNumber());
    waiting = new ArrayList<>();
    entries = 0;
    bytes = 0;
    withdraws = false;
    forgets = false;
    return batch;
  }

  /** Whether the file is so large that it should begin anew. */
  boolean isFull() {
    return journal != null && journal.isFull();
  }

  /** Gives the tables all that waits, and begins the file anew. Nothing is appended meanwhile. */
  synchronized void restart(LogRows rows) throws IOException, SQLException {
    giveTo(rows);
    rows.force();
    journal.restart();
  }

  /** Forces what was appended so far. */
  void force() throws IOException {
    if (journal != null) {
      journal.force();
    }
  }

  /** Closes the file. What is in it, if anything, is given to the tables at the next opening. */
  void close() throws IOException {
    if (journal != null) {
      journal.close();
    }
  }

  /** Closes the file after the tables, which hold everything, were forced and closed. */
  void closeEmpty() throws IOException {
    if (journal != null) {
      journal.closeEmpty();
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static System.Logger logger() {
    return System.getLogger(WriteAhead.class.getName());
  }
}
