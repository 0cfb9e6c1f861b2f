package dev.rebasis.client.internal.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rebasis.client.QueryException;
import dev.rebasis.client.QueryPlan;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.FormCopy;
import dev.rebasis.client.internal.db.Queries;
import dev.rebasis.client.internal.pull.PullEngine;
import dev.rebasis.error.RebasisException;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;

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
  private final Cache<Object, RuleSet> rules =
      Caffeine.newBuilder().maximumSize(QUERIES_MAX).executor(Runnable::run).build();
  private final Statistics statistics = new Statistics();
  private final FunctionLibrary library;
  private final PullEngine pulls;
  private final LongUnaryOperator random;

  /** Makes an engine with the built-in functions, whose random choices are always the same. */
  public QueryEngine() {
    this(QueryExtensions.NONE, repeatable());
  }

  private static LongUnaryOperator repeatable() {
    SplittableRandom random = new SplittableRandom(0);
    return bound -> {
      synchronized (random) {
        return random.nextLong(bound);
      }
    };
  }

  /**
   * Makes an engine.
   *
   * @param extensions functions and classes that queries may call beside the built-in ones
   * @param random gives a random number from 0 up to, not including, its argument; thread-safe
   */
  public QueryEngine(QueryExtensions extensions, LongUnaryOperator random) {
    this.library = new FunctionLibrary(
        extensions.functions(), new JavaMethods(extensions.classes()), this::query);
    this.pulls = new PullEngine(library::ofOneArgument);
    this.random = random;
  }

  /**
   * Runs a query.
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map} in the types that {@code Edn} gives
   * @param inputs what {@code :in} names, in order; with no {@code :in}, one data source
   * @return as {@code :find} says: an unmodifiable {@code Set} of rows (a {@code List} of rows if there are aggregates
   *     or pulls, or the rows are maps), a {@code List} of values, one row, or one value; null for a row or value that
   *     there is none of
   * @throws QueryException if the query is wrong or not supported; the message and the data name the clause
   */
  @Override
  public Object query(Object query, List<?> inputs) {
    return run(query, inputs, false, null).result();
  }

  /**
   * Runs a query that can be given up.
   *
   * @param stopped whether to; asked now and then while rows are joined, pulled and aggregated, but not within a call or an aggregate
   * @throws CancellationException if it was given up
   */
  public Object query(Object query, List<?> inputs, BooleanSupplier stopped) {
    return run(query, inputs, false, stopped).result();
  }

  @Override
  public Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name) {
    return pulls.pull(datoms, pattern, e, name);
  }

  @Override
  public QueryPlan explain(Object query, List<?> inputs) {
    return run(query, inputs, true, null);
  }

  /** Throws if the query cannot be read; what it needs of a database shows only when it is asked. */
  public void check(Object query) {
    parse(query);
  }

  /** Whether the answer is a collection, of rows or of values; if not, it is one row, one value, or null. */
  public boolean givesMany(Object query) {
    FindSpec.Shape shape = parse(query).find().shape();
    return shape == FindSpec.Shape.RELATION || shape == FindSpec.Shape.COLLECTION;
  }

  /** Which changes of the databases among the inputs can change the answer, if it could be given. */
  public QueryReads reads(Object query, List<?> inputs) {
    Query prepared = parse(query);
    return ReadsFinder.find(prepared, InputBinder.bind(prepared, inputs, this::rules), inputs, pulls);
  }

  private QueryPlan run(Object query, List<?> inputs, boolean explaining, BooleanSupplier stopped) {
    Query prepared = parse(query);
    Inputs bound = InputBinder.bind(prepared, inputs, this::rules);
    StopLook look = stopped == null ? null : new StopLook(stopped);
    // The planner may have made a call, or looked an entity up, for a row that a clause written before it would have removed, or a
    // predicate written after it, which Datomic looks at first. So a query fails only if it fails in these orders as well.
    RebasisException failure = null;
    for (PlanContext.Sequence sequence : PlanContext.Sequence.values()) {
      Planner planner = Planner.of(prepared, bound, new PlanContext(statistics, explaining, sequence, look));
      Collector collector = new Collector(prepared.find(), prepared.with(),
          new Collector.Finishing(bound, pulls, random, look), planner.givesEachRowOnce());
      if (planner.isEmpty()) {
        return new QueryPlan(List.of(), collector.result());
      }
      StepChain steps = planner.steps(collector);
      try {
        steps.run();
      } catch (RebasisException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = failure == null || sequence == PlanContext.Sequence.WRITTEN ? e : failure;
        continue;
      }
      return new QueryPlan(
          planner.explanations().isEmpty() ? List.of() : planner.explanations().get(0).steps(), collector.result());
    }
    throw failure;
  }

  /** The query in parts; the same object for equal queries, as long as they are remembered. */
  Query parse(Object query) {
    Query known = query == null ? null : parsed.getIfPresent(query);
    if (known != null) {
      return known;
    }
    Object key = FormCopy.of(query);
    Query made = QueryParser.parse(key, library);
    parsed.put(key, made);
    return made;
  }

  /** The rules of an input; the same object for equal ones, as long as they are remembered. */
  RuleSet rules(Object input) {
    if (input == null) {
      return RuleSet.EMPTY;
    }
    RuleSet known = rules.getIfPresent(input);
    if (known == null) {
      Object key = FormCopy.of(input);
      known = RuleParser.parse(key, library);
      rules.put(key, known);
    }
    return known;
  }
}
