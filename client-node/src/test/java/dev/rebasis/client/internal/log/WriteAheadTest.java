package dev.rebasis.client.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.Samples;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.LongStream;
import org.h2.Driver;
import org.junit.jupiter.api.Test;

/** How what waits in memory becomes rows. Method: a connection that counts the datoms in the tables at each commit. */
class WriteAheadTest {
  private static final int MESSAGE_DATOMS = 3_000;

  @Test
  void whatWaitsInMemoryBecomesRowsInPortionsThatDivideNoWrite() throws Exception {
    List<Long> rowsAtCommit = new ArrayList<>();
    try (Connection connection = new Driver().connect("jdbc:h2:mem:", new Properties())) {
      connection.setAutoCommit(false);
      LogRows rows = new LogFormat(StoreFiles.inMemory(), counting(connection, rowsAtCommit), Samples.ids()).prepare();
      rowsAtCommit.clear();
      WriteAhead ahead = WriteAhead.inMemory();
      for (long t = 1_000; t < 1_010; t += 2) {
        ahead.append(new byte[0], List.of(message(t), message(t + 1)), false);
      }
      assertThat(ahead.isDue()).isFalse();
      ahead.giveTo(rows);
      assertThat(WriteAhead.PORTION_DATOMS).as("of writes of 6,000 two are a portion").isBetween(6_001, 12_000);
      assertThat(rowsAtCommit).containsExactly(12_000L, 24_000L, 30_000L);
      ahead.giveTo(rows);
      assertThat(rowsAtCommit).as("nothing waits any more").hasSize(3);
    }
  }

  private static LogEntry message(long t) {
    long tx = EntityIds.txOf(t);
    List<Datom> datoms = LongStream.range(0, MESSAGE_DATOMS)
        .mapToObj(i -> new Datom(Samples.USER + i, SystemIds.DB_DOC, "d", tx, true)).toList();
    return new LogEntry.Confirmed(List.of(new Transaction(t, datoms)));
  }

  private static Connection counting(Connection connection, List<Long> rowsAtCommit) {
    return (Connection) Proxy.newProxyInstance(WriteAheadTest.class.getClassLoader(), new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("commit")) {
            rowsAtCommit.add(countDatoms(connection));
          }
          try {
            return method.invoke(connection, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private static long countDatoms(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT (SELECT count(*) FROM datom) + (SELECT coalesce(sum(datoms), 0) FROM loaded)")) {
      row.next();
      return row.getLong(1);
    }
  }
}
