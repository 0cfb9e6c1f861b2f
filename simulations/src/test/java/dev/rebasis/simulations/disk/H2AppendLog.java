package dev.rebasis.simulations.disk;

import dev.rebasis.journal.JournaledPath;
import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;

/** The plainest log in H2: one table with an index, and a statement to force. */
final class H2AppendLog implements AppendLog {

  private final Connection connection;
  private final String forceSql;

  private H2AppendLog(Connection connection, String forceSql) throws SQLException {
    this.connection = connection;
    this.forceSql = forceSql;
    execute("CREATE TABLE IF NOT EXISTS pending(seq BIGINT PRIMARY KEY, kind INT, payload VARCHAR)");
    execute("CREATE INDEX IF NOT EXISTS pending_kind ON pending(kind)");
    connection.setAutoCommit(false);
  }

  /** {@code prefix} ends in a colon; {@code forceSql} is empty if nothing is to be forced. */
  static Opener opener(String prefix, String settings, String forceSql) {
    JournaledPath.register();
    return path -> {
      String quiet = ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";
      Connection connection = DriverManager.getConnection(prefix + path + settings + quiet);
      try {
        return new H2AppendLog(connection, forceSql);
      } catch (SQLException | RuntimeException e) {
        kill(connection);
        throw e;
      }
    };
  }

  @Override
  public void append(Map<Long, String> batch) throws SQLException {
    try (PreparedStatement put =
            connection.prepareStatement("MERGE INTO pending(seq, kind, payload) VALUES (?, ?, ?)");
        PreparedStatement delete = connection.prepareStatement("DELETE FROM pending WHERE seq = ?")) {
      for (Map.Entry<Long, String> change : batch.entrySet()) {
        if (change.getValue() == null) {
          delete.setLong(1, change.getKey());
          delete.executeUpdate();
        } else {
          put.setLong(1, change.getKey());
          put.setInt(2, change.getValue().length() % 10);
          put.setString(3, change.getValue());
          put.executeUpdate();
        }
      }
    }
    connection.commit();
  }

  @Override
  public void force() throws SQLException {
    if (!forceSql.isEmpty()) {
      execute(forceSql);
    }
  }

  @Override
  public SortedMap<Long, String> readAll() throws SQLException {
    SortedMap<Long, String> rows = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT seq, payload FROM pending")) {
      while (found.next()) {
        rows.put(found.getLong(1), found.getString(2));
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM pending WHERE kind BETWEEN 0 AND 9")) {
      count.next();
      if (count.getInt(1) != rows.size()) {
        throw new SQLException("the index has " + count.getInt(1) + " rows, the table " + rows.size());
      }
    }
    connection.commit();
    return rows;
  }

  /** H2 has no clock to set; but it takes the time from this field when the machine's is behind it. */
  @Override
  public void advanceClock(long millis) {
    try {
      MVStore store = store(connection);
      Field last = MVStore.class.getDeclaredField("lastTimeAbsolute");
      last.setAccessible(true);
      last.setLong(store, store.getTimeAbsolute() + millis);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("H2 keeps its time elsewhere now", e);
    }
  }

  static MVStore store(Connection connection) {
    SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
    return session.getDatabase().getStore().getMvStore();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  @Override
  public void abandon() {
    kill(connection);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void kill(Connection connection) {
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN IMMEDIATELY");
    } catch (SQLException | RuntimeException e) {
      // it is dead already
    }
  }
}
