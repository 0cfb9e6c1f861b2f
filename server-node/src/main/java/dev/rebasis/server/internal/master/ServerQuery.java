package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.QueryGuard;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A question that a tool asks of the server's own database: a query or a pull, as EDN text. Only what {@link QueryGuard}
 * allows is run, for a limited time. Immutable; {@link #answer} can be called by any thread and takes that thread's time.
 */
public final class ServerQuery {
  private static final Keyword REFUSED = Keyword.of(":rebasis.error/query-refused");
  private static final Keyword FAILED = Keyword.of(":rebasis.error/query-failed");
  private static final int TIMEOUT_MILLIS = 10_000;
  /** More than fit into an answer that is sent. */
  private static final long PULLED_DATOMS_MAX = 1_000_000;

  private final Object query;
  private final List<Object> inputs;
  private final Object pattern;
  private final Object entity;

  private ServerQuery(Object query, List<Object> inputs, Object pattern, Object entity) {
    this.query = query;
    this.inputs = inputs;
    this.pattern = pattern;
    this.entity = entity;
  }

  /**
   * A Datalog query.
   *
   * @param query as EDN
   * @param inputs its inputs after the database as an EDN vector; null for none
   * @throws RebasisException if they cannot be read, or call what a client may not
   */
  public static ServerQuery q(String query, String inputs) {
    Object more = inputs == null ? List.of() : read("args", inputs);
    if (!(more instanceof List<?> list)) {
      throw refused("'args' is a vector of the query's inputs after the database.");
    }
    Object form = read("query", query);
    if (!(form instanceof List<?>) && !(form instanceof Map<?, ?>)) {
      throw refused("'query' is a query in its list or its map form.");
    }
    check(form);
    check(list);
    return new ServerQuery(form, List.copyOf(list), null, null);
  }

  /**
   * A pull.
   *
   * @param pattern as EDN
   * @param entity an entity id, an ident or a lookup ref as EDN
   * @throws RebasisException if they cannot be read, or call what a client may not
   */
  public static ServerQuery pull(String pattern, String entity) {
    Object form = read("pattern", pattern);
    if (!(form instanceof List<?>)) {
      throw refused("'pattern' is a pull pattern, a vector.");
    }
    check(form);
    return new ServerQuery(null, List.of(), form, read("entity", entity));
  }

  private static Object read(String name, String text) {
    if (text == null) {
      throw refused("The parameter '" + name + "' is missing.");
    }
    try {
      return Edn.read(text);
    } catch (RebasisException e) {
      throw refused("The parameter '" + name + "' cannot be read: " + e.getMessage());
    }
  }

  private static void check(Object form) {
    String fault = QueryGuard.fault(form, "a request");
    if (fault != null) {
      throw refused(fault);
    }
  }

  private static RebasisException refused(String message) {
    return new RebasisException(REFUSED, ErrorCategory.FIX_REQUEST, message, Map.of(), null);
  }

  /**
   * What the database says.
   *
   * @param nanos a clock that only goes forward, for the time that a pull may take
   * @throws RebasisException with Datomic's message if it refuses, if the time is over, or if it reads or answers too much
   */
  public Object answer(Database database, LongSupplier nanos) {
    try {
      return PlainAnswer.of(query == null ? pulled(database, nanos) : queried(database));
    } catch (RebasisException e) {
      throw e;
    } catch (StackOverflowError e) {
      throw new RebasisException(FAILED, ErrorCategory.FIX_REQUEST,
          "The answer is nested too deep. Ask for fewer levels, for example with a number instead of '...'.", Map.of(), e);
    } catch (AssertionError | Exception e) { // Clojure throws checked exceptions too, without declaring them
      throw new RebasisException(FAILED, ErrorCategory.FIX_REQUEST, "Datomic refuses: " + e.getMessage(), Map.of(), e);
    }
  }

  /**
   * Checks that a text of an answer may be sent.
   *
   * @throws RebasisException {@code :rebasis.error/answer-too-large}
   */
  public static void checkLength(String text) {
    PlainAnswer.checkLength(text.length());
  }

  private Object queried(Database database) {
    List<Object> all = new ArrayList<>();
    all.add(database);
    inputs.forEach(input -> all.add(DatomicValues.toDatomic(input)));
    return DatomicQuery.ask(Edn.write(query), all.toArray(), TIMEOUT_MILLIS);
  }

  /** Datomic pulls for as long as it takes; so it reads through a filter that lets all pass, and counts. */
  private Object pulled(Database database, LongSupplier nanos) {
    ReadMeter meter = new ReadMeter(nanos, TIMEOUT_MILLIS, PULLED_DATOMS_MAX);
    return database.filter((Database.Predicate<Datom>) (whole, datom) -> meter.read())
        .pull(DatomicValues.toDatomic(pattern), DatomicValues.toDatomic(entity));
  }
}
