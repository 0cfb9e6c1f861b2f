package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.SyncClient;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** The connection that a client hands out to read its log with SQL. */
class LogConnectionTest extends ClientRig {
  @Test
  void theLogCanBeReadAndNotChanged() throws SQLException {
    SyncClient client = client("local", null);
    client.transact(SCHEMA);
    client.transact("[{:k \"A\" :n 1}]");
    try (var connection = client.readOnlyConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT count(*) FROM pending")) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(2);
      assertThatThrownBy(() -> statement.executeUpdate("DELETE FROM pending")).isInstanceOf(SQLException.class);
    }
    assertThat(client.pending()).hasSize(2);
  }
}
