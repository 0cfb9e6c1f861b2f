package dev.rebasis.client.internal.db;

import java.util.List;

/** What answers queries about database values: the query engine, seen from the value. Thread-safe. */
@FunctionalInterface
public interface Queries {
  /**
   * Runs a query.
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map}
   * @param inputs what {@code :in} names, in order; the first is the database value
   * @return the result in the shape that {@code :find} asks for
   */
  Object query(Object query, List<Object> inputs);
}
