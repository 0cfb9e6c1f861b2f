package dev.rebasis.client.internal.log;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/** Reads outcomes in the order in which they came, for cursors. On a connection of its own. Pure but for that. */
final class OutcomeRows {
  private OutcomeRows() {}

  /** How far a cursor is, 0 if nobody moved it. */
  static long cursor(Connection connection, String name) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT n FROM outcome_cursor WHERE name = ?")) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /** What became of a transaction; null if it has no outcome, or was taken back. */
  static Outcome of(Connection connection, UUID id) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(
        "SELECT n, id, kind, duplicate, t, reason, message FROM outcome WHERE id = ? AND kind <> 'undone'")) {
      select.setObject(1, id);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? outcome(row) : null;
      }
    }
  }

  /** Whether there is one that ended before the one with a sequence number was made, and of which the server wrote nothing. */
  static boolean endedHere(Connection connection, long beforeSeq) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(
        "SELECT 1 FROM outcome WHERE t = 0 AND seq < ? AND coalesce(ended_seq, 0) < ? LIMIT 1")) {
      select.setLong(1, beforeSeq);
      select.setLong(2, beforeSeq);
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    }
  }

  /** The Ts of outcomes up to one. */
  static Set<Long> decidedUpTo(Connection connection, long t) throws SQLException {
    Set<Long> ts = new HashSet<>();
    try (PreparedStatement select = connection.prepareStatement("SELECT DISTINCT t FROM outcome WHERE t <= ?")) {
      select.setLong(1, t);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          ts.add(row.getLong(1));
        }
      }
    }
    return ts;
  }

  private static Outcome outcome(ResultSet row) throws SQLException {
    String reason = row.getString(6);
    return new Outcome(row.getObject(2, UUID.class),
        OutcomeKind.valueOf(row.getString(3).toUpperCase(Locale.ROOT)), row.getBoolean(4), row.getLong(5),
        reason == null ? null : Keyword.of(reason), row.getString(7), List.of());
  }

  /** The outcomes after a number, at most so many. Conflicts are not read: {@code conflicts()} has them. */
  static List<OutcomeCursor.Entry> after(Connection connection, long n, int max) throws SQLException {
    List<OutcomeCursor.Entry> entries = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(
        "SELECT n, id, kind, duplicate, t, reason, message, seq, coalesce(forms, long_forms) FROM outcome"
            + " WHERE n > ? AND kind <> 'undone' ORDER BY n LIMIT ?")) {
      select.setLong(1, n);
      select.setInt(2, max);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          entries.add(new OutcomeCursor.Entry(row.getLong(1), row.getLong(8), row.getString(9), outcome(row)));
        }
      }
    }
    return entries;
  }
}
