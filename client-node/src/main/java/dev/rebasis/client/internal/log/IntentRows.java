package dev.rebasis.client.internal.log;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Writes the transactions made here as rows: pending, decided, their conflicts, their entities. {@link StoredIntents} reads them.
 * Confined to the log's owner.
 */
final class IntentRows {
  private static final String COLUMNS = StoredIntents.COLUMNS;

  private final Statements statements;
  private final Map<UUID, Long> pendingSeqs = new HashMap<>();
  private long seq;
  private long lastLocal;

  IntentRows(Statements statements) throws SQLException {
    this.statements = statements;
    for (String table : List.of("pending", "outcome")) {
      try (ResultSet last = statements.get(
          "SELECT seq, last_local FROM " + table + " ORDER BY seq DESC LIMIT 1").executeQuery()) {
        if (last.next()) {
          seq = Math.max(seq, last.getLong(1));
          lastLocal = Math.max(lastLocal, last.getLong(2));
        }
      }
    }
  }

  /** The newest sequence number, 0 if none. */
  long seq() {
    return seq;
  }

  /** The highest local number, 0 if none. */
  long lastLocal() {
    return lastLocal;
  }

  /** The ids of the pending intents, as far as {@link #pending()} has read or {@link #insert} written them. */
  Set<UUID> pendingIds() {
    return pendingSeqs.keySet();
  }

  // ---- writing

  /**
   * Checks that the log can hold a transaction.
   *
   * @throws TransactionException {@code :rebasis.error/value-too-large} if it holds a string or bytes with more than
   *     {@link DatomRows#TEXT_MAX} characters or bytes
   */
  static void checkSize(Object form) {
    if (form instanceof String text && text.length() > DatomRows.TEXT_MAX) {
      throw tooLarge("string", text.length());
    }
    if (form instanceof Bytes bytes && bytes.length() > DatomRows.TEXT_MAX) {
      throw tooLarge("byte string", bytes.length());
    }
    if (form instanceof Collection<?> collection) {
      collection.forEach(IntentRows::checkSize);
    } else if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        checkSize(key);
        checkSize(value);
      });
    }
  }

  private static TransactionException tooLarge(String what, int length) {
    return new TransactionException(StoreErrors.VALUE_TOO_LARGE,
        "A " + what + " of length " + length + " is too large for a value, which may have " + DatomRows.TEXT_MAX
            + ". Keep large content outside of the database and store its address.",
        Map.of(Keyword.of(":length"), length, Keyword.of(":max"), DatomRows.TEXT_MAX));
  }

  void insert(Intent intent) throws SQLException {
    if (intent.seq() <= seq) {
      throw new IllegalArgumentException("sequence number " + intent.seq() + " cannot follow " + seq);
    }
    put(intent);
  }

  /** Gives pending transactions other sequence numbers and terms. */
  void move(LogEntry.Moved moved) throws SQLException {
    PreparedStatement delete = statements.get("DELETE FROM pending WHERE seq = ?");
    for (Intent intent : moved.intents()) {
      Long before = pendingSeqs.get(intent.id());
      if (before == null) {
        throw Admission.notPending(intent.id());
      }
      delete.setLong(1, before);
      delete.executeUpdate();
      insert(intent);
    }
  }

  /** Writes transactions anew that are to be decided, or decided again; what became of them before is forgotten. */
  void mend(LogEntry.Mended mended) throws SQLException {
    for (Intent intent : mended.pending()) {
      for (String table : List.of("pending", "notable", "conflict", "outcome")) {
        PreparedStatement delete = statements.get("DELETE FROM " + table + " WHERE seq = ?");
        delete.setLong(1, intent.seq());
        delete.executeUpdate();
      }
      put(intent);
    }
    PreparedStatement forget = statements.get("DELETE FROM made WHERE local_number = ?");
    for (long number : mended.forgotten()) {
      forget.setLong(1, number);
      forget.executeUpdate();
    }
  }

  private void put(Intent intent) throws SQLException {
    String forms = Edn.write(intent.forms());
    String tempids = Edn.write(intent.tempids());
    String terms = intent.terms().isNone() ? null : Edn.write(intent.terms().toData());
    boolean isLong = forms.length() > DatomRows.TEXT_MAX;
    long local = Math.max(lastLocal, intent.tempids().values().stream().mapToLong(Long::longValue).max().orElse(0));
    PreparedStatement insert = statements.get(
        "INSERT INTO pending (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.setLong(1, intent.seq());
    insert.setObject(2, intent.id());
    insert.setLong(3, intent.basisT());
    insert.setObject(4, intent.madeAt().atOffset(ZoneOffset.UTC));
    insert.setLong(5, local);
    insert.setString(6, isLong ? null : forms);
    insert.setString(7, isLong ? forms : null);
    insert.setString(8, tempids);
    insert.setString(9, terms);
    insert.setString(10, StoredIntents.digest(
        intent.seq(), intent.id(), intent.basisT(), intent.madeAt().toEpochMilli(), forms, tempids, terms));
    insert.executeUpdate();
    pendingSeqs.put(intent.id(), intent.seq());
    seq = Math.max(seq, intent.seq());
    lastLocal = local;
  }

  void decide(LogEntry.Decided decided) throws SQLException {
    Long decidedSeq = pendingSeqs.remove(decided.id());
    if (decidedSeq == null) {
      throw Admission.notPending(decided.id());
    }
    PreparedStatement insert = statements.get(
        "INSERT INTO outcome (kind, duplicate, t, reason, message, ended_seq, " + COLUMNS + ") SELECT ?, ?, ?, ?, ?, ?, "
            + COLUMNS + " FROM pending WHERE seq = ?");
    insert.setString(1, decided.kind().name().toLowerCase(Locale.ROOT));
    insert.setBoolean(2, decided.duplicate());
    insert.setLong(3, decided.t());
    insert.setString(4, decided.code() == null ? null : decided.code().toString());
    insert.setString(5, decided.message() == null ? null : abridged(decided.message()));
    // Where no T tells what was made before it ended and what after, the newest one then does.
    insert.setObject(6, decided.t() == 0 ? (Long) seq : null);
    insert.setLong(7, decidedSeq);
    insert.executeUpdate();
    PreparedStatement delete = statements.get("DELETE FROM pending WHERE seq = ?");
    delete.setLong(1, decidedSeq);
    delete.executeUpdate();
    insertMade(decided.made());
    if (decided.kind() != OutcomeKind.ACCEPTED) {
      PreparedStatement notable = statements.get("INSERT INTO notable (seq, kind) VALUES (?, ?)");
      notable.setLong(1, decidedSeq);
      notable.setString(2, decided.kind().name().toLowerCase(Locale.ROOT));
      notable.executeUpdate();
    }
    for (Conflict conflict : decided.conflicts()) {
      insertConflict(decidedSeq, conflict);
    }
  }

  private void insertConflict(long conflictSeq, Conflict conflict) throws SQLException {
    PreparedStatement insert = statements.get(
        "INSERT INTO conflict (seq, kind, entity, attribute, base, local, remote, resolved, policy, remote_tx)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.setLong(1, conflictSeq);
    insert.setString(2, conflict.kind().toString());
    insert.setLong(3, conflict.e());
    insert.setString(4, conflict.attribute() == null ? null : conflict.attribute().toString());
    insert.setString(5, Edn.write(conflict.base()));
    insert.setString(6, Edn.write(conflict.local()));
    insert.setString(7, Edn.write(conflict.remote()));
    insert.setString(8, Edn.write(conflict.resolved()));
    insert.setString(9, conflict.policy().toString());
    insert.setLong(10, conflict.remoteTx());
    insert.executeUpdate();
  }

  /** Takes a pending transaction back: it becomes an outcome of its own kind, which no program is told. */
  void undo(UUID id) throws SQLException {
    Long undoneSeq = pendingSeqs.remove(id);
    if (undoneSeq == null) {
      throw Admission.notPending(id);
    }
    PreparedStatement insert = statements.get(
        "INSERT INTO outcome (kind, duplicate, t, ended_seq, " + COLUMNS + ") SELECT 'undone', FALSE, 0, ?, " + COLUMNS
            + " FROM pending WHERE seq = ?");
    insert.setLong(1, seq);
    insert.setLong(2, undoneSeq);
    insert.executeUpdate();
    PreparedStatement delete = statements.get("DELETE FROM pending WHERE seq = ?");
    delete.setLong(1, undoneSeq);
    delete.executeUpdate();
  }

  /** Notes what a person did about a parked or rejected transaction. */
  void dealtWith(LogEntry.DealtWith dealt) throws SQLException {
    PreparedStatement update = statements.get("UPDATE notable SET settled = ?, settled_by = ?"
        + " WHERE seq = (SELECT seq FROM outcome WHERE id = ?)");
    update.setString(1, dealt.by() == null ? "discarded" : "retried");
    update.setObject(2, dealt.by());
    update.setObject(3, dealt.id());
    update.executeUpdate();
  }

  void moveCursor(LogEntry.CursorAt cursor) throws SQLException {
    PreparedStatement merge = statements.get("MERGE INTO outcome_cursor KEY (name) VALUES (?, ?)");
    merge.setString(1, cursor.name());
    merge.setLong(2, cursor.n());
    merge.executeUpdate();
  }

  void insertMade(Map<Long, Long> made) throws SQLException {
    if (made.isEmpty()) {
      return;
    }
    PreparedStatement merge = statements.get("MERGE INTO made KEY (local_number) VALUES (?, ?)");
    for (Map.Entry<Long, Long> entry : made.entrySet()) {
      merge.setLong(1, entry.getKey());
      merge.setLong(2, entry.getValue());
      merge.executeUpdate();
    }
  }

  private static String abridged(String message) {
    return message.length() <= DatomRows.TEXT_MAX ? message : message.substring(0, DatomRows.TEXT_MAX);
  }

  // ---- reading

  /**
   * The pending intents in order.
   *
   * @throws DamagedRowException if a row is not the one that was written
   */
  List<Intent> pending() throws SQLException {
    List<Intent> intents = new ArrayList<>();
    try (ResultSet rows = statements.get("SELECT " + COLUMNS + " FROM pending ORDER BY seq").executeQuery()) {
      while (rows.next()) {
        Intent intent = StoredIntents.intent(rows);
        pendingSeqs.put(intent.id(), intent.seq());
        intents.add(intent);
      }
    }
    return intents;
  }

  /** Of the transactions on which others stand, those that were not committed. */
  Set<UUID> failedAmong(Collection<UUID> predecessors) throws SQLException {
    Set<UUID> failed = new HashSet<>();
    PreparedStatement select =
        statements.get("SELECT 1 FROM outcome WHERE id = ? AND kind NOT IN ('accepted', 'merged')");
    for (UUID id : predecessors) {
      select.setObject(1, id);
      try (ResultSet row = select.executeQuery()) {
        if (row.next()) {
          failed.add(id);
        }
      }
    }
    return failed;
  }

  /** The local ids that the server has confirmed by now. */
  StoredIds stored(StoredIds.Rows made) throws SQLException {
    long highest = highestMade(Long.MAX_VALUE);
    return highest == 0 ? StoredIds.NONE : new StoredIds(made, highestMade(StoredIds.FAR), highest);
  }

  private long highestMade(long below) throws SQLException {
    PreparedStatement select = statements.get(
        "SELECT local_number FROM made WHERE local_number < ? ORDER BY local_number DESC LIMIT 1");
    select.setLong(1, below);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }
}
