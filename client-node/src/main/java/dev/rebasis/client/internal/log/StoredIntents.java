package dev.rebasis.client.internal.log;

import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reads the transactions made here from their rows, and checks that a row is the one that was written. Pure but for what it reads. */
final class StoredIntents {
  static final String COLUMNS = "seq, id, basis_t, made_at, last_local, forms, long_forms, tempids, terms, digest";

  /** What is true of every transaction that stands elsewhere than where it was made, and perhaps of some that do not. */
  private static final String MOVED = "terms LIKE '%:moved %'";

  private StoredIntents() {}

  /** A transaction that was decided, or null. */
  static Intent decided(Statements statements, UUID id) throws SQLException {
    PreparedStatement select = statements.get("SELECT " + COLUMNS + " FROM outcome WHERE id = ?");
    select.setObject(1, id);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? intent(row) : null;
    }
  }

  /**
   * The intents made under a lower sequence number that were not decided up to a T, in order: those that are pending, those
   * decided later, and those that ended without a T after the one with that number was made. One that has a higher number now
   * is given as it was made.
   */
  static List<Intent> undecidedAt(Statements statements, long beforeSeq, long t) throws SQLException {
    List<Intent> intents = new ArrayList<>();
    PreparedStatement decided = statements.get("SELECT " + COLUMNS + " FROM outcome WHERE (seq < ? OR " + MOVED
        + ") AND (t > ? OR t = 0 AND ended_seq >= ?)");
    decided.setLong(1, beforeSeq);
    decided.setLong(2, t);
    decided.setLong(3, beforeSeq);
    PreparedStatement pending =
        statements.get("SELECT " + COLUMNS + " FROM pending WHERE seq < ? OR " + MOVED + " ORDER BY seq");
    pending.setLong(1, beforeSeq);
    for (PreparedStatement select : List.of(decided, pending)) {
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Intent intent = intent(rows);
          Intent then = intent.seq() < beforeSeq ? intent : intent.asMade();
          if (then.seq() < beforeSeq) {
            intents.add(then);
          }
        }
      }
    }
    intents.sort(Comparator.comparingLong(Intent::seq));
    return intents;
  }

  /** The sequence number under which the transaction was made that has this one now. */
  static long madeAs(Statements statements, long seq) throws SQLException {
    for (String table : List.of("pending", "outcome")) {
      PreparedStatement select = statements.get("SELECT " + COLUMNS + " FROM " + table + " WHERE seq = ? AND " + MOVED);
      select.setLong(1, seq);
      try (ResultSet row = select.executeQuery()) {
        if (row.next()) {
          return intent(row).asMade().seq();
        }
      }
    }
    return seq;
  }

  /** The intents that were committed after a T, in order. */
  static List<Intent> committedAfter(Statements statements, long t) throws SQLException {
    List<Intent> intents = new ArrayList<>();
    PreparedStatement select = statements.get(
        "SELECT " + COLUMNS + " FROM outcome WHERE t > ? AND kind IN ('accepted', 'merged') ORDER BY seq");
    select.setLong(1, t);
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        intents.add(intent(rows));
      }
    }
    return intents;
  }

  static String digest(
      long seq, UUID id, long basisT, long madeAtMillis, String forms, String tempids,
      String terms) {
    MessageDigest sha = HashChain.sha256();
    sha.update((seq + " " + id + " " + basisT + " " + madeAtMillis + " ").getBytes(StandardCharsets.UTF_8));
    sha.update(forms.getBytes(StandardCharsets.UTF_8));
    sha.update(tempids.getBytes(StandardCharsets.UTF_8));
    if (terms != null) {
      sha.update(terms.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(sha.digest(), 0, 8);
  }

  /** An intent from a row that begins with {@link #COLUMNS}. */
  static Intent intent(ResultSet row) throws SQLException {
    long rowSeq = row.getLong(1);
    UUID id = row.getObject(2, UUID.class);
    long basisT = row.getLong(3);
    OffsetDateTime madeAt = row.getObject(4, OffsetDateTime.class);
    String forms = row.getString(6) != null ? row.getString(6) : row.getString(7);
    String tempids = row.getString(8);
    String terms = row.getString(9);
    String digest =
        digest(rowSeq, id, basisT, madeAt.toInstant().toEpochMilli(), String.valueOf(forms), tempids, terms);
    if (!digest.equals(row.getString(10))) {
      throw new DamagedRowException("the transaction " + id + " made here is not what was written");
    }
    Map<String, Long> numbers = new LinkedHashMap<>();
    ((Map<?, ?>) Edn.read(tempids)).forEach((name, number) -> numbers.put((String) name, (Long) number));
    List<Object> list = new ArrayList<>((List<?>) Edn.read(forms));
    return new Intent(id, rowSeq, basisT, madeAt.toInstant(), list, numbers,
        terms == null ? Terms.NONE : Terms.fromData(Edn.read(terms)));
  }
}
