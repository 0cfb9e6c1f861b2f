package dev.rebasis.client.internal.log;

import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.storage.H2Settings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Entries become rows of the tables. Nothing is committed but by {@link #commit}. Confined to the log's owner. */
final class LogRows {
  private static final String TAKEN_OVER = "taken over";
  private static final String LOAD = "load";
  private static final String HISTORY_FROM = StoredSettings.HISTORY_FROM;
  private static final String PART = StoredSettings.PART;
  private static final String FORKING = "forking";
  /** Set while the files hold what was excised. */
  static final String SCRUB = "scrub";
  private static final String DUE = "due";
  private static final String RENUMBERED_AT = "renumbered at";
  private static final String FACTS_OF = "facts of";

  private final Statements statements;
  private final Supplier<UUID> newIds;
  private ConfirmedRows confirmed;
  private IntentRows intents;

  /** Reads where the tables stand. */
  LogRows(Connection connection, Supplier<UUID> newIds) throws SQLException {
    this.statements = new Statements(connection);
    this.newIds = newIds;
    readCounters();
  }

  private void readCounters() throws SQLException {
    confirmed = new ConfirmedRows(statements);
    intents = new IntentRows(statements);
    intents.pending();
  }

  ConfirmedRows confirmed() {
    return confirmed;
  }

  IntentRows intents() {
    return intents;
  }

  /** What may follow now. */
  Admission admission() {
    return new Admission(intents.pendingIds(), intents.seq(), confirmed.t());
  }

  /** The number of the newest record of the write-ahead log that the tables have taken over. */
  long takenOver() throws SQLException {
    String number = setting(TAKEN_OVER);
    return number == null ? 0 : Long.parseLong(number);
  }

  /** The load that is under way, or null. */
  LogEntry.Loading loading() throws SQLException {
    String load = setting(LOAD);
    if (load == null || load.isEmpty()) {
      return null;
    }
    String[] ts = load.split(" ");
    return new LogEntry.Loading(Long.parseLong(ts[0]), Long.parseLong(ts[1]));
  }

  /** The T from which on the history is complete, 0 if all of it is. */
  long historyFrom() throws SQLException {
    String t = setting(HISTORY_FROM);
    return t == null ? 0 : Long.parseLong(t);
  }

  /** The fork whose mending is due, or null. */
  LogEntry.Forking forking() throws SQLException {
    String forking = setting(FORKING);
    if (forking == null || forking.isEmpty()) {
      return null;
    }
    String[] ts = forking.split(" ");
    return new LogEntry.Forking(Long.parseLong(ts[0]), Long.parseLong(ts[1]));
  }

  /**
   * What a client needs to know when it opens the log.
   *
   * @param made the local ids that are confirmed
   */
  LogState state(MadeIds made) throws SQLException {
    List<Intent> pending = intents.pending();
    List<UUID> predecessors = pending.stream().flatMap(intent -> intent.terms().after().stream()).toList();
    return new LogState(
        ids(),
        UUID.fromString(setting("incarnation")),
        confirmed.t(),
        confirmed.instant(),
        confirmed.chain(),
        intents.seq() + 1,
        intents.lastLocal() + 1,
        pending,
        intents.failedAmong(predecessors),
        made,
        loading(),
        historyFrom(),
        part(),
        forking());
  }

  /** What identifies the store. */
  StoreIds ids() throws SQLException {
    String number = setting("client");
    String renumberedAt = setting(RENUMBERED_AT);
    return new StoreIds(uuid("store"), uuid("database"), number == null ? 0 : Long.parseLong(number), uuid("token"),
        uuid("former token"), uuid("fork"), renumberedAt == null ? 0 : Long.parseLong(renumberedAt),
        setting("user"), setting(FACTS_OF) == null ? setting("user") : setting(FACTS_OF));
  }

  private UUID uuid(String name) throws SQLException {
    String text = setting(name);
    return text == null || text.isEmpty() ? null : UUID.fromString(text);
  }

  /** Writes and commits the entries of the write-ahead log's records up to a number. */
  void takeOver(List<LogEntry> entries, long number) throws SQLException {
    write(entries);
    set(TAKEN_OVER, Long.toString(number));
    commit();
  }

  /**
   * Writes entries. If they withdraw entities, the blocks with datoms of these become rows first, since rows are what is deleted by entity;
   * that much is committed. What comes in the same list is written as rows then.
   *
   * @throws DamagedRowException if a block is not what was written
   */
  void write(List<LogEntry> entries) throws SQLException {
    Set<Long> withdrawn = withdrawn(entries);
    if (!withdrawn.isEmpty()) {
      makeRowsOf(withdrawn);
    }
    for (LogEntry entry : entries) {
      write(entry, !withdrawn.isEmpty());
    }
  }

  private static Set<Long> withdrawn(List<LogEntry> entries) {
    Set<Long> entities = new HashSet<>();
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.Confirmed more) {
        more.transactions().forEach(transaction -> entities.addAll(transaction.withdrawn()));
      }
    }
    return entities;
  }

  /** A block at a time, each committed. */
  private void makeRowsOf(Set<Long> entities) throws SQLException {
    long unforced = 0;
    DatomBlocks blocks = blocks();
    for (DatomBlocks.Block block = blocks.after(-1); block != null; block = blocks.after(block.first())) {
      if (block.datoms().stream().anyMatch(datom -> entities.contains(datom.e()))) {
        makeRows(block);
        commit();
        unforced += block.datoms().size();
      }
      if (unforced >= LogWrites.UNFORCED_DATOMS_MAX) {
        force();
        unforced = 0;
      }
    }
  }

  private void write(LogEntry entry, boolean asRows) throws SQLException {
    if (entry instanceof LogEntry.IntentMade made) {
      intents.insert(made.intent());
    } else if (entry instanceof LogEntry.Confirmed more) {
      confirmed.insert(more.transactions(), asRows);
      long withdrawnT = more.transactions().stream().filter(transaction -> !transaction.withdrawn().isEmpty())
          .mapToLong(Transaction::t).max().orElse(0);
      if (withdrawnT > 0 && withdrawnT > historyFrom()) {
        set(HISTORY_FROM, Long.toString(withdrawnT));
      }
    } else if (entry instanceof LogEntry.Part part) {
      writePart(part);
    } else if (entry instanceof LogEntry.Decided decided) {
      intents.decide(decided);
    } else if (entry instanceof LogEntry.Made made) {
      intents.insertMade(made.made());
    } else if (entry instanceof LogEntry.Undone undone) {
      intents.undo(undone.id());
    } else if (entry instanceof LogEntry.DealtWith dealt) {
      intents.dealtWith(dealt);
    } else if (entry instanceof LogEntry.CursorAt cursor) {
      intents.moveCursor(cursor);
    } else if (entry instanceof LogEntry.ClientNumber number) {
      set("client", Long.toString(number.number()));
    } else if (entry instanceof LogEntry.DatabaseId database) {
      set("database", database.id().toString());
    } else if (entry instanceof LogEntry.Tokens tokens) {
      set("token", tokens.token().toString());
      set("former token", tokens.formerToken() == null ? "" : tokens.formerToken().toString());
    } else if (entry instanceof LogEntry.Renumbered renumbered) {
      set("store", renumbered.store().toString());
      set("client", "0");
      set("token", "");
      set("former token", "");
      set(RENUMBERED_AT, Long.toString(intents.lastLocal()));
    } else if (entry instanceof LogEntry.UserName user) {
      set("user", user.name());
      set(FACTS_OF, user.name());
    } else if (entry instanceof LogEntry.UserForgotten) {
      if (setting(FACTS_OF) == null) {
        // A store of before this was noted: what it holds is what this user may see.
        set(FACTS_OF, setting("user") == null ? "" : setting("user"));
      }
      statements.get("DELETE FROM setting WHERE name = 'user'").executeUpdate();
    } else if (entry instanceof LogEntry.OnFork fork) {
      set("fork", fork.id().toString());
    } else if (entry instanceof LogEntry.Forking forking) {
      set(FORKING, forking.t() + " " + forking.nextT());
    } else if (entry instanceof LogEntry.Scrubbed scrubbed) {
      new ScrubbedRows(statements).scrub(scrubbed);
      if (forking() != null && forking().isExcision()) {
        // Files keep for long what rows do not.
        set(SCRUB, DUE);
      }
    } else if (entry instanceof LogEntry.Moved moved) {
      intents.move(moved);
    } else if (entry instanceof LogEntry.Mended mended) {
      intents.mend(mended);
      set(FORKING, "");
    } else if (entry instanceof LogEntry.Loading load) {
      set(LOAD, load.visibleT() + " " + load.targetT());
    } else if (entry instanceof LogEntry.Loaded loaded) {
      set(LOAD, "");
      set(HISTORY_FROM, Long.toString(loaded.historyFrom()));
      set(StoredSettings.WHOLE_FROM, Long.toString(loaded.historyFrom()));
    } else if (entry instanceof LogEntry.DropConfirmed) {
      confirmed.deleteAll();
      set(HISTORY_FROM, "0");
      set(StoredSettings.WHOLE_FROM, "0");
      set("incarnation", newIds.get().toString());
      confirmed = new ConfirmedRows(statements);
    }
  }

  private void writePart(LogEntry.Part part) throws SQLException {
    set(PART, part.isPart() ? part.scopes() == null ? "readable" : "scopes" : "all");
    statements.get("DELETE FROM scope").executeUpdate();
    if (part.scopes() != null) {
      PreparedStatement insert = statements.get("INSERT INTO scope VALUES (?, ?, ?)");
      for (int n = 0; n < part.scopes().size(); n++) {
        insert.setInt(1, n + 1);
        insert.setString(2, part.scopes().get(n).name());
        insert.setString(3, Edn.write(part.scopes().get(n).toData()));
        insert.executeUpdate();
      }
    }
  }

  /** The part of the database that the store holds. */
  LogEntry.Part part() throws SQLException {
    String part = setting(PART);
    if (part == null || part.equals("all")) {
      return LogEntry.Part.ALL;
    }
    if (part.equals("readable")) {
      return new LogEntry.Part(null, true);
    }
    List<ScopeSpec> scopes = new ArrayList<>();
    try (ResultSet rows = statements.get("SELECT spec FROM scope ORDER BY n").executeQuery()) {
      while (rows.next()) {
        scopes.add(ScopeSpec.fromData(Edn.read(rows.getString(1))));
      }
    }
    return new LogEntry.Part(scopes, true);
  }

  /** Prepares the tables of a store that holds a part of a database. Commits what was written before. */
  void prepareForParts() throws SQLException {
    LogTables.prepareForParts(statements.connection());
  }

  /** Whether facts were excised whose bytes may still be in the files. */
  boolean isScrubDue() throws SQLException {
    return DUE.equals(setting(SCRUB));
  }

  /** The datoms that wait to become rows. */
  DatomBlocks blocks() {
    return confirmed.datoms().blocks();
  }

  /** Makes rows of a block of datoms. */
  void makeRows(DatomBlocks.Block block) throws SQLException {
    confirmed.datoms().makeRows(block);
  }

  /** Makes rows of all blocks, one at a time: each is committed, and what was written before. For a store that nobody else has. */
  void makeAllRows() throws SQLException {
    for (DatomBlocks.Block block = blocks().next(); block != null; block = blocks().next()) {
      makeRows(block);
      commit();
    }
  }

  void commit() throws SQLException {
    statements.connection().commit();
  }

  /** Takes back what was written since the last commit, in H2 and in the counters. */
  void rollback() throws SQLException {
    statements.connection().rollback();
    readCounters();
  }

  void force() throws SQLException {
    statements.get(H2Settings.FORCE).execute();
  }

  String setting(String name) throws SQLException {
    return StoredSettings.text(statements, name);
  }

  void set(String name, String text) throws SQLException {
    PreparedStatement merge = statements.get("MERGE INTO setting KEY (name) VALUES (?, ?)");
    merge.setString(1, name);
    merge.setString(2, text);
    merge.executeUpdate();
  }
}
