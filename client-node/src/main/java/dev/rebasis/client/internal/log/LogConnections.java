package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.error.RebasisException;
import dev.rebasis.journal.JournalDamagedException;
import dev.rebasis.journal.JournaledPath;
import dev.rebasis.storage.H2Settings;
import java.io.EOFException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.h2.Driver;
import org.h2.api.ErrorCode;
import org.h2.store.fs.FileUtils;

/**
 * The connections to the log of one store: the owner's, which alone writes, and those of readers; and the lock that
 * keeps other programs out. Thread-safe, but for what is done on {@link #own()}.
 */
final class LogConnections implements AutoCloseable {
  // No shutdown hook and no trace file: the owner closes, and errors go to the caller.
  private static final String SETTINGS =
      H2Settings.URL_SUFFIX + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0";

  private final StoreFiles files;
  private final String url;
  // Its monitor is held while connections are opened and closed, so that no reader opens what is being closed.
  private final StoreLock lock;
  private final Connection own;
  private final List<Connection> readers = new ArrayList<>();

  private LogConnections(StoreFiles files, String url, StoreLock lock, Connection own) {
    this.files = files;
    this.url = url;
    this.lock = lock;
    this.own = own;
  }

  /**
   * Takes the store's lock and opens the owner's connection.
   *
   * @throws RebasisException as {@link ClientLog#open} says; nothing was changed then
   */
  static LogConnections open(StoreFiles files, Durability durability) {
    JournaledPath.register();
    StoreLock lock = files.lock();
    Connection connection = null;
    try {
      checkFiles(files);
      String url = files.logUrl(durability);
      connection = connect(url + SETTINGS, "sa");
      connection.setAutoCommit(false);
      return new LogConnections(files, url, lock, connection);
    } catch (SQLException | IOException | RuntimeException e) {
      throw closing(lock, connection, explained(files, e));
    }
  }

  /** Refuses what must not be opened, before H2 touches it. */
  private static void checkFiles(StoreFiles files) throws IOException {
    if (!files.isDurable()) {
      return;
    }
    Integer format = StoreLabel.format(files);
    if (format != null && !StoreUpgrade.isReadable(format)) {
      throw StoreErrors.otherFormat(files.name(), format.toString(), LogTables.FORMAT);
    }
    if (format != null && !FileUtils.exists(files.logFile())) {
      throw StoreErrors.damaged(files.name(), "its file log.mv.db is missing", null);
    }
    if (format != null && files.folder() != null) {
      LogFileCheck.check(files);
    }
    if (format != null && format < LogTables.FORMAT) {
      StoreUpgrade.keepCopy(files, format);
    }
  }

  private static Connection connect(String url, String user) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", "");
    return new Driver().connect(url, properties);
  }

  /** What an error at opening means to people. */
  static RebasisException explained(StoreFiles files, Exception e) {
    if (e instanceof RebasisException known) {
      return known;
    } else if (e instanceof SQLException sql) {
      return explained(files, sql);
    } else if (e instanceof JournalDamagedException) {
      return StoreErrors.damaged(files.name(), e.getMessage(), e);
    } else if (e instanceof IOException) {
      return StoreErrors.failed(files.name(), "read its files store.txt and log.wal", e);
    }
    return StoreErrors.damaged(files.name(), String.valueOf(e.getMessage()), e);
  }

  private static RebasisException explained(StoreFiles files, SQLException e) {
    if (e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
      return StoreErrors.inUse(files.name(), "a program that opened log.mv.db itself, perhaps a database tool");
    }
    boolean io = e.getErrorCode() == ErrorCode.IO_EXCEPTION_1 || e.getErrorCode() == ErrorCode.IO_EXCEPTION_2;
    if (io && !(rootOf(e) instanceof EOFException)) {
      return StoreErrors.failed(files.name(), "open its log", e);
    }
    return StoreErrors.damaged(files.name(), "H2 says: " + e.getMessage(), e);
  }

  private static Throwable rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static RebasisException closing(StoreLock lock, Connection connection, RebasisException error) {
    try (lock) {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      error.addSuppressed(e);
    }
    return error;
  }

  /** Closes everything because of an error, and gives that error. */
  RebasisException closing(RebasisException error) {
    return closing(lock, own, error);
  }

  /** The owner's connection. */
  Connection own() {
    return own;
  }

  /** See {@link ClientLog#readOnlyConnection}. */
  Connection reader() {
    try {
      synchronized (lock) {
        checkOpen();
        // Without the settings: the log is open and has them, and only its owner may set them.
        Connection reader = connect(url, "reader");
        reader.setReadOnly(true);
        readers.removeIf(LogConnections::isClosed);
        readers.add(reader);
        return reader;
      }
    } catch (SQLException e) {
      throw StoreErrors.failed(files.name(), "give out a connection", e);
    }
  }

  private static boolean isClosed(Connection connection) {
    try {
      return connection.isClosed();
    } catch (SQLException e) {
      // One that cannot even say so is of no use to anyone.
      return true;
    }
  }

  private void checkOpen() throws SQLException {
    if (own.isClosed()) {
      throw new SQLException("the log is closed");
    }
  }

  /** Closes every connection, so that H2 forces and closes its file. Twice does nothing. */
  void closeTables() {
    try {
      synchronized (lock) {
        for (Connection reader : readers) {
          reader.close();
        }
        readers.clear();
        own.close();
      }
    } catch (SQLException e) {
      throw StoreErrors.failed(files.name(), "close its log", e);
    }
  }

  /** Closes every connection, and lets others in. Twice does nothing. */
  @Override
  public void close() {
    try (lock) {
      closeTables();
    }
  }
}
