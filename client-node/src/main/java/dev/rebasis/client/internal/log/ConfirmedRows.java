package dev.rebasis.client.internal.log;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Confirmed transactions as rows. Confined to the log's owner.
 *
 * <p>Rows go in by statements of 64, 8 and one row: measured, 64 at once is twice as fast as JDBC batches, since H2
 * then runs one command for all.
 */
final class ConfirmedRows {
  /** A value with more characters goes into a large object, which VARCHAR's limit of 1,048,576 makes necessary. */
  static final int TEXT_MAX = 1_000_000;

  private static final int[] ROWS_AT_ONCE = {64, 8, 1};
  private static final int COLUMNS = 9;
  private static final int TRANSACTIONS_AT_ONCE = 500;
  private static final int DATOMS_AT_ONCE = 10_000;
  private static final String SELECT_DATOMS =
      "SELECT e, a, type, v, v_number, v_long_text, added, t, n FROM datom WHERE n >= ? AND n < ? ORDER BY n";
  private static final String NOT_OF_SCHEMA = "d.a NOT IN (" + LongStream.of(SystemIds.schemaAttributes())
      .mapToObj(Long::toString).collect(Collectors.joining(", ")) + ")";

  private final Statements statements;
  private final HashChain chain;
  private long t;
  private long nextDatom;

  ConfirmedRows(Statements statements) throws SQLException {
    this.statements = statements;
    String link = HashChain.START;
    try (ResultSet last = statements.get(
        "SELECT t, first_datom + datoms, chain FROM confirmed ORDER BY t DESC LIMIT 1").executeQuery()) {
      if (last.next()) {
        t = last.getLong(1);
        nextDatom = last.getLong(2);
        link = last.getString(3);
      }
    }
    chain = new HashChain(link);
  }

  /** The newest confirmed T, 0 if none. */
  long t() {
    return t;
  }

  /** When the transaction with that T was committed; null if there is none, or it does not say. */
  Instant instant() throws SQLException {
    PreparedStatement select = statements.get("SELECT instant FROM confirmed WHERE t = ?");
    select.setLong(1, t);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getObject(1, Instant.class) : null;
    }
  }

  /** The hash chain at that T. */
  String chain() {
    return chain.link();
  }

  /** The hash chain at a T of the log, or null if no transaction with this T is in it. */
  String chainAt(long wantedT) throws SQLException {
    if (wantedT == 0) {
      return HashChain.START;
    }
    PreparedStatement select = statements.get("SELECT chain FROM confirmed WHERE t = ?");
    select.setLong(1, wantedT);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getString(1) : null;
    }
  }

  // ---- writing

  void insert(List<Transaction> transactions) throws SQLException {
    List<Datom> datoms = new ArrayList<>();
    long first = nextDatom;
    for (Transaction transaction : transactions) {
      boolean amends = transaction.t() == t && !transaction.withdrawn().isEmpty();
      if (transaction.t() <= t && !amends) {
        throw new IllegalArgumentException(
            "T " + transaction.t() + " cannot follow T " + t + " in the log: confirmed transactions come in order");
      }
      if (!transaction.withdrawn().isEmpty()) {
        // What comes in the same batch before it is to be forgotten too.
        insertDatoms(datoms, first);
        nameIdents(datoms);
        datoms.clear();
        first = nextDatom;
        withdraw(transaction);
      }
      chain.add(transaction);
      if (amends) {
        amend(transaction);
      } else {
        insert(transaction);
      }
      datoms.addAll(transaction.datoms());
      nextDatom += transaction.datoms().size();
      t = transaction.t();
    }
    insertDatoms(datoms, first);
    nameIdents(datoms);
  }

  private void insert(Transaction transaction) throws SQLException {
    PreparedStatement insert = statements.get("INSERT INTO confirmed VALUES (?, ?, ?, ?, ?, ?, TRUE)");
    insert.setLong(1, transaction.t());
    Instant instant = instantOf(transaction);
    insert.setObject(2, instant == null ? null : instant.atOffset(ZoneOffset.UTC));
    insert.setLong(3, nextDatom);
    insert.setInt(4, transaction.datoms().size());
    insert.setString(5, chain.link());
    insert.setInt(6, transaction.withdrawn().size());
    insert.executeUpdate();
  }

  /** Adds to the newest transaction what came in with other scopes at its T. */
  private void amend(Transaction transaction) throws SQLException {
    PreparedStatement update = statements.get(
        "UPDATE confirmed SET datoms = datoms + ?, withdrawn = withdrawn + ?, chain = ?, whole = FALSE WHERE t = ?");
    update.setInt(1, transaction.datoms().size());
    update.setInt(2, transaction.withdrawn().size());
    update.setString(3, chain.link());
    update.setLong(4, transaction.t());
    update.executeUpdate();
  }

  /** Forgets everything of some entities but what is schema, and notes that it did. */
  private void withdraw(Transaction transaction) throws SQLException {
    PreparedStatement note = statements.get("MERGE INTO withdrawn KEY (t, e) VALUES (?, ?)");
    PreparedStatement cut = statements.get("UPDATE confirmed SET whole = FALSE WHERE t IN (SELECT (SELECT c.t FROM confirmed c"
        + " WHERE c.first_datom <= d.n ORDER BY c.first_datom DESC, c.t DESC LIMIT 1) FROM datom d WHERE d.e = ? AND "
        + NOT_OF_SCHEMA + ")");
    PreparedStatement delete = statements.get("DELETE FROM datom d WHERE d.e = ? AND " + NOT_OF_SCHEMA);
    for (long e : transaction.withdrawn()) {
      note.setLong(1, transaction.t());
      note.setLong(2, e);
      note.executeUpdate();
      cut.setLong(1, e);
      cut.executeUpdate();
      delete.setLong(1, e);
      delete.executeUpdate();
    }
  }

  private static Instant instantOf(Transaction transaction) {
    for (Datom datom : transaction.datoms()) {
      if (datom.a() == SystemIds.DB_TX_INSTANT && datom.e() == transaction.tx() && datom.v() instanceof Instant i) {
        return i;
      }
    }
    return null;
  }

  private void insertDatoms(List<Datom> datoms, long first) throws SQLException {
    int done = 0;
    for (int rows : ROWS_AT_ONCE) {
      PreparedStatement insert = datoms.size() - done < rows ? null : statements.get(insertOf(rows));
      for (; datoms.size() - done >= rows; done += rows) {
        for (int row = 0; row < rows; row++) {
          set(insert, row * COLUMNS, first + done + row, datoms.get(done + row));
        }
        insert.executeUpdate();
      }
    }
  }

  private static String insertOf(int rows) {
    return "INSERT INTO datom VALUES "
        + String.join(", ", Collections.nCopies(rows, "(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  }

  private static void set(PreparedStatement insert, int at, long n, Datom datom) throws SQLException {
    String text = ValueText.text(datom.v());
    Long number = ValueText.number(datom.v());
    boolean isLong = text.length() > TEXT_MAX;
    insert.setLong(at + 1, n);
    insert.setLong(at + 2, datom.t());
    insert.setLong(at + 3, datom.e());
    insert.setLong(at + 4, datom.a());
    insert.setString(at + 5, ValueText.type(datom.v()));
    insert.setString(at + 6, isLong ? null : text);
    if (number == null) {
      insert.setNull(at + 7, Types.BIGINT);
    } else {
      insert.setLong(at + 7, number);
    }
    insert.setString(at + 8, isLong ? text : null);
    insert.setBoolean(at + 9, datom.added());
  }

  private void nameIdents(List<Datom> datoms) throws SQLException {
    for (Datom datom : datoms) {
      if (datom.a() == SystemIds.DB_IDENT && datom.added()
          && datom.e() != SystemIds.DB_RETRACT_ENTITY && datom.e() != SystemIds.DB_CAS) {
        PreparedStatement merge = statements.get("MERGE INTO ident KEY (entity) VALUES (?, ?)");
        merge.setLong(1, datom.e());
        merge.setString(2, datom.v().toString());
        merge.executeUpdate();
      }
    }
  }

  /** Forgets every confirmed transaction. */
  void deleteAll() throws SQLException {
    statements.get("DELETE FROM datom").executeUpdate();
    statements.get("DELETE FROM confirmed").executeUpdate();
    statements.get("DELETE FROM withdrawn").executeUpdate();
    statements.get("DELETE FROM ident").executeUpdate();
    LogTables.fillIdents(statements.connection());
  }

  // ---- reading

  /** A row of the table confirmed. */
  private record Row(long t, long firstDatom, int datoms, String chain, int withdrawn, boolean whole) {}

  /**
   * Reads the transactions after a T of the log up to another, in order, and checks them against the hash chain: those that
   * are as they came. What is left of the others is what is held of them now.
   *
   * @param consumer is given each transaction with the chain at it
   * @throws DamagedRowException if the rows are not those that were written
   */
  void read(long afterT, long upToT, BiConsumer<Transaction, String> consumer) throws SQLException {
    HashChain check = new HashChain(chainAt(afterT));
    List<Row> rows = rows(afterT, upToT);
    while (!rows.isEmpty()) {
      Iterator<List<Datom>> datoms = datomsOf(rows);
      for (Row row : rows) {
        Transaction transaction = transaction(row, datoms.next(), check);
        consumer.accept(transaction, row.chain);
        if (!row.whole) {
          check = new HashChain(row.chain);
        }
      }
      rows = rows(rows.get(rows.size() - 1).t, upToT);
    }
  }

  private Transaction transaction(Row row, List<Datom> datoms, HashChain check) throws SQLException {
    Transaction transaction = new Transaction(row.t, datoms, readWithdrawn(row));
    if (row.whole) {
      check.add(transaction);
      if (!check.link().equals(row.chain)) {
        throw new DamagedRowException("the datoms of T " + row.t + " are not those that were written");
      }
    }
    return transaction;
  }

  private List<Long> readWithdrawn(Row row) throws SQLException {
    if (row.withdrawn == 0) {
      return List.of();
    }
    List<Long> entities = new ArrayList<>(row.withdrawn);
    PreparedStatement select = statements.get("SELECT e FROM withdrawn WHERE t = ? ORDER BY e");
    select.setLong(1, row.t);
    try (ResultSet result = select.executeQuery()) {
      while (result.next()) {
        entities.add(result.getLong(1));
      }
    }
    return Collections.unmodifiableList(entities);
  }

  /**
   * Reads the first transactions after a T up to another, as many as are read at once; none if there are none left.
   *
   * @param afterT need not be that of a transaction
   * @throws DamagedRowException if the rows are not those that were written
   */
  List<Transaction> page(long afterT, long upToT) throws SQLException {
    HashChain check = new HashChain(chainUpTo(afterT));
    List<Transaction> page = new ArrayList<>();
    List<Row> rows = rows(afterT, upToT);
    Iterator<List<Datom>> datoms = datomsOf(rows);
    for (Row row : rows) {
      page.add(transaction(row, datoms.next(), check));
      if (!row.whole) {
        check = new HashChain(row.chain);
      }
    }
    return page;
  }

  private String chainUpTo(long wantedT) throws SQLException {
    PreparedStatement select =
        statements.get("SELECT chain FROM confirmed WHERE t <= ? ORDER BY t DESC LIMIT 1");
    select.setLong(1, wantedT);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getString(1) : HashChain.START;
    }
  }

  /** The transaction with this T, or null if it is not there, or no longer as it was; not checked against the chain. */
  Transaction onlyIfWhole(long t) throws SQLException {
    List<Row> rows = rows(t - 1, t);
    return rows.isEmpty() || !rows.get(0).whole || rows.get(0).withdrawn > 0 ? null
        : new Transaction(t, readDatoms(rows.get(0)), List.of());
  }

  private List<Row> rows(long afterT, long upToT) throws SQLException {
    PreparedStatement select = statements.get(
        "SELECT t, first_datom, datoms, chain, withdrawn, whole FROM confirmed WHERE t > ? AND t <= ? ORDER BY t LIMIT "
            + TRANSACTIONS_AT_ONCE);
    select.setLong(1, afterT);
    select.setLong(2, upToT);
    List<Row> rows = new ArrayList<>();
    try (ResultSet result = select.executeQuery()) {
      while (result.next()) {
        rows.add(new Row(result.getLong(1), result.getLong(2), result.getInt(3), result.getString(4),
            result.getInt(5), result.getBoolean(6)));
      }
    }
    return rows;
  }

  /** The datoms of each of several rows that follow on each other; those of small ones are read together. */
  private Iterator<List<Datom>> datomsOf(List<Row> rows) throws SQLException {
    List<List<Datom>> all = new ArrayList<>(rows.size());
    for (int first = 0; first < rows.size(); ) {
      int end = first + 1;
      int size = rows.get(first).datoms;
      while (end < rows.size() && size + rows.get(end).datoms <= DATOMS_AT_ONCE) {
        size += rows.get(end++).datoms;
      }
      if (end == first + 1) {
        all.add(readDatoms(rows.get(first)));
      } else {
        all.addAll(readTogether(rows.subList(first, end)));
      }
      first = end;
    }
    return all.iterator();
  }

  private List<List<Datom>> readTogether(List<Row> rows) throws SQLException {
    List<List<Datom>> all = new ArrayList<>(rows.size());
    Row last = rows.get(rows.size() - 1);
    PreparedStatement select = statements.get(SELECT_DATOMS);
    select.setLong(1, rows.get(0).firstDatom);
    select.setLong(2, last.firstDatom + last.datoms);
    try (ResultSet result = select.executeQuery()) {
      boolean found = result.next();
      for (Row row : rows) {
        List<Datom> datoms = new ArrayList<>(row.datoms);
        for (; found && result.getLong(9) < row.firstDatom + row.datoms; found = result.next()) {
          datoms.add(datom(result));
        }
        all.add(Collections.unmodifiableList(datoms));
      }
    }
    return all;
  }

  private List<Datom> readDatoms(Row row) throws SQLException {
    List<Datom> datoms = new ArrayList<>(row.datoms);
    PreparedStatement select = statements.get(SELECT_DATOMS);
    for (long from = row.firstDatom; from < row.firstDatom + row.datoms; from += DATOMS_AT_ONCE) {
      select.setLong(1, from);
      select.setLong(2, Math.min(from + DATOMS_AT_ONCE, row.firstDatom + row.datoms));
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          datoms.add(datom(result));
        }
      }
    }
    return Collections.unmodifiableList(datoms);
  }

  private static Datom datom(ResultSet row) throws SQLException {
    return new Datom(row.getLong(1), row.getLong(2), value(row), EntityIds.txOf(row.getLong(8)), row.getBoolean(7));
  }

  private static Object value(ResultSet row) throws SQLException {
    String type = row.getString(3);
    if (type.equals("long")) {
      return row.getLong(5);
    }
    if (type.equals("instant")) {
      return Instant.ofEpochMilli(row.getLong(5));
    }
    String text = row.getString(4);
    return ValueText.value(type, text != null ? text : row.getString(6));
  }
}
