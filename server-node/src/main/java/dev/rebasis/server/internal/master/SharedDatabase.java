package dev.rebasis.server.internal.master;

import clojure.lang.IExceptionInfo;
import clojure.lang.ILookup;
import clojure.lang.RT;
import datomic.Connection;
import datomic.Database;
import datomic.Log;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.RebasisSchema;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A Datomic database that others write to as well. A commit carries the T that its decision was made on, and a database
 * function, {@code :rebasis/at}, that fails where the transaction is applied if the database is past that T: so a decision
 * is committed on the very value that it was made on, or not at all. Times are Datomic's.
 */
final class SharedDatabase extends MasterDatabase {
  private static final Keyword UNAVAILABLE = Keyword.of(":rebasis.error/transactor-unavailable");
  private static final long RETRY_MILLIS = 2_000;
  static final long SYNC_SECONDS = 10;

  private static final clojure.lang.Keyword AT = clojure.lang.Keyword.intern("rebasis", "at");
  private static final clojure.lang.Keyword MOVED = clojure.lang.Keyword.intern("rebasis", "moved");
  private static final clojure.lang.Keyword CATEGORY = clojure.lang.Keyword.intern("cognitect.anomalies", "category");
  /** What is not about the transaction but about the way to the transactor. */
  private static final Set<String> PASSING = Set.of("unavailable", "interrupted", "busy", "fault");

  private static final clojure.lang.Keyword HELD = clojure.lang.Keyword.intern("rebasis", "held");
  /** On the database's entity, while one node commits a group: nobody else commits. */
  private static final Keyword GROUP = Keyword.of(":rebasis.db/group");
  private static final UUID NONE = new UUID(0, 0);

  private static final String GUARD = """
      (let [held (:rebasis.db/group (datomic.api/entity db :rebasis/database))]
        (cond
          (and held (not= held group))
          (datomic.api/cancel {:cognitect.anomalies/category :cognitect.anomalies/conflict
                               :cognitect.anomalies/message "Another node commits a group."
                               :rebasis/held true})
          (= t (datomic.api/basis-t db))
          []
          :else
          (datomic.api/cancel {:cognitect.anomalies/category :cognitect.anomalies/conflict
                               :cognitect.anomalies/message "The database has moved past the T of the decision."
                               :rebasis/moved true})))""";

  /** The group that is being committed here, or {@link #NONE}. */
  private UUID group = NONE;

  /** Why the transactor did not answer when it was last asked; null if it did. */
  private volatile RebasisException unreachable;

  /** Knows nothing yet of what the database holds: {@link #follow} it. */
  SharedDatabase(Connection connection) {
    super(connection, connection.db(), 0);
  }

  /** Installs what Rebasis needs, as far as it is not there. Several nodes may do so at once. */
  static void prepare(Connection connection) {
    if (!changes(connection.db(), RebasisSchema.forms()).isEmpty()) {
      committed(connection, (List<?>) DatomicValues.toDatomic(RebasisSchema.forms()));
    }
    if (connection.db().entid(DatomicValues.keyword(GROUP)) == null) {
      committed(connection, List.of(Util.map(Util.read(":db/ident"), DatomicValues.keyword(GROUP), Util.read(":db/valueType"),
          Util.read(":db.type/uuid"), Util.read(":db/cardinality"), Util.read(":db.cardinality/one"))));
    }
    if (connection.db().entid(AT) == null) {
      committed(connection, List.of(Util.map(Util.read(":db/ident"), AT,
          Util.read(":db/fn"), Peer.function(Util.map(Util.read(":lang"), "clojure",
              Util.read(":params"), Util.list(Util.read("db"), Util.read("t"), Util.read("group")), Util.read(":code"), GUARD)),
          Util.read(":db/doc"), "Fails if the database is past this T. Rebasis commits its decisions with it.")));
    }
  }

  private static List<Datom> changes(Database database, List<?> forms) {
    List<Datom> changes = new ArrayList<>(tried(database, forms).transaction().datoms());
    changes.removeIf(datom -> datom.a() == SystemIds.DB_TX_INSTANT);
    return changes;
  }

  /**
   * Goes on to what others committed.
   *
   * @param max of so many transactions
   * @param each told of each, when this database stands at it
   * @return whether there are more; decisions may be made only when there are none
   */
  boolean follow(int max, Consumer<Committed> each) {
    Database newest = connection().db();
    long end = newest.basisT();
    int count = 0;
    for (Map<?, ?> entry : connection().log().txRange(t() + 1, end + 1)) {
      if (count++ == max) {
        return true;
      }
      long entryT = (Long) RT.get(entry, Log.T);
      Transaction transaction = new Transaction(entryT, translate((Iterable<?>) RT.get(entry, Log.DATA)));
      Instant instant = instant(transaction);
      advance(transaction, instant, entryT == end ? newest : newest.asOf(entryT));
      each.accept(new Committed(transaction, instant, List.of(), Map.of()));
    }
    return false;
  }

  /**
   * Asks the transactor for all that is committed by now, which {@link #follow} then finds.
   *
   * @throws RebasisException if it does not answer
   */
  void sync() {
    try {
      connection().sync().get(SYNC_SECONDS, TimeUnit.SECONDS);
      unreachable = null;
    } catch (ExecutionException | TimeoutException e) {
      unreachable = unavailable(e);
      throw unreachable;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Datomic says what time a transaction gets. */
  @Override
  Instant nextInstant(Clock clock) {
    return clock.instant();
  }

  @Override
  Committed commit(List<?> forms, Instant ignored) {
    List<Object> given = new ArrayList<>(forms.size() + 1);
    // Of T and not of the value's basis: a value as of a T has the basis of the one that it was made of.
    given.add(clojure.lang.Tuple.create(AT, t(), group));
    for (Object form : forms) {
      given.add(DatomicValues.toDatomic(form));
    }
    Map<?, ?> report = asked(given);
    Transaction transaction = transaction(report);
    Committed committed = new Committed(transaction, instant(transaction), forms, tempids(report));
    advance(transaction, committed.txInstant(), (Database) report.get(Connection.DB_AFTER));
    return committed;
  }

  /** Whatever else the transactor says to it, that it says something is worth knowing. */
  private Map<?, ?> asked(List<?> forms) {
    RebasisException away = null;
    try {
      return committed(connection(), forms);
    } catch (RebasisException e) {
      away = e.code() == UNAVAILABLE ? e : null;
      throw e;
    } finally {
      unreachable = away;
    }
  }

  /** Why the transactor did not answer when it was last asked, or null. Any thread. */
  RebasisException unreachable() {
    return unreachable;
  }

  @Override
  boolean isShared() {
    return true;
  }

  @Override
  List<Object> keepOut(UUID by) {
    return List.of(List.of(Names.DB_ADD, RebasisSchema.DATABASE, GROUP, by));
  }

  @Override
  List<Object> letIn(UUID by) {
    return List.of(List.of(Names.DB_RETRACT, RebasisSchema.DATABASE, GROUP, by));
  }

  @Override
  void within(UUID by) {
    group = by == null ? NONE : by;
  }

  /** The group that keeps others out, as far as is known here, and since when; null if there is none. */
  Holder holder() {
    for (datomic.Datom datom : now().datoms(Database.EAVT, now().entid(DatomicValues.keyword(RebasisSchema.DATABASE)),
        GROUP.toString())) {
      return new Holder((UUID) datom.v(), instantOf(now(), Peer.toT(datom.tx())));
    }
    return null;
  }

  /**
   * A group that keeps others out.
   *
   * @param group its id
   * @param since by Datomic's clock
   */
  record Holder(UUID group, Instant since) {}

  private static Instant instant(Transaction transaction) {
    for (Datom datom : transaction.datoms()) {
      if (datom.a() == SystemIds.DB_TX_INSTANT && datom.e() == transaction.tx()) {
        return (Instant) datom.v();
      }
    }
    throw new IllegalStateException("The transaction " + transaction.t() + " has no time.");
  }

  private static Map<?, ?> committed(Connection connection, List<?> forms) {
    try {
      return connection.transact(forms).get();
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * What a failed commit comes to. Whether an unanswered one was made is unknown; the next goes by the same T and fails
   * then, and the id of what was pushed is found.
   */
  private static RuntimeException failure(ExecutionException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IExceptionInfo info) {
        ILookup data = (ILookup) info.getData();
        if (Boolean.TRUE.equals(data.valAt(MOVED))) {
          return new MovedException();
        }
        if (Boolean.TRUE.equals(data.valAt(HELD))) {
          return new HeldException();
        }
        return data.valAt(CATEGORY) instanceof clojure.lang.Keyword category && PASSING.contains(category.getName())
            ? unavailable(e) : refusal(e);
      }
    }
    // A form of the wrong shape fails with a plain exception of Java's or Clojure's; anything else is about the way.
    Throwable cause = e.getCause();
    boolean isShape = cause instanceof IllegalArgumentException || cause instanceof IndexOutOfBoundsException
        || cause instanceof ClassCastException || cause instanceof UnsupportedOperationException
        || cause instanceof NullPointerException;
    return isShape ? refusal(e) : unavailable(e);
  }

  private static RebasisException unavailable(Exception e) {
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    return new RebasisException(UNAVAILABLE, ErrorCategory.RETRY_LATER, "Datomic's transactor does not answer (" + cause
        + "). What was sent stays undecided and can be sent again; see that the transactor and its storage run.",
        Map.of(RebasisException.RETRY_AFTER, RETRY_MILLIS), e);
  }

  /**
   * The error for what was thrown while the database was read, if it is about the way to it: storage that does not answer is no
   * fault of ours. Anything else is thrown again.
   */
  RebasisException passing(Exception e) {
    if (e instanceof RebasisException known) {
      return known;
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      boolean isAway = cause instanceof IOException || cause instanceof SQLException || cause instanceof TimeoutException
          || cause instanceof IExceptionInfo info && ((ILookup) info.getData()).valAt(CATEGORY) instanceof clojure.lang.Keyword category
          && PASSING.contains(category.getName());
      if (isAway) {
        unreachable = unavailable(cause instanceof Exception why ? why : e);
        return unreachable;
      }
    }
    throw e instanceof RuntimeException fault ? fault : new IllegalStateException(e);
  }

  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for Datomic", e);
  }

  /** The connection is the process's, and stays open. */
  @Override
  public void close() {}
}
