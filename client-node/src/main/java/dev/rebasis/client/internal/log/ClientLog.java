package dev.rebasis.client.internal.log;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Durability;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.journal.JournaledPath;
import dev.rebasis.storage.H2Settings;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.h2.api.ErrorCode;

/**
 * The log of a store: everything that must not be lost, in H2 tables (see {@link LogTables}).
 *
 * <p>Each {@link #write} is one H2 transaction: all of its entries are in the log afterwards, or none. A forced write
 * survives what the {@link Durability} names when the call returns; what was not forced survives with the next force, or
 * is lost by a crash. A journal under H2 sees to that ({@link JournaledPath}).
 *
 * <p>Confined: one thread at a time; {@link #readOnlyConnection()} is for other threads.
 */
public final class ClientLog implements AutoCloseable {
  private final StoreFiles files;
  private final Supplier<UUID> newIds;
  private final LogConnections connections;
  private final Statements statements;
  private ConfirmedRows confirmed;
  private IntentRows intents;
  private LogState state;

  private ClientLog(StoreFiles files, Supplier<UUID> newIds, LogConnections connections) {
    this.files = files;
    this.newIds = newIds;
    this.connections = connections;
    this.statements = new Statements(connections.own());
  }

  /**
   * Opens the log of a store, and makes it if there is none.
   *
   * @param files where it is
   * @param durability what a forced write survives
   * @param newIds gives the ids of a new store and of a new incarnation
   * @throws RebasisException {@code :rebasis.error/store-in-use}, {@code store-format}, {@code store-damaged} or
   *     {@code store-failed}; in each case nothing was changed
   */
  public static ClientLog open(StoreFiles files, Durability durability, Supplier<UUID> newIds) {
    LogConnections connections = LogConnections.open(files, durability);
    try {
      ClientLog log = new ClientLog(files, newIds, connections);
      log.prepare();
      return log;
    } catch (SQLException | IOException | RuntimeException e) {
      throw connections.closing(LogConnections.explained(files, e));
    }
  }

  private void prepare() throws SQLException, IOException {
    String format = readFormat();
    if (format == null) {
      LogTables.create(connections.own());
      setSetting("store", newIds.get().toString());
      setSetting("incarnation", newIds.get().toString());
      setSetting("format", Integer.toString(LogTables.FORMAT));
      connections.own().commit();
      forceOwn();
    } else if (!format.equals(Integer.toString(LogTables.FORMAT))) {
      throw StoreErrors.otherFormat(files.name(), format, LogTables.FORMAT);
    }
    if (files.isDurable() && StoreLabel.format(files) == null) {
      StoreLabel.write(files, LogTables.FORMAT);
    }
    readCounters();
    state = readState();
  }

  /** The format of the tables; null for a new database, or one whose making was cut short: it is written last. */
  private String readFormat() throws SQLException {
    try {
      String format = setting("format");
      if (format == null) {
        try (Statement statement = connections.own().createStatement()) {
          statement.execute("DROP ALL OBJECTS");
        }
      }
      return format;
    } catch (SQLException e) {
      if (e.getErrorCode() == ErrorCode.TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1) {
        return null;
      }
      if (e.getErrorCode() == ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1) {
        throw StoreErrors.otherFormat(files.name(), "unknown (log.mv.db is a database of something else)",
            LogTables.FORMAT);
      }
      throw e;
    }
  }

  private void readCounters() throws SQLException {
    confirmed = new ConfirmedRows(statements);
    intents = new IntentRows(statements);
  }

  private LogState readState() throws SQLException {
    String number = setting("client");
    String database = setting("database");
    return new LogState(
        UUID.fromString(setting("store")),
        incarnation(),
        number == null ? 0 : Long.parseLong(number),
        database == null ? null : UUID.fromString(database),
        confirmed.t(),
        confirmed.chain(),
        intents.seq() + 1,
        intents.lastLocal() + 1,
        intents.pending(),
        intents.made());
  }

  /** What was in the log when it was opened. */
  public LogState state() {
    return state;
  }

  /** The newest confirmed T in the log, 0 if none. */
  public long position() {
    return confirmed.t();
  }

  /** The hash chain at the newest confirmed T. */
  public String chain() {
    return confirmed.chain();
  }

  /** The hash chain at a T, or null if the log holds no transaction with this T. T 0 is the begin of the chain. */
  public String chainAt(long t) {
    return reading(() -> confirmed.chainAt(t));
  }

  /** Changes when the confirmed transactions were dropped. */
  public UUID incarnation() {
    return reading(() -> UUID.fromString(setting("incarnation")));
  }

  /**
   * Writes entries, all or none.
   *
   * @param entries in order
   * @param force whether they must survive what the durability names; confirmed transactions need no force, since they
   *     can be fetched again
   * @throws dev.rebasis.error.TransactionException {@code :rebasis.error/value-too-large}, and nothing was written
   * @throws RebasisException {@code :rebasis.error/store-failed} if the disk or H2 refused; nothing was written then,
   *     unless it was the force that failed: the entries are then in the log, but may not survive a loss of power
   */
  public void write(List<LogEntry> entries, boolean force) {
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.IntentMade made) {
        IntentRows.checkSize(made.intent().forms());
      }
    }
    boolean done = false;
    // An interruption would close the file under H2; whoever was interrupted sees it afterwards.
    boolean interrupted = Thread.interrupted();
    try {
      for (LogEntry entry : entries) {
        write(entry);
      }
      connections.own().commit();
      done = true;
      if (force) {
        forceOwn();
      }
    } catch (SQLException e) {
      throw StoreErrors.failed(files.name(), done ? "force its log to the disk" : "write its log", e);
    } finally {
      if (!done) {
        undo();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void write(LogEntry entry) throws SQLException {
    if (entry instanceof LogEntry.IntentMade made) {
      intents.insert(made.intent());
    } else if (entry instanceof LogEntry.Confirmed more) {
      confirmed.insert(more.transactions());
    } else if (entry instanceof LogEntry.Decided decided) {
      intents.decide(decided);
    } else if (entry instanceof LogEntry.Made made) {
      intents.insertMade(made.made());
    } else if (entry instanceof LogEntry.ClientNumber number) {
      setSetting("client", Long.toString(number.number()));
    } else if (entry instanceof LogEntry.DatabaseId database) {
      setSetting("database", database.id().toString());
    } else if (entry instanceof LogEntry.DropConfirmed) {
      confirmed.deleteAll();
      setSetting("incarnation", newIds.get().toString());
      confirmed = new ConfirmedRows(statements);
    }
  }

  /** Takes back what a failed write began, in H2 and in the counters. */
  private void undo() {
    try {
      connections.own().rollback();
      readCounters();
      intents.pending();
    } catch (SQLException e) {
      throw StoreErrors.failed(files.name(), "take back a write that failed", e);
    }
  }

  /**
   * Forces what was written so far, on a connection of its own. For any thread; costs a millisecond more than a forced
   * write. Whoever keeps something derived from the log calls it before it writes that to a file.
   *
   * @throws RebasisException {@code :rebasis.error/store-failed} if the disk refused
   */
  public void force() {
    connections.force();
  }

  private void forceOwn() throws SQLException {
    statements.get(H2Settings.FORCE).execute();
  }

  /**
   * Reads the confirmed transactions after a T that the log holds, or all after T 0, by rising T.
   *
   * @throws RebasisException {@code :rebasis.error/store-damaged} if they are not what was written
   */
  public void transactionsAfter(long t, Consumer<Transaction> consumer) {
    reading(() -> {
      confirmed.read(t, Long.MAX_VALUE, consumer);
      return null;
    });
  }

  /**
   * Reads the confirmed transactions up to a T, by rising T, on a connection of its own. For any thread.
   *
   * @throws RebasisException {@code :rebasis.error/store-damaged} if they are not what was written
   */
  public void transactionsUpTo(long t, Consumer<Transaction> consumer) {
    reading(() -> {
      try (Connection reader = readOnlyConnection(); Statements own = new Statements(reader)) {
        new ConfirmedRows(own).read(0, t, consumer);
        return null;
      }
    });
  }

  /** The transactions made here that were merged, parked or rejected, by rising sequence number. For any thread. */
  public List<ConflictRecord> conflicts() {
    return readingApart(NotableRows::read);
  }

  /** How many transactions made here are parked. For any thread. */
  public long parkedCount() {
    return readingApart(NotableRows::countParked);
  }

  private interface ReadApart<T> {
    T from(Connection connection) throws SQLException;
  }

  /** Reads on a connection of its own, so that the owner's is not touched. */
  private <T> T readingApart(ReadApart<T> read) {
    return reading(() -> {
      try (Connection reader = readOnlyConnection()) {
        return read.from(reader);
      }
    });
  }

  /**
   * A JDBC connection of its own that can read the tables and change nothing. For any thread. Whoever asked for it
   * closes it; closing the log closes it too.
   */
  public Connection readOnlyConnection() {
    return connections.reader();
  }

  private String setting(String name) throws SQLException {
    PreparedStatement select = statements.get("SELECT text FROM setting WHERE name = ?");
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getString(1) : null;
    }
  }

  private void setSetting(String name, String text) throws SQLException {
    PreparedStatement merge = statements.get("MERGE INTO setting KEY (name) VALUES (?, ?)");
    merge.setString(1, name);
    merge.setString(2, text);
    merge.executeUpdate();
  }

  private interface Read<T> {
    T get() throws SQLException;
  }

  private <T> T reading(Read<T> read) {
    try {
      return read.get();
    } catch (SQLException e) {
      throw StoreErrors.failed(files.name(), "read its log", e);
    } catch (DamagedRowException e) {
      throw StoreErrors.damaged(files.name(), e.getMessage(), e);
    }
  }

  /** Closes the log and every connection that was handed out, forces it, and lets others in. Twice does nothing. */
  @Override
  public void close() {
    connections.close();
  }
}
