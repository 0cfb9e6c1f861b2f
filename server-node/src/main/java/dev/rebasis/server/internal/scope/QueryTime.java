package dev.rebasis.server.internal.scope;

import dev.rebasis.conflict.Guard;
import java.util.function.LongSupplier;

/**
 * How long the queries of a part may take by the machine's clock. Whoever wires a server decides that; in simulations nothing
 * looks at that clock, so that a pause of the machine changes nothing. Thread-safe if its supplier is.
 *
 * @param scopeMillis how long the next query of a scope may take, in milliseconds; with none left it fails
 * @param sightMillis how long a query that says what users may see may take
 */
public record QueryTime(LongSupplier scopeMillis, long sightMillis) {
  /** As long as it takes. */
  public static final QueryTime ENDLESS = new QueryTime(() -> Guard.FOREVER, Guard.FOREVER);

  /** A query that takes longer is given up. */
  private static final long MILLIS_MAX = 2_000;

  /** The usual limit for each query, where a guard looks at the time at all. */
  public static QueryTime of(Guard guard) {
    long millis = guard.patienceMillis(MILLIS_MAX);
    return new QueryTime(() -> millis, millis);
  }

  /**
   * The usual limit, and for scopes no more than is left.
   *
   * @param millisLeft how much is left for scopes, in milliseconds; may be negative
   */
  public static QueryTime within(LongSupplier millisLeft) {
    return new QueryTime(() -> Math.min(MILLIS_MAX, millisLeft.getAsLong()), MILLIS_MAX);
  }
}
