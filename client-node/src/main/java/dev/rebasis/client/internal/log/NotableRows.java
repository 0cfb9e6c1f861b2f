package dev.rebasis.client.internal.log;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Outcome;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.OutcomeKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * Reads the outcomes that a person may want to look at: merged, parked and rejected. On a connection of its own, so
 * that it does not meet the log's owner. Pure but for that.
 */
final class NotableRows {
  private NotableRows() {}

  /** How many transactions are parked. */
  static long countParked(Connection connection) throws SQLException {
    try (PreparedStatement count =
        connection.prepareStatement("SELECT count(*) FROM notable WHERE kind = 'parked' AND settled IS NULL");
        ResultSet row = count.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** All of them, by rising sequence number. */
  static List<ConflictRecord> read(Connection connection) throws SQLException {
    Map<Long, List<Conflict>> conflicts = conflicts(connection);
    List<ConflictRecord> records = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(
            "SELECT o.seq, o.id, o.kind, o.duplicate, o.t, o.reason, o.message, coalesce(o.forms, o.long_forms),"
                + " n.settled, n.settled_by"
                + " FROM notable n JOIN outcome o ON o.seq = n.seq ORDER BY o.seq");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        long seq = row.getLong(1);
        UUID id = row.getObject(2, UUID.class);
        OutcomeKind kind = OutcomeKind.valueOf(row.getString(3).toUpperCase(Locale.ROOT));
        Outcome outcome = new Outcome(id, kind, row.getBoolean(4), row.getLong(5), keyword(row.getString(6)),
            row.getString(7), conflicts.getOrDefault(seq, List.of()));
        records.add(new ConflictRecord(id, seq, row.getString(8), outcome, state(kind, row.getString(9)),
            row.getObject(10, UUID.class)));
      }
    }
    return records;
  }

  private static ConflictRecord.State state(OutcomeKind kind, String settled) {
    if (settled != null) {
      return settled.equals("retried") ? ConflictRecord.State.RETRIED : ConflictRecord.State.DISCARDED;
    }
    return kind.isCommitted() ? ConflictRecord.State.RESOLVED : ConflictRecord.State.OPEN;
  }

  private static Map<Long, List<Conflict>> conflicts(Connection connection) throws SQLException {
    Map<Long, List<Conflict>> bySeq = new HashMap<>();
    try (PreparedStatement select = connection.prepareStatement(
            "SELECT seq, kind, entity, attribute, base, local, remote, resolved, policy, remote_tx FROM conflict"
                + " ORDER BY n");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        bySeq.computeIfAbsent(row.getLong(1), seq -> new ArrayList<>()).add(new Conflict(
            keyword(row.getString(2)), row.getLong(3), keyword(row.getString(4)), values(row.getString(5)),
            values(row.getString(6)), values(row.getString(7)), values(row.getString(8)), keyword(row.getString(9)),
            row.getLong(10)));
      }
    }
    return bySeq;
  }

  private static Keyword keyword(String text) {
    return text == null ? null : Keyword.of(text);
  }

  private static List<Object> values(String text) {
    return new ArrayList<>((List<?>) Edn.read(text));
  }
}
