package dev.rebasis.client.internal.log;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.function.Supplier;
import org.h2.api.ErrorCode;

/**
 * Brings the tables of a store to today's format: makes them in a new one, upgrades older ones, and refuses what is newer
 * or something else.
 */
final class LogFormat {
  private final StoreFiles files;
  private final Connection connection;
  private final Supplier<UUID> newIds;

  LogFormat(StoreFiles files, Connection connection, Supplier<UUID> newIds) {
    this.files = files;
    this.connection = connection;
    this.newIds = newIds;
  }

  /** The tables, in today's format. */
  LogRows prepare() throws SQLException, IOException {
    String format = readFormat();
    boolean isNew = format == null;
    if (isNew) {
      LogTables.create(connection);
    } else if (!format.matches("\\d{1,9}") || !StoreUpgrade.isReadable(Integer.parseInt(format))) {
      throw StoreErrors.otherFormat(files.name(), format, LogTables.FORMAT);
    }
    boolean isOld = !isNew && Integer.parseInt(format) < LogTables.FORMAT;
    if (isOld) {
      StoreUpgrade.run(connection, Integer.parseInt(format));
    }
    LogRows rows = new LogRows(connection, newIds);
    if (isNew) {
      rows.set("store", newIds.get().toString());
      rows.set("incarnation", newIds.get().toString());
    }
    if (isNew || isOld) {
      rows.set("format", Integer.toString(LogTables.FORMAT));
      rows.commit();
      rows.force();
    }
    if (files.isDurable() && (isOld || StoreLabel.format(files) == null)) {
      StoreLabel.write(files, LogTables.FORMAT);
    }
    return rows;
  }

  /** The format of the tables; null for a new database, or one whose making was cut short: it is written last. */
  private String readFormat() throws SQLException, IOException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT text FROM setting WHERE name = 'format'")) {
        if (row.next()) {
          return row.getString(1);
        }
      }
      checkNew();
      statement.execute("DROP ALL OBJECTS");
      return null;
    } catch (SQLException e) {
      if (e.getErrorCode() == ErrorCode.TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1) {
        checkNew();
        return null;
      }
      if (e.getErrorCode() == ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1) {
        throw StoreErrors.otherFormat(files.name(), "unknown (log.mv.db is a database of something else)",
            LogTables.FORMAT);
      }
      throw e;
    }
  }

  /**
   * The label is written when the tables are made: where it stands, they were there. H2 falls back to what it finds whole of a
   * damaged file, which may be the empty database that it was at first; nothing must be written over the rest of it.
   */
  private void checkNew() throws IOException {
    if (files.isDurable() && StoreLabel.format(files) != null) {
      throw StoreErrors.damaged(files.name(), "log.mv.db has lost its tables", null);
    }
  }
}
