package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.journal.RecordJournal;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The write-ahead log of a store, {@code log.wal}, and what is in it but not in the tables yet. A transaction made here
 * costs one write and one force; the tables take over many at once, in one H2 transaction, which costs a fraction of one
 * each. Confined to the log's owner, but for {@link #force}.
 *
 * <p>Write-ahead logging is that of Mohan et al., ARIES (1992), section 2, with redo only: nothing uncommitted is in it.
 */
final class WriteAhead {
  private static final System.Logger LOG = System.getLogger(WriteAhead.class.getName());

  /** So many entries at most wait for the tables. Measured: 64 to 1,024 differ by less than a tenth. */
  private static final int WAITING_MAX = 256;

  private final RecordJournal journal;
  private final LogRows rows;
  private final List<LogEntry> waiting = new ArrayList<>();

  private WriteAhead(RecordJournal journal, LogRows rows) {
    this.journal = journal;
    this.rows = rows;
  }

  /** Opens the file and gives the tables what an earlier run left in it. */
  static WriteAhead open(StoreFiles files, Durability durability, LogRows rows) throws IOException, SQLException {
    RecordJournal journal = RecordJournal.open(files.aheadFile(), durability == Durability.PROCESS_CRASH);
    try {
      WriteAhead ahead = new WriteAhead(journal, rows);
      ahead.recover(files);
      return ahead;
    } catch (IOException | SQLException | RuntimeException e) {
      try (journal) {
        throw e;
      }
    }
  }

  private void recover(StoreFiles files) throws IOException, SQLException {
    boolean whole = journal.replay(rows.takenOver(), (number, content) -> waiting.addAll(EntryCodec.decode(content)));
    if (!whole) {
      LOG.log(System.Logger.Level.WARNING, "The store {0} was written for the end of a process and met a loss of power:"
          + " its newest transactions are lost, as its durability PROCESS_CRASH allows.", files);
    } else if (!waiting.isEmpty()) {
      LOG.log(System.Logger.Level.INFO,
          "Taking over {0} entries from log.wal of the store {1}, which was not closed.", waiting.size(), files);
    }
    settle();
    restart();
  }

  /** Appends entries as one record: all of them survive, or none. */
  void append(byte[] record, List<LogEntry> entries, boolean force) throws IOException {
    journal.append(record);
    if (force) {
      journal.force();
    }
    waiting.addAll(entries);
  }

  /** Whether enough waits for the tables. */
  boolean isDue() {
    return waiting.size() >= WAITING_MAX;
  }

  /** Gives the tables what waits for them, in one H2 transaction. */
  void settle() throws SQLException {
    if (waiting.isEmpty()) {
      return;
    }
    rows.write(waiting);
    rows.setTakenOver(journal.lastNumber());
    rows.commit();
    waiting.clear();
  }

  /** Begins the file anew if it is full. Nothing may be waiting. */
  void restartIfFull() throws IOException, SQLException {
    if (journal.isFull()) {
      restart();
    }
  }

  /** The tables remember the number with which the file begins when it is empty. */
  void settleForClose() throws SQLException {
    settle();
    rows.setTakenOver(journal.lastNumber());
    rows.commit();
  }

  private void restart() throws IOException, SQLException {
    rows.setTakenOver(journal.lastNumber());
    rows.commit();
    rows.force();
    journal.restart();
  }

  /** For any thread. */
  void force() throws IOException {
    journal.force();
  }

  /** Closes the file. What is in it, if anything, is given to the tables at the next opening. */
  void close() throws IOException {
    journal.close();
  }

  /** Closes the file after the tables, which hold everything, were forced and closed. */
  void closeEmpty() throws IOException {
    journal.closeEmpty();
  }
}
