package dev.rebasis.client.internal.db;

import dev.rebasis.client.QueryPlan;
import dev.rebasis.conflict.Rules;
import java.util.List;
import java.util.Map;

/**
 * What answers queries and pulls about database values: the query engine, seen from the value; and by which
 * rules transactions are tried on it. Thread-safe.
 */
public interface Queries {
  /**
   * Runs a query.
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map}
   * @param inputs what {@code :in} names, in order; the first is the database value
   * @return the result in the shape that {@code :find} asks for
   */
  Object query(Object query, List<?> inputs);

  /** Runs a query like {@link #query}, and says how. */
  QueryPlan explain(Object query, List<?> inputs);

  /**
   * Pulls one entity.
   *
   * @param datoms the database value
   * @param pattern EDN text, or the same as a {@code List}
   * @param e the entity's id; null for one that does not exist
   * @param name what it was named by: its id, or another name
   * @return an unmodifiable map, or null if there is nothing that the pattern asks for
   */
  Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name);

  /** What is registered for deciding transactions that are tried on the value. */
  default Rules rules() {
    return Rules.BUILT_IN;
  }

  /** The same with other rules for transactions that are tried. */
  static Queries deciding(Queries queries, Rules rules) {
    return new Queries() {
      @Override
      public Object query(Object query, List<?> inputs) {
        return queries.query(query, inputs);
      }

      @Override
      public QueryPlan explain(Object query, List<?> inputs) {
        return queries.explain(query, inputs);
      }

      @Override
      public Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name) {
        return queries.pull(datoms, pattern, e, name);
      }

      @Override
      public Rules rules() {
        return rules;
      }
    };
  }
}
