package dev.rebasis.server.internal.master;

import clojure.lang.IExceptionInfo;
import clojure.lang.ILookup;
import clojure.lang.RT;
import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/**
 * A Datomic database that a master writes to: its newest value as far as it is known here, and what follows from it.
 * Confined to one thread, but for the reads of the log, which any thread may call.
 */
abstract class MasterDatabase implements AutoCloseable {
  private static final clojure.lang.Keyword DB_ERROR = clojure.lang.Keyword.intern("db", "error");

  private final Connection connection;
  private Database now;
  private Schema schema;
  private long t;
  private Instant lastInstant = Instant.EPOCH;
  private final DatomCounts counts = new DatomCounts();
  private final LastWrites lastWrites;

  /**
   * Begins before the first transaction.
   *
   * @param floorT it will not be told about the transactions up to this T
   */
  MasterDatabase(Connection connection, Database empty, long floorT) {
    this.connection = connection;
    this.now = empty;
    this.schema = Bootstrap.schema();
    this.lastWrites = new LastWrites(floorT);
  }

  /** Where it is kept. */
  final Connection connection() {
    return connection;
  }

  /** The newest value. */
  Database now() {
    return now;
  }

  /** The schema of the newest value. */
  Schema schema() {
    return schema;
  }

  /** The T of the newest transaction; 0 before the first. */
  long t() {
    return t;
  }

  /** When things were last written, up to the newest transaction. */
  LastWrites lastWrites() {
    return lastWrites;
  }

  /** The T that the next transaction will get. */
  long nextT() {
    return now.nextT();
  }

  /** The time of the newest transaction. */
  Instant lastInstant() {
    return lastInstant;
  }

  /**
   * The time that decisions are made at, and that the next transaction gets as far as this is ours to say.
   *
   * @throws RebasisException if nothing can be committed at this time
   */
  abstract Instant nextInstant(Clock clock);

  /**
   * Commits forms.
   *
   * @param forms plain data
   * @param txInstant from {@link #nextInstant}
   * @throws TransactionException if Datomic refuses them; then nothing has changed, no id is used up
   * @throws MovedException if others wrote meanwhile; then nothing has changed either
   */
  abstract Committed commit(List<?> forms, Instant txInstant);

  /**
   * Whether others write to it too, so that a group of transactions has to keep them out.
   */
  boolean isShared() {
    return false;
  }

  /** Forms that keep all others out until {@link #letIn} is committed; for {@link #isShared} ones. */
  List<Object> keepOut(UUID group) {
    throw new UnsupportedOperationException("nobody else writes here");
  }

  /** Commits belong to this group from now on; null for none. */
  void within(UUID group) {
    throw new UnsupportedOperationException("nobody else writes here");
  }

  /** Forms that let others in again. */
  List<Object> letIn(UUID group) {
    throw new UnsupportedOperationException("nobody else writes here");
  }

  /** The next transaction is known now. */
  final void advance(Transaction transaction, Instant txInstant, Database after) {
    now = after;
    schema = schema.with(transaction.datoms());
    t = transaction.t();
    counts.add(transaction);
    lastWrites.note(transaction, schema);
    lastInstant = txInstant;
  }

  /** The datoms that the forms would change now, the transaction's own time left out. */
  List<Datom> speculate(List<?> forms) {
    Map<?, ?> report = with(now, forms);
    List<Datom> datoms = new ArrayList<>(transaction(report).datoms());
    long txInstant = schema.entid(Names.TX_INSTANT);
    datoms.removeIf(datom -> datom.a() == txInstant && datom.e() == datom.tx());
    return datoms;
  }

  /**
   * What forms would do to a value.
   *
   * @param after the value with them
   * @param transaction what they change
   * @param tempids the entity ids by tempid
   */
  record Tried(Database after, Transaction transaction, Map<String, Long> tempids) {}

  /**
   * Tries forms on a value, which need not be the newest.
   *
   * @throws TransactionException if Datomic refuses them
   */
  static Tried tried(Database database, List<?> forms) {
    Map<?, ?> report = with(database, forms);
    return new Tried((Database) report.get(Connection.DB_AFTER), transaction(report), tempids(report));
  }

  /** See {@link Master#rehearse}. */
  Master.Rehearsal rehearse(List<List<?>> transactions) {
    Database next = now;
    for (int i = 0; i < transactions.size(); i++) {
      try {
        next = (Database) with(next, ServerForms.checked(transactions.get(i))).get(Connection.DB_AFTER);
      } catch (RebasisException e) {
        return new Master.Rehearsal(i, e);
      }
    }
    return new Master.Rehearsal(transactions.size(), null);
  }

  private static Map<?, ?> with(Database database, List<?> forms) {
    try {
      return database.with((List<?>) DatomicValues.toDatomic(forms));
    } catch (RuntimeException e) {
      throw refusal(e);
    }
  }

  static Transaction transaction(Map<?, ?> report) {
    long newT = ((Database) report.get(Connection.DB_AFTER)).basisT();
    return new Transaction(newT, translate((Iterable<?>) report.get(Connection.TX_DATA)));
  }

  /** Datomic may report the same retraction twice; it is told once. */
  static List<Datom> translate(Iterable<?> txData) {
    List<Datom> datoms = new ArrayList<>();
    boolean retracts = false;
    for (Object datom : txData) {
      Datom translated = DatomicFactView.translate((datomic.Datom) datom);
      // Values of :db/fn are functions, which never leave the server.
      if (translated.a() != SystemIds.DB_FN) {
        retracts |= !translated.added();
        datoms.add(translated);
      }
    }
    if (retracts) {
      Set<Datom> once = new LinkedHashSet<>(datoms);
      datoms = once.size() == datoms.size() ? datoms : new ArrayList<>(once);
    }
    return Collections.unmodifiableList(datoms);
  }

  static Map<String, Long> tempids(Map<?, ?> report) {
    Map<String, Long> tempids = new TreeMap<>();
    ((Map<?, ?>) report.get(Connection.TEMPIDS)).forEach((name, id) -> {
      // Maps without :db/id have keys that differ from run to run.
      if (name instanceof String text) {
        tempids.put(text, (Long) id);
      }
    });
    return tempids;
  }

  /** Durable transactions after a T, from Datomic's own log. */
  List<Transaction> transactionsAfter(long afterT, long upToT, int datomsMax) {
    List<Transaction> found = new ArrayList<>();
    int datoms = 0;
    for (Map<?, ?> entry : connection.log().txRange(afterT + 1, upToT + 1)) {
      long entryT = (Long) RT.get(entry, datomic.Log.T);
      Iterable<?> data = (Iterable<?>) RT.get(entry, datomic.Log.DATA);
      Transaction transaction = new Transaction(entryT, translate(data));
      datoms += transaction.datoms().size();
      if (!found.isEmpty() && datoms > datomsMax) {
        break;
      }
      found.add(transaction);
    }
    return found;
  }

  /** About how many datoms the log has after a T, never too few. */
  long datomsAfter(long afterT) {
    return counts.after(afterT);
  }

  /** About how many of these are retractions. */
  long retractionsAfter(long afterT) {
    return counts.retractionsAfter(afterT);
  }

  /** The net changes after a T up to that of a database value; can be read by any thread. */
  Missing missingAfter(long afterT, Database upTo, long upToT) {
    return new Missing(afterT, upToT, counts.after(afterT), new NetChanges(connection, afterT, upTo, upToT));
  }

  /** When a transaction was committed, null if it does not say so. */
  Instant instantOf(long wanted) {
    return instantOf(now, wanted);
  }

  /** The same in another value. */
  static Instant instantOf(Database database, long wanted) {
    Object instant = database.entity(Peer.toTx(wanted)).get(Names.TX_INSTANT.toString());
    return instant instanceof Date date ? date.toInstant() : null;
  }

  boolean hasTransaction(long wanted) {
    return connection.log().txRange(wanted, wanted + 1).iterator().hasNext();
  }

  static TransactionException refusal(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IExceptionInfo info) {
        Object code = ((ILookup) info.getData()).valAt(DB_ERROR);
        Map<Keyword, Object> data = new HashMap<>();
        return new TransactionException(
            code instanceof clojure.lang.Keyword k ? DatomicValues.keyword(k) : Keyword.of(":db.error/refused"),
            withoutCode(cause.getMessage(), code), data);
      }
    }
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    return new TransactionException(Keyword.of(":db.error/not-transaction-data"),
        "Datomic cannot read a form: " + cause + ". Check the shape of the list and map forms.", Map.of());
  }

  /** Datomic's messages begin with their code, which is told beside them. */
  private static String withoutCode(String message, Object code) {
    String prefix = code + " ";
    return message != null && message.startsWith(prefix) ? message.substring(prefix.length()) : String.valueOf(message);
  }

  @Override
  public abstract void close();
}
