package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.storage.H2Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Copies the tables of an open log into a new store, row by row: the copy is a store like any other, made by nothing but
 * SQL, so that it does not depend on how H2 and the journals beneath it lay out their files. Stateless.
 */
final class StoreBackup {
  private static final List<String> TABLES = List.of("setting", "confirmed", "datom", "ident", "pending", "outcome",
      "notable", "outcome_cursor", "conflict", "made", "withdrawn", "scope");
  private static final Set<String> CONFIRMED = Set.of("confirmed", "datom", "ident");
  private static final int AT_ONCE = 1_000;

  private StoreBackup() {}

  /** Writes; on an error the folder holds an empty store at most. */
  static void write(Connection from, Path folder) throws SQLException {
    write(from, folder, TABLES, StoreBackup::beginAnew);
  }

  /**
   * The same, with rows of what stands in blocks, which are made once the copy is whole: on an error while they are made it is a store
   * with blocks.
   *
   * @param newIds gives the id of a new incarnation, should the copy need one
   */
  static void writeRows(Connection from, Path folder, Supplier<UUID> newIds) throws SQLException {
    write(from, folder, TABLES, StoreBackup::beginAnew, to -> new LogRows(to, newIds).makeAllRows());
  }

  private static void beginAnew(Connection to) throws SQLException {
    try (Statement statement = to.createStatement()) {
      // The copy's write-ahead log begins anew.
      statement.execute("DELETE FROM setting WHERE name IN ('taken over', '" + LogRows.SCRUB + "')");
    }
  }

  /** Writes what is to take the place of the tables themselves, whose write-ahead log stays. */
  static void writeScrubbed(Connection from, Path folder) throws SQLException {
    write(from, folder, TABLES, to -> {
      try (Statement statement = to.createStatement()) {
        statement.execute("DELETE FROM setting WHERE name = '" + LogRows.SCRUB + "'");
      }
    });
  }

  /**
   * Writes without what is past at a T: up to it only what is current then, and all that concerns the schema. On an error the
   * folder may hold a part of it.
   *
   * @param rows of the log that is copied
   * @param newIds gives the id of the new incarnation
   */
  static void writeTrimmed(Connection from, LogRows rows, Path folder, long t, Supplier<UUID> newIds) throws SQLException {
    List<String> others = TABLES.stream().filter(table -> !CONFIRMED.contains(table)).toList();
    write(from, folder, others, to -> {
      BitSet past = past(from, t);
      LogRows trimmed = new LogRows(to, newIds);
      int[] n = {0};
      rows.confirmed().read(0, Long.MAX_VALUE, (transaction, chain) -> {
        List<Datom> kept = new ArrayList<>();
        for (Datom datom : transaction.datoms()) {
          if (!past.get(n[0]++)) {
            kept.add(datom);
          }
        }
        if (!kept.isEmpty()) {
          insert(trimmed, new Transaction(transaction.t(), kept));
        }
      });
      trimmed.makeAllRows();
      trimmed.set(StoredSettings.HISTORY_FROM, Long.toString(t));
      trimmed.set(StoredSettings.WHOLE_FROM, Long.toString(t));
      trimmed.set("incarnation", newIds.get().toString());
    });
  }

  private static void insert(LogRows into, Transaction transaction) {
    try {
      into.write(List.of(new LogEntry.Confirmed(List.of(transaction))));
    } catch (SQLException e) {
      throw new DamagedRowException("the trimmed copy cannot be written: " + e.getMessage());
    }
  }

  /** The numbers of the datoms up to a T that are not current then, by a walk from the newest to the oldest. */
  private static BitSet past(Connection from, long t) throws SQLException {
    BitSet past = new BitSet();
    Set<List<Object>> retracted = new HashSet<>();
    try (PreparedStatement select = from.prepareStatement("SELECT n, e, a, type, coalesce(v, v_long_text), v_number, added"
        + " FROM datom WHERE t <= ? AND e >= ? ORDER BY n DESC")) {
      select.setLong(1, t);
      // Below are Datomic's own entities and the schema.
      select.setLong(2, 1L << 42);
      select.setFetchSize(AT_ONCE);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          List<Object> fact = Arrays.asList(rows.getLong(2), rows.getLong(3), rows.getString(4), rows.getString(5), rows.getLong(6));
          if (!rows.getBoolean(7)) {
            retracted.add(fact);
            past.set((int) rows.getLong(1));
          } else if (retracted.remove(fact)) {
            past.set((int) rows.getLong(1));
          }
        }
      }
    }
    return past;
  }

  private interface Rest {
    void write(Connection to) throws SQLException;
  }

  private static void write(Connection from, Path folder, List<String> tables, Rest rest) throws SQLException {
    write(from, folder, tables, rest, to -> { });
  }

  /**
   * Writes a copy.
   *
   * @param rest what belongs to it beside the tables
   * @param afterwards what is done with it when it is whole, and may be done in part
   */
  private static void write(Connection from, Path folder, List<String> tables, Rest rest, Rest afterwards) throws SQLException {
    if (Files.exists(folder.resolve("log.mv.db")) || Files.exists(folder.resolve("store.txt"))) {
      throw new RebasisException(Keyword.of(":rebasis.error/store-exists"), ErrorCategory.FIX_REQUEST,
          "There is a store in " + folder + " already. Name a new or an empty folder for the backup.");
    }
    StoreFiles files = StoreFiles.folder(folder);
    try (LogConnections target = LogConnections.open(files, Durability.POWER_LOSS)) {
      Connection to = target.own();
      LogTables.create(to);
      for (String table : tables) {
        copy(table, from, to);
      }
      if (tables.contains("datom")) {
        copyBlocks(from, to);
      }
      rest.write(to);
      try (Statement statement = to.createStatement()) {
        for (String table : List.of("outcome", "conflict")) {
          restartCount(statement, table);
        }
        to.commit();
        statement.execute(H2Settings.FORCE);
      }
      StoreLabel.write(files, LogTables.FORMAT);
      afterwards.write(to);
    } catch (IOException e) {
      throw StoreErrors.failed(files.name(), "be written as a backup", e);
    }
  }

  private static void restartCount(Statement statement, String table) throws SQLException {
    long next;
    try (ResultSet row = statement.executeQuery("SELECT coalesce(max(n), 0) + 1 FROM " + table)) {
      row.next();
      next = row.getLong(1);
    }
    statement.execute("ALTER TABLE " + table + " ALTER COLUMN n RESTART WITH " + next);
  }

  /** One at a time: each has up to a megabyte. Where there was room for rows there are none. */
  private static void copyBlocks(Connection from, Connection to) throws SQLException {
    long last = -1;
    try (PreparedStatement select = from.prepareStatement(
            "SELECT first_datom, datoms, content FROM loaded WHERE first_datom > ? ORDER BY first_datom LIMIT 1");
        PreparedStatement insert = to.prepareStatement("INSERT INTO loaded VALUES (?, ?, ?)")) {
      for (boolean found = true; found; ) {
        select.setLong(1, last);
        try (ResultSet row = select.executeQuery()) {
          found = row.next();
          if (found) {
            last = row.getLong(1);
            insert.setLong(1, last);
            insert.setInt(2, row.getInt(2));
            insert.setBytes(3, row.getBytes(3));
            insert.executeUpdate();
          }
        }
      }
    }
  }

  private static void copy(String table, Connection from, Connection to) throws SQLException {
    try (Statement clearing = to.createStatement(); Statement reading = from.createStatement()) {
      clearing.execute("DELETE FROM " + table);
      reading.setFetchSize(AT_ONCE);
      try (ResultSet rows = reading.executeQuery("SELECT * FROM " + table)) {
        int columns = rows.getMetaData().getColumnCount();
        try (PreparedStatement insert = to.prepareStatement("INSERT INTO " + table + " VALUES ("
            + String.join(", ", Collections.nCopies(columns, "?")) + ")")) {
          int waiting = 0;
          while (rows.next()) {
            for (int i = 1; i <= columns; i++) {
              Object value = rows.getObject(i);
              insert.setObject(i, value instanceof Clob ? rows.getString(i) : value);
            }
            insert.addBatch();
            if (++waiting % AT_ONCE == 0) {
              insert.executeBatch();
            }
          }
          insert.executeBatch();
        }
      }
    }
  }
}
