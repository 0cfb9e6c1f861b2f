package dev.rebasis.client.internal.log;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The datoms of confirmed transactions, by their number: as rows, or, where many came at once, in {@link DatomBlocks} until
 * there is time to make rows of them. No datom is in both. Confined to the log's owner, but for reading on a connection of
 * one's own.
 *
 * <p>Rows go in by statements of 64, 8 and one row: measured, 64 at once is twice as fast as JDBC batches, since H2
 * then runs one command for all.
 */
final class DatomRows {
  /** A value with more characters goes into a large object, which VARCHAR's limit of 1,048,576 makes necessary. */
  static final int TEXT_MAX = 1_000_000;

  /** A datom with its number. */
  record Numbered(long n, Datom datom) {}

  private static final int[] ROWS_AT_ONCE = {64, 8, 1};
  private static final int COLUMNS = 9;
  private static final String SELECT =
      "SELECT e, a, type, v, v_number, v_long_text, added, t, n FROM datom WHERE n >= ? AND n < ? ORDER BY n";

  private final Statements statements;
  private final DatomBlocks blocks;

  DatomRows(Statements statements) {
    this.statements = statements;
    this.blocks = new DatomBlocks(statements);
  }

  // ---- writing

  /**
   * Adds datoms that come after all others, with numbers from the first on.
   *
   * @param asRows whether rows are to be made at once, however many there are
   */
  void insert(List<Datom> datoms, long first, boolean asRows) throws SQLException {
    if (asRows || datoms.size() <= EntryCodec.DATOMS_MAX) {
      insertRows(datoms, first);
      return;
    }
    for (int done = 0; done < datoms.size(); ) {
      int taken = blocks.insert(datoms.subList(done, datoms.size()), first + done);
      if (taken == 0) {
        // One that is too large for a block.
        insertRows(datoms.subList(done, done + 1), first + done);
        taken = 1;
      }
      done += taken;
    }
  }

  private void insertRows(List<Datom> datoms, long first) throws SQLException {
    int done = 0;
    for (int rows : ROWS_AT_ONCE) {
      PreparedStatement insert = datoms.size() - done < rows ? null : statements.get(insertOf(rows));
      for (; datoms.size() - done >= rows; done += rows) {
        for (int row = 0; row < rows; row++) {
          set(insert, row * COLUMNS, first + done + row, datoms.get(done + row));
        }
        insert.executeUpdate();
      }
    }
  }

  private static String insertOf(int rows) {
    return "INSERT INTO datom VALUES "
        + String.join(", ", Collections.nCopies(rows, "(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  }

  private static void set(PreparedStatement insert, int at, long n, Datom datom) throws SQLException {
    String text = ValueText.text(datom.v());
    Long number = ValueText.number(datom.v());
    boolean isLong = text.length() > TEXT_MAX;
    insert.setLong(at + 1, n);
    insert.setLong(at + 2, datom.t());
    insert.setLong(at + 3, datom.e());
    insert.setLong(at + 4, datom.a());
    insert.setString(at + 5, ValueText.type(datom.v()));
    insert.setString(at + 6, isLong ? null : text);
    if (number == null) {
      insert.setNull(at + 7, Types.BIGINT);
    } else {
      insert.setLong(at + 7, number);
    }
    insert.setString(at + 8, isLong ? text : null);
    insert.setBoolean(at + 9, datom.added());
  }

  void deleteAll() throws SQLException {
    statements.get("DELETE FROM datom").executeUpdate();
    blocks.deleteAll();
  }

  // ---- blocks become rows

  /** Those whose datoms are not rows yet. */
  DatomBlocks blocks() {
    return blocks;
  }

  /** Makes rows of a block, which is none any more then. */
  void makeRows(DatomBlocks.Block block) throws SQLException {
    insertRows(block.datoms(), block.first());
    blocks.delete(block);
  }

  // ---- reading

  /**
   * The datoms with numbers from one up to, not including, another one, by number; some may have been forgotten.
   *
   * @throws DamagedRowException if a block is not what was written
   */
  List<Numbered> between(long from, long to) throws SQLException {
    // Blocks first: what becomes rows meanwhile, on the owner's connection, is then seen twice rather than not at all.
    List<Numbered> inBlocks = blocks.between(from, to);
    List<Numbered> inRows = rowsBetween(from, to);
    if (inBlocks.isEmpty() || inRows.isEmpty()) {
      return inBlocks.isEmpty() ? inRows : inBlocks;
    }
    List<Numbered> all = new ArrayList<>(inBlocks.size() + inRows.size());
    int block = 0;
    for (Numbered row : inRows) {
      for (; block < inBlocks.size() && inBlocks.get(block).n() < row.n(); block++) {
        all.add(inBlocks.get(block));
      }
      if (block < inBlocks.size() && inBlocks.get(block).n() == row.n()) {
        block++;
      }
      all.add(row);
    }
    all.addAll(inBlocks.subList(block, inBlocks.size()));
    return all;
  }

  private List<Numbered> rowsBetween(long from, long to) throws SQLException {
    List<Numbered> found = new ArrayList<>();
    PreparedStatement select = statements.get(SELECT);
    select.setLong(1, from);
    select.setLong(2, to);
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        found.add(new Numbered(rows.getLong(9), datom(rows)));
      }
    }
    return found;
  }

  private static Datom datom(ResultSet row) throws SQLException {
    return new Datom(row.getLong(1), row.getLong(2), value(row), EntityIds.txOf(row.getLong(8)), row.getBoolean(7));
  }

  private static Object value(ResultSet row) throws SQLException {
    String type = row.getString(3);
    if (type.equals("long")) {
      return row.getLong(5);
    }
    if (type.equals("instant")) {
      return Instant.ofEpochMilli(row.getLong(5));
    }
    String text = row.getString(4);
    return ValueText.value(type, text != null ? text : row.getString(6));
  }
}
