package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.journal.JournaledPath;
import dev.rebasis.storage.H2Settings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The durable log of the embedded master: one row for each transaction, in an H2 database that any JDBC tool can read.
 *
 * <p>Each row is chained to the one before it by a hash over all its columns, so that a changed, missing or added row
 * is seen when the log is replayed. Under H2 lies {@link JournaledPath}. {@link #append} writes, {@link #force} makes
 * durable; what is not forced may be gone after a power loss, but only as a whole tail of the log. Confined: one thread at a time.
 */
final class MasterLog implements AutoCloseable {
  /** The format that this version writes, and the only one that it reads. */
  static final int FORMAT = 1;

  private static final Keyword DAMAGED = Keyword.of(":rebasis.error/log-damaged");
  private static final Keyword OTHER_VERSION = Keyword.of(":rebasis.error/log-other-version");
  private static final Keyword IN_USE = Keyword.of(":rebasis.error/log-in-use");
  private static final Keyword FAILED = Keyword.of(":rebasis.error/log-failed");

  /** No hook of H2's at the end of the process, and no files and output of its own. */
  private static final String SETTINGS =
      H2Settings.URL_SUFFIX + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0";

  private static final String USER = "sa";
  private static final int TEMPIDS_MAX = 10_000;
  private static final int H2_IN_USE = 90020;

  private static final String NOT_OURS = "it is an H2 database, but not a Rebasis server log";
  private static final Set<String> OURS = Set.of("SETTINGS", "TRANSACTIONS", "LONG_FORMS");

  private static final String[] TABLES = {
    "CREATE TABLE IF NOT EXISTS settings (name VARCHAR(100) PRIMARY KEY, setting VARCHAR(1000) NOT NULL)",
    "COMMENT ON TABLE settings IS 'What this file is: a Rebasis server log, and its format.'",
    "CREATE TABLE IF NOT EXISTS transactions (t BIGINT PRIMARY KEY, tx_instant TIMESTAMP(3) WITH TIME ZONE NOT NULL,"
        + " forms VARCHAR NOT NULL, tempids VARCHAR NOT NULL, datoms_hash BINARY(32) NOT NULL,"
        + " chain BINARY(32) NOT NULL)",
    "COMMENT ON TABLE transactions IS 'Every committed transaction, in the order of T.'",
    "COMMENT ON COLUMN transactions.t IS 'The basis T: the place in the order of all transactions.'",
    "COMMENT ON COLUMN transactions.tx_instant IS 'The value of :db/txInstant.'",
    "COMMENT ON COLUMN transactions.forms IS"
        + " 'The decided forms as EDN, without functions; the rest of very long ones is in long_forms.'",
    "COMMENT ON COLUMN transactions.tempids IS 'The entity id of each tempid, as an EDN map.'",
    "COMMENT ON COLUMN transactions.datoms_hash IS 'SHA-256 of the datoms, in order.'",
    "COMMENT ON COLUMN transactions.chain IS 'SHA-256 of this row and of the chain of the row before it.'",
    "CREATE TABLE IF NOT EXISTS long_forms (t BIGINT, part INT, forms VARCHAR NOT NULL, PRIMARY KEY (t, part))",
    "COMMENT ON TABLE long_forms IS 'What did not fit into transactions.forms, part by part from 1.'",
  };

  private final String name;
  private final Connection connection;
  private final DatomDigest digest = new DatomDigest();
  private final PreparedStatement insert;
  private final PreparedStatement insertPart;
  private long lastT;
  private byte[] lastChain = new byte[32];

  private MasterLog(String name, Connection connection) throws SQLException {
    this.name = name;
    this.connection = connection;
    connection.setAutoCommit(false);
    if (!isMade()) {
      createTables();
    }
    checkFormat();
    insert = connection.prepareStatement(
        "INSERT INTO transactions (t, tx_instant, forms, tempids, datoms_hash, chain) VALUES (?, ?, ?, ?, ?, ?)");
    insertPart = connection.prepareStatement("INSERT INTO long_forms (t, part, forms) VALUES (?, ?, ?)");
  }

  /**
   * Opens or makes a log.
   *
   * @param path where the file is, as H2 writes paths, without its ending; null for a log in memory
   * @param name what to call the log in messages: its file
   */
  static MasterLog open(String path, String name) {
    JournaledPath.register();
    LogLabel.check(path, name);
    String url = path == null ? "jdbc:h2:mem:" : H2Settings.URL_PREFIX_POWER_LOSS + path;
    Connection connection;
    try {
      connection = DriverManager.getConnection(url + SETTINGS, USER, "");
    } catch (SQLException e) {
      throw cannotOpen(name, e);
    }
    try {
      MasterLog log = new MasterLog(name, connection);
      LogLabel.write(path);
      return log;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException closing) {
        e.addSuppressed(closing);
      }
      throw e instanceof SQLException sql ? cannotOpen(name, sql) : (RuntimeException) e;
    }
  }

  /** What to call the log in messages. */
  String name() {
    return name;
  }

  /**
   * Appends transactions in the order of T. After a failure the log's end is not known; do not use it again.
   *
   * @throws RebasisException if it could not be written
   */
  void append(List<Committed> transactions) {
    try {
      for (Committed committed : transactions) {
        add(committed);
      }
      insert.executeBatch();
      connection.commit();
    } catch (SQLException e) {
      throw failed("write to", e);
    }
  }

  private void add(Committed committed) throws SQLException {
    String forms = Edn.write(committed.forms());
    String tempids = text(committed.tempids());
    byte[] hash = digest.of(committed.transaction().datoms());
    byte[] chain = digest.chain(lastChain, committed.t(), committed.txInstant(), forms, tempids, hash);
    put(committed.t(), committed.txInstant(), forms, tempids, hash, chain);
  }

  private void put(long t, Instant txInstant, String forms, String tempids, byte[] hash, byte[] chain)
      throws SQLException {
    int first = LogRows.PART;
    insert.setLong(1, t);
    insert.setObject(2, txInstant);
    insert.setString(3, forms.length() <= first ? forms : forms.substring(0, first));
    insert.setString(4, tempids);
    insert.setBytes(5, hash);
    insert.setBytes(6, chain);
    insert.addBatch();
    for (int part = 1; part * (long) first < forms.length(); part++) {
      insertPart.setLong(1, t);
      insertPart.setInt(2, part);
      insertPart.setString(3, forms.substring(part * first, Math.min(forms.length(), (part + 1) * first)));
      insertPart.executeUpdate();
    }
    lastT = t;
    lastChain = chain;
  }

  /** Makes everything appended survive a power loss. */
  void force() {
    try (Statement statement = connection.createStatement()) {
      statement.execute(H2Settings.FORCE);
    } catch (SQLException e) {
      throw failed("force", e);
    }
  }

  /** How many transactions the log holds. */
  long count() {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM transactions")) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw damaged("H2 says: " + e.getMessage(), e);
    }
  }

  /** The time of the newest transaction, or {@link Instant#EPOCH}. */
  Instant lastInstant() {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT tx_instant FROM transactions ORDER BY t DESC FETCH FIRST ROW ONLY")) {
      return rows.next() ? rows.getObject(1, Instant.class) : Instant.EPOCH;
    } catch (SQLException e) {
      throw damaged("H2 says: " + e.getMessage(), e);
    }
  }

  /** Who takes the rows of the log. */
  interface Replayer {
    /** Commits one row's forms again and returns what came of it. */
    Committed commit(long t, Instant txInstant, List<?> forms);
  }

  /**
   * Hands out every row in order and compares what comes of it with what the row says.
   *
   * @throws RebasisException if a row was changed or is missing, or if the replay gives anything else than the first
   *     time
   */
  void replay(Replayer replayer) {
    new LogRows(connection, name).read(lastT, lastChain, Long.MAX_VALUE, row -> {
      check(row, replayer.commit(row.t(), row.txInstant(), row.readForms(name)));
      lastT = row.t();
      lastChain = row.chain();
    });
  }

  /**
   * Reads rows on a connection of its own. For any thread.
   *
   * @param upToT the last one that is wanted
   */
  void read(long upToT, Consumer<LogRows.Row> consumer) {
    try (Connection reader = DriverManager.getConnection(connection.getMetaData().getURL(), USER, "")) {
      new LogRows(reader, name).read(0, new byte[LogRows.HASH_BYTES], upToT, consumer);
    } catch (SQLException e) {
      throw damaged("H2 says: " + e.getMessage(), e);
    }
  }

  /** Appends rows as they stand in another log, whose chain they continue. */
  void appendRows(List<LogRows.Row> rows) {
    try {
      for (LogRows.Row row : rows) {
        put(row.t(), row.txInstant(), row.forms(), row.tempids(), row.hash(), row.chain());
      }
      insert.executeBatch();
      connection.commit();
    } catch (SQLException e) {
      throw failed("write to", e);
    }
  }

  private void check(LogRows.Row row, Committed again) {
    if (again.t() != row.t()) {
      throw differs(row.t(), "the transaction now gets T " + again.t());
    }
    if (!text(again.tempids()).equals(row.tempids())) {
      throw differs(row.t(), "its entities now get the ids " + text(again.tempids()) + " instead of " + row.tempids());
    }
    if (!Arrays.equals(digest.of(again.transaction().datoms()), row.hash())) {
      throw differs(row.t(), "its datoms are now others");
    }
  }

  /** Of very many tempids only the number: the hash of the datoms holds their ids as well. */
  private static String text(Map<String, Long> tempids) {
    return Edn.write(tempids.size() <= TEMPIDS_MAX ? tempids : Map.of("", (long) tempids.size()));
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed("close", e);
    }
  }

  /**
   * Whether the log was made to the end: what it is, is written last, and H2 makes each table durable by itself. A log may have
   * tables and views that somebody added to it; a database without a word of ours may not become one.
   */
  private boolean isMade() throws SQLException {
    boolean begun = false;
    boolean hasOthers = false;
    try (ResultSet tables = connection.getMetaData().getTables(null, "PUBLIC", null, null)) {
      while (tables.next()) {
        String table = tables.getString("TABLE_NAME");
        hasOthers |= !OURS.contains(table);
        begun |= table.equals("SETTINGS");
      }
    }
    boolean made = begun && hasSettings();
    if (!made && hasOthers) {
      throw damaged(NOT_OURS, null);
    }
    return made;
  }

  private boolean hasSettings() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM settings")) {
      rows.next();
      return rows.getLong(1) > 0;
    }
  }

  private void createTables() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : TABLES) {
        statement.execute(sql);
      }
      statement.execute("INSERT INTO settings VALUES ('kind', 'rebasis-server-log'), ('format', '" + FORMAT + "')");
    }
    connection.commit();
  }

  private void checkFormat() throws SQLException {
    Map<String, String> settings = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT name, setting FROM settings")) {
      while (rows.next()) {
        settings.put(rows.getString(1), rows.getString(2));
      }
    }
    if (!"rebasis-server-log".equals(settings.get("kind"))) {
      throw damaged(NOT_OURS, null);
    }
    if (!Integer.toString(FORMAT).equals(settings.get("format"))) {
      throw otherFormat(name, settings.get("format"));
    }
  }

  static RebasisException otherFormat(String name, String format) {
    return new RebasisException(OTHER_VERSION, ErrorCategory.ASK_PERSON, "The log " + name + " has format " + format
        + ", and this version of Rebasis reads format " + FORMAT
        + ". Nothing was changed. Start the version that wrote it, or choose another data folder.");
  }

  private static RebasisException cannotOpen(String name, SQLException e) {
    if (e.getErrorCode() == H2_IN_USE) {
      return new RebasisException(IN_USE, ErrorCategory.ASK_PERSON, "The log " + name
          + " is open in another process. Stop that one, or choose another data folder.", Map.of(), e);
    }
    return damaged(name, "H2 says: " + e.getMessage(), e);
  }

  private RebasisException damaged(String how, Exception cause) {
    return damaged(name, how, cause);
  }

  static RebasisException damaged(String name, String how, Exception cause) {
    return new RebasisException(DAMAGED, ErrorCategory.ASK_PERSON, "The log " + name + " is damaged: " + how
        + ". Nothing was changed. Restore it from a backup, or choose another data folder.", Map.of(), cause);
  }

  RebasisException differs(long t, String how) {
    return new RebasisException(Keyword.of(":rebasis.error/replay-differs"), ErrorCategory.ASK_PERSON,
        "The replay of the log " + name + " differs at T " + t + ": " + how + ". Nothing was changed. Start the"
            + " version of Rebasis and Datomic that wrote the log, and report this.",
        Map.of(Keyword.of(":t"), t), null);
  }

  RebasisException failed(String what, Exception e) {
    return new RebasisException(FAILED, ErrorCategory.ASK_PERSON, "Cannot " + what + " the log " + name + ": "
        + e.getMessage() + ". Check the disk, then start the server again; nothing acknowledged is lost.", Map.of(), e);
  }
}
