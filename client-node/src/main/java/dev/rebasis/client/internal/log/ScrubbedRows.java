package dev.rebasis.client.internal.log;

import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Forgets what stood in decided transactions of which something was excised, and what they met. Confined to the log's owner. */
final class ScrubbedRows {
  private final Statements statements;

  ScrubbedRows(Statements statements) {
    this.statements = statements;
  }

  void scrub(LogEntry.Scrubbed scrubbed) throws SQLException {
    PreparedStatement values = statements.get(
        "UPDATE conflict SET base = '[]', local = '[]', remote = '[]', resolved = '[]' WHERE entity = ?");
    for (long e : scrubbed.entities()) {
      values.setLong(1, e);
      values.executeUpdate();
    }
    for (Intent intent : concerned(scrubbed)) {
      forget(intent);
    }
  }

  private List<Intent> concerned(LogEntry.Scrubbed scrubbed) throws SQLException {
    String all = "SELECT " + StoredIntents.COLUMNS + " FROM outcome";
    List<Intent> found = new ArrayList<>();
    if (scrubbed.ts() == null) {
      read(statements.get(all), found);
    } else {
      PreparedStatement select = statements.get(all + " WHERE t = ?");
      for (long t : scrubbed.ts()) {
        select.setLong(1, t);
        read(select, found);
      }
    }
    return found;
  }

  private static void read(PreparedStatement select, List<Intent> into) throws SQLException {
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        into.add(StoredIntents.intent(rows));
      }
    }
  }

  private void forget(Intent intent) throws SQLException {
    PreparedStatement update = statements.get(
        "UPDATE outcome SET forms = '[]', long_forms = NULL, terms = NULL, message = NULL, digest = ? WHERE seq = ?");
    update.setString(1, StoredIntents.digest(intent.seq(), intent.id(), intent.basisT(), intent.madeAt().toEpochMilli(), "[]",
        Edn.write(intent.tempids()), null));
    update.setLong(2, intent.seq());
    update.executeUpdate();
    PreparedStatement conflicts = statements.get("DELETE FROM conflict WHERE seq = ?");
    conflicts.setLong(1, intent.seq());
    conflicts.executeUpdate();
  }
}
