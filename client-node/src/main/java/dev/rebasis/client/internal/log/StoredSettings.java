package dev.rebasis.client.internal.log;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What a store notes of itself under a name, read from any connection. Pure functions. */
final class StoredSettings {
  /** The T from which on the history is complete: what has left since cannot be seen at an earlier T. */
  static final String HISTORY_FROM = "history from";
  /** The T after which a transaction that is kept, and is not marked, is kept as it was: it came from the server's log, and was not trimmed. */
  static final String WHOLE_FROM = "whole from";
  static final String PART = "part";

  private StoredSettings() {}

  /** A setting's text, or null if there is none. */
  static String text(Statements statements, String name) throws SQLException {
    PreparedStatement select = statements.get("SELECT text FROM setting WHERE name = ?");
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getString(1) : null;
    }
  }

  static long wholeFrom(Statements statements) throws SQLException {
    // A store of before this was noted says it no better than by its history.
    String t = text(statements, WHOLE_FROM) == null ? text(statements, HISTORY_FROM) : text(statements, WHOLE_FROM);
    return t == null ? 0 : Long.parseLong(t);
  }

  static boolean isPart(Statements statements) throws SQLException {
    String part = text(statements, PART);
    return part != null && !part.equals("all");
  }
}
