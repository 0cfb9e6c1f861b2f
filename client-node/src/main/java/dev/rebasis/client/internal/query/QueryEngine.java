package dev.rebasis.client.internal.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rebasis.client.QueryException;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.FormCopy;
import dev.rebasis.client.internal.db.Queries;
import dev.rebasis.client.internal.pull.PullEngine;
import java.util.List;
import java.util.Map;

/**
 * Answers Datalog queries over database values and plain collections, as Datomic does. Thread-safe: callers may share
 * it, and should, since it remembers parsed queries.
 *
 * <p>Data sources among the inputs are {@link dev.rebasis.client.internal.db.DatomSource}s or collections of lists.
 */
public final class QueryEngine implements Queries {
  private static final int QUERIES_MAX = 1_000;

  // No executor of its own: eviction is done by whoever happens to call.
  private final Cache<Object, Query> parsed =
      Caffeine.newBuilder().maximumSize(QUERIES_MAX).executor(Runnable::run).build();
  private final Statistics statistics = new Statistics();
  private final PullEngine pulls = new PullEngine(Functions::ofOneArgument);

  /**
   * Runs a query.
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map} in the types that {@code Edn} gives
   * @param inputs what {@code :in} names, in order; with no {@code :in}, one data source
   * @return as {@code :find} says: an unmodifiable {@code Set} of rows (a {@code List} of rows if there are aggregates),
   *     a {@code List} of values, one row, or one value; null for a row or value that there is none of
   * @throws QueryException if the query is wrong or not supported; the message and the data name the clause
   */
  @Override
  public Object query(Object query, List<?> inputs) {
    Query prepared = parse(query);
    Inputs bound = InputBinder.bind(prepared, inputs);
    Planner planner = new Planner(prepared, bound, statistics);
    Collector collector = new Collector(prepared.find(), prepared.with());
    if (planner.isEmpty()) {
      return collector.result();
    }
    try {
      planner.cheapest(collector).run();
    } catch (QueryException e) {
      if (e.code() != QueryErrors.FUNCTION_FAILED) {
        throw e;
      }
      collector = retryAsWritten(prepared, bound, planner, e);
    }
    return collector.result();
  }

  @Override
  public Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e) {
    return pulls.pull(datoms, pattern, e);
  }

  // The planner may have called a function for a row that a clause written before it would have removed. So a function
  // fails only if it fails in the order written as well.
  private static Collector retryAsWritten(Query prepared, Inputs bound, Planner planner, QueryException first) {
    Collector collector = new Collector(prepared.find(), prepared.with());
    try {
      planner.asWritten(collector).run();
    } catch (QueryException second) {
      second.addSuppressed(first);
      throw second;
    }
    return collector;
  }

  private Query parse(Object query) {
    Query known = query == null ? null : parsed.getIfPresent(query);
    if (known != null) {
      return known;
    }
    Object key = FormCopy.of(query);
    Query made = QueryParser.parse(key);
    parsed.put(key, made);
    return made;
  }
}
