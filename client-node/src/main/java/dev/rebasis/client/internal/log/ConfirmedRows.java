package dev.rebasis.client.internal.log;

import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Confirmed transactions as rows; {@link DatomRows} has their datoms. Confined to the log's owner. */
final class ConfirmedRows {
  private static final int TRANSACTIONS_AT_ONCE = 500;
  private static final int DATOMS_AT_ONCE = 10_000;
  private static final String NOT_OF_SCHEMA = "d.a NOT IN (" + LongStream.of(SystemIds.schemaAttributes())
      .mapToObj(Long::toString).collect(Collectors.joining(", ")) + ")";

  private final Statements statements;
  private final DatomRows datoms;
  private final HashChain chain;
  private long t;
  private long nextDatom;

  ConfirmedRows(Statements statements) throws SQLException {
    this.statements = statements;
    this.datoms = new DatomRows(statements);
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

  /** Their datoms. */
  DatomRows datoms() {
    return datoms;
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

  /**
   * Adds transactions. Whatever withdraws entities finds them in rows and not in blocks: {@link LogRows#write} sees to it.
   *
   * @param asRows whether datoms are to become rows at once, however many there are
   */
  void insert(List<Transaction> transactions, boolean asRows) throws SQLException {
    List<Datom> more = new ArrayList<>();
    long first = nextDatom;
    for (Transaction transaction : transactions) {
      boolean amends = transaction.t() == t && !transaction.withdrawn().isEmpty();
      if (transaction.t() <= t && !amends) {
        throw new IllegalArgumentException(
            "T " + transaction.t() + " cannot follow T " + t + " in the log: confirmed transactions come in order");
      }
      if (!transaction.withdrawn().isEmpty()) {
        // What comes in the same batch before it is to be forgotten too.
        insertDatoms(more, first, asRows);
        more.clear();
        first = nextDatom;
        withdraw(transaction);
      }
      chain.add(transaction);
      if (amends) {
        amend(transaction);
      } else {
        insert(transaction);
      }
      more.addAll(transaction.datoms());
      nextDatom += transaction.datoms().size();
      t = transaction.t();
    }
    insertDatoms(more, first, asRows);
  }

  private void insertDatoms(List<Datom> more, long first, boolean asRows) throws SQLException {
    datoms.insert(more, first, asRows);
    nameIdents(more);
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

  private void nameIdents(List<Datom> more) throws SQLException {
    for (Datom datom : more) {
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
    datoms.deleteAll();
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
      Iterator<List<Datom>> read = datomsOf(rows);
      for (Row row : rows) {
        Transaction transaction = transaction(row, read.next(), check);
        consumer.accept(transaction, row.chain);
        if (!row.whole) {
          check = new HashChain(row.chain);
        }
      }
      rows = rows(rows.get(rows.size() - 1).t, upToT);
    }
  }

  private Transaction transaction(Row row, List<Datom> own, HashChain check) throws SQLException {
    Transaction transaction = new Transaction(row.t, own, readWithdrawn(row));
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
    Iterator<List<Datom>> read = datomsOf(rows);
    for (Row row : rows) {
      page.add(transaction(row, read.next(), check));
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
    List<DatomRows.Numbered> found = datoms.between(rows.get(0).firstDatom, last.firstDatom + last.datoms);
    int next = 0;
    for (Row row : rows) {
      List<Datom> own = new ArrayList<>(row.datoms);
      for (; next < found.size() && found.get(next).n() < row.firstDatom + row.datoms; next++) {
        own.add(found.get(next).datom());
      }
      all.add(Collections.unmodifiableList(own));
    }
    return all;
  }

  private List<Datom> readDatoms(Row row) throws SQLException {
    List<Datom> own = new ArrayList<>(row.datoms);
    for (long from = row.firstDatom; from < row.firstDatom + row.datoms; from += DATOMS_AT_ONCE) {
      for (DatomRows.Numbered one : datoms.between(from, Math.min(from + DATOMS_AT_ONCE, row.firstDatom + row.datoms))) {
        own.add(one.datom());
      }
    }
    return Collections.unmodifiableList(own);
  }
}
