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
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One {@code datomic:mem} database, fed with explicit times so that it can be built again from the same forms.
 * Confined: one thread at a time. Datomic commits on the calling thread, so nothing is gained by its asynchronous call.
 */
final class MemoryDatabase implements AutoCloseable {
  private static final AtomicLong NAMES = new AtomicLong();
  private static final clojure.lang.Keyword DB_ERROR = clojure.lang.Keyword.intern("db", "error");
  private static final Object ADD_TX_INSTANT = DatomicValues.keyword(Names.TX_INSTANT);

  static {
    // Datomic looks ahead for segments that are not in memory yet, on a thread of its own. Here everything is: it only
    // costs a tenth of the time. Read once, when Datomic is loaded; a program's own choice stands.
    if (System.getProperty("datomic.prefetchProbes") == null) {
      System.setProperty("datomic.prefetchProbes", "false");
    }
  }

  private final String uri = "datomic:mem://rebasis-" + NAMES.incrementAndGet();
  private final Connection connection;
  private Database now;
  private Schema schema;
  private long t;
  private Instant lastInstant = Instant.EPOCH;
  private final DatomCounts counts = new DatomCounts();

  MemoryDatabase() {
    Peer.createDatabase(uri);
    this.connection = Peer.connect(uri);
    this.now = connection.db();
    this.schema = Bootstrap.schema();
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

  /** The T that the next transaction will get. */
  long nextT() {
    return now.nextT();
  }

  /** The time of the newest transaction. */
  Instant lastInstant() {
    return lastInstant;
  }

  /**
   * Commits forms.
   *
   * @param forms plain data
   * @param txInstant not before {@link #lastInstant()} and not after the machine's clock
   * @throws TransactionException if Datomic refuses them; then nothing has changed, no id is used up
   */
  Committed commit(List<?> forms, Instant txInstant) {
    List<Object> given = new ArrayList<>(forms.size() + 1);
    given.add(clojure.lang.Tuple.create(DatomicValues.keyword(Names.DB_ADD), "datomic.tx", ADD_TX_INSTANT,
        Date.from(txInstant)));
    for (Object form : forms) {
      given.add(DatomicValues.toDatomic(form));
    }
    Map<?, ?> report = transact(given);
    Committed committed = new Committed(transaction(report), txInstant, forms, tempids(report));
    now = (Database) report.get(Connection.DB_AFTER);
    schema = schema.with(committed.transaction().datoms());
    t = committed.t();
    counts.add(t, committed.transaction().datoms().size());
    lastInstant = txInstant;
    return committed;
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

  private Map<?, ?> transact(List<Object> forms) {
    try {
      return connection.transact(forms).get();
    } catch (ExecutionException e) {
      throw refusal(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while committing to memory", e);
    }
  }

  private static Transaction transaction(Map<?, ?> report) {
    long newT = ((Database) report.get(Connection.DB_AFTER)).basisT();
    return new Transaction(newT, translate((Iterable<?>) report.get(Connection.TX_DATA)));
  }

  /** Datomic may report the same retraction twice; it is told once. */
  static List<Datom> translate(Iterable<?> txData) {
    List<Datom> datoms = new ArrayList<>();
    boolean retracts = false;
    for (Object datom : txData) {
      Datom translated = DatomicFactView.translate((datomic.Datom) datom);
      retracts |= !translated.added();
      datoms.add(translated);
    }
    if (retracts) {
      Set<Datom> once = new LinkedHashSet<>(datoms);
      datoms = once.size() == datoms.size() ? datoms : new ArrayList<>(once);
    }
    return Collections.unmodifiableList(datoms);
  }

  private static Map<String, Long> tempids(Map<?, ?> report) {
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

  /** The net changes after a T up to that of a database value; can be read by any thread. */
  Missing missingAfter(long afterT, Database upTo, long upToT) {
    return new Missing(afterT, upToT, counts.after(afterT), new NetChanges(connection, afterT, upTo, upToT));
  }

  /** When a transaction was committed, null if it does not say so. */
  Instant instantOf(long wanted) {
    Object instant = now.entity(Peer.toTx(wanted)).get(Names.TX_INSTANT.toString());
    return instant instanceof Date date ? date.toInstant() : null;
  }

  boolean hasTransaction(long wanted) {
    return connection.log().txRange(wanted, wanted + 1).iterator().hasNext();
  }

  private static TransactionException refusal(Exception e) {
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
  public void close() {
    connection.release();
    Peer.deleteDatabase(uri);
  }
}
