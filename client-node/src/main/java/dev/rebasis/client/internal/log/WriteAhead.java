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
 * each. A store in memory has no file; its tables are spared all the same.
 *
 * <p>Write-ahead logging is that of Mohan et al., ARIES (1992), section 2, with redo only: nothing uncommitted is in it.
 *
 * <p>Thread-safe: one lock, held across an append and its force, but not while the tables take over.
 */
final class WriteAhead {

  /** From so many entries on, the tables should take over when there is time. */
  private static final int DUE_ENTRIES = 64;

  /** From so much on, they should at once. */
  private static final Amount URGENT = new Amount(60_000, 160_000, 12 << 20);

  /** So much waits at most, so that memory stays bounded and the opening after a crash takes seconds. */
  private static final Amount WAITING_MAX = new Amount(90_000, 240_000, 16 << 20);

  /** How much waits: entries, their confirmed datoms, and bytes of their records. */
  private record Amount(int entries, int datoms, long bytes) {
    private static final Amount NONE = new Amount(0, 0, 0);

    Amount plus(List<LogEntry> more, int moreBytes) {
      int moreDatoms = 0;
      for (LogEntry entry : more) {
        if (entry instanceof LogEntry.Confirmed confirmed) {
          for (Transaction transaction : confirmed.transactions()) {
            moreDatoms += transaction.datoms().size();
          }
        }
      }
      return new Amount(entries + more.size(), datoms + moreDatoms, bytes + moreBytes);
    }

    boolean reaches(Amount limit) {
      return entries >= limit.entries || datoms >= limit.datoms || bytes >= limit.bytes;
    }
  }

  /** What the tables are to take over. */
  record Batch(List<LogEntry> entries, long number) {}

  private final RecordJournal journal; // null in memory
  private List<LogEntry> waiting = new ArrayList<>();
  private Amount amount = Amount.NONE;

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
  synchronized void append(byte[] record, List<LogEntry> entries, boolean force) throws IOException {
    if (journal != null) {
      journal.append(record);
      if (force) {
        journal.force();
      }
    }
    waiting.addAll(entries);
    amount = amount.plus(entries, record.length);
  }

  /** Whether enough waits for the tables. */
  synchronized boolean isDue() {
    return amount.entries >= DUE_ENTRIES || amount.datoms >= DUE_ENTRIES;
  }

  /** Whether so much waits for the tables that they should take over at once. */
  synchronized boolean isUrgent() {
    return amount.reaches(URGENT);
  }

  /** Whether so much waits for the tables that nothing more may. */
  synchronized boolean isOverdue() {
    return amount.reaches(WAITING_MAX);
  }

  /** Takes what waits for the tables. */
  synchronized Batch take() {
    Batch batch = new Batch(waiting, journal == null ? 0 : journal.lastNumber());
    waiting = new ArrayList<>();
    amount = Amount.NONE;
    return batch;
  }

  /** Whether the file is so large that it should begin anew. */
  boolean isFull() {
    return journal != null && journal.isFull();
  }

  /** Gives the tables all that waits, and begins the file anew. Nothing is appended meanwhile. */
  synchronized void restart(LogRows rows) throws IOException, SQLException {
    Batch rest = take();
    rows.takeOver(rest.entries(), rest.number());
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
