package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.disk.SimDisk;
import dev.rebasis.storage.H2Settings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A sabotage of clients' stores: before one is opened again, the list of what was refused is emptied. */
final class ForgetfulStore implements Sabotage {
  @Override
  public void disk(String node, SimDisk disk) {
    if (node.equals(Step.SERVER) || disk.usedBytes() == 0) {
      return;
    }
    String url = H2Settings.URL_PREFIX_PROCESS_CRASH + disk.path("log") + H2Settings.URL_SUFFIX;
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement statement = connection.createStatement()) {
      try (ResultSet tables = connection.getMetaData().getTables(null, null, "NOTABLE", null)) {
        if (!tables.next()) {
          return; // A store whose making was cut short.
        }
      }
      statement.execute("DELETE FROM notable WHERE kind IN ('parked', 'rejected')");
    } catch (SQLException e) {
      throw new IllegalStateException("the planted fault could not be planted", e);
    }
  }
}
