package dev.rebasis.server.internal.master;

import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Reads the rows of a {@link MasterLog}, page by page, and checks that each continues the chain. Confined. */
final class LogRows {
  static final int HASH_BYTES = 32;

  /** H2 keeps at most 1,048,576 characters in one VARCHAR; longer forms go on in a second table. */
  static final int PART = 1_000_000;

  private static final int PAGE = 1000;

  /**
   * One transaction.
   *
   * @param forms the decided forms as EDN
   * @param tempids the entity ids by tempid as EDN
   * @param hash of its datoms
   * @param chain of this row and all before
   */
  record Row(long t, Instant txInstant, String forms, String tempids, byte[] hash, byte[] chain) {
    List<?> readForms(String log) {
      try {
        return (List<?>) Edn.read(forms);
      } catch (RebasisException | ClassCastException e) {
        throw MasterLog.damaged(log, "the forms of T " + t + " cannot be read: " + e.getMessage(), e);
      }
    }

    /** Whether this row follows on a chain. */
    boolean follows(byte[] before, DatomDigest digest) {
      return Arrays.equals(digest.chain(before, t, txInstant, forms, tempids, hash), chain);
    }
  }

  private final Connection connection;
  private final String name;
  private final DatomDigest digest = new DatomDigest();

  LogRows(Connection connection, String name) {
    this.connection = connection;
    this.name = name;
  }

  /**
   * Hands out rows in the order of T.
   *
   * @param afterT the T that they follow on
   * @param chain the chain at that T
   * @param upToT the last one that is wanted
   * @throws RebasisException if a row was changed or is missing
   */
  void read(long afterT, byte[] chain, long upToT, Consumer<Row> consumer) {
    long from = afterT;
    byte[] link = chain;
    List<Row> page;
    do {
      page = page(from, link, upToT);
      page.forEach(consumer);
      if (!page.isEmpty()) {
        from = page.get(page.size() - 1).t();
        link = page.get(page.size() - 1).chain();
      }
    } while (page.size() == PAGE);
  }

  private List<Row> page(long afterT, byte[] chain, long upToT) {
    List<Row> rows = new ArrayList<>(PAGE);
    try (PreparedStatement select = connection.prepareStatement("SELECT t, tx_instant, forms, tempids, datoms_hash,"
        + " chain FROM transactions WHERE t > ? AND t <= ? ORDER BY t FETCH FIRST " + PAGE + " ROWS ONLY")) {
      select.setLong(1, afterT);
      select.setLong(2, upToT);
      byte[] link = chain;
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          String forms = found.getString(3);
          long t = found.getLong(1);
          Row row = new Row(t, found.getObject(2, Instant.class), forms.length() < PART ? forms : longForms(t, forms),
              found.getString(4), found.getBytes(5), found.getBytes(6));
          if (!row.follows(link, digest)) {
            throw MasterLog.damaged(name, "the row of T " + t + " was changed, or one before it is missing", null);
          }
          link = row.chain;
          rows.add(row);
        }
      }
    } catch (SQLException e) {
      throw MasterLog.damaged(name, "after T " + afterT + " H2 says: " + e.getMessage(), e);
    }
    return rows;
  }

  private String longForms(long t, String first) throws SQLException {
    StringBuilder forms = new StringBuilder(first);
    try (PreparedStatement select =
        connection.prepareStatement("SELECT forms FROM long_forms WHERE t = ? ORDER BY part")) {
      select.setLong(1, t);
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          forms.append(found.getString(1));
        }
      }
    }
    return forms.toString();
  }
}
