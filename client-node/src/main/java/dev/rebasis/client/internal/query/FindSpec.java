package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryFunction;
import dev.rebasis.data.Symbol;
import java.util.List;

/**
 * What {@code :find} asks for. Immutable.
 *
 * @param shape relation, collection, tuple or scalar
 * @param elements the columns, at least one
 * @param names what the columns are called in rows that are maps; null for rows that are lists
 */
record FindSpec(Shape shape, List<Element> elements, List<Object> names) {
  /** The shape of the result. */
  enum Shape {
    /** {@code ?x ?y}. */
    RELATION,
    /** {@code [?x ...]}. */
    COLLECTION,
    /** {@code [?x ?y]}. */
    TUPLE,
    /** {@code ?x .}. */
    SCALAR
  }

  /** One column. */
  sealed interface Element {
    /** The slot of the variable in it. */
    int slot();
  }

  /** A plain variable. */
  record Value(int slot) implements Element {}

  /**
   * An aggregate, {@code (sum ?x)} or {@code (max 3 ?x)}.
   *
   * @param custom what computes it if it is none of the built-in ones, else null
   * @param constants the arguments before the variable
   */
  record Aggregate(Symbol function, QueryFunction custom, List<Object> constants, int slot, Object form)
      implements Element {}

  /**
   * {@code (pull ?e pattern)}.
   *
   * @param source the database
   * @param pattern a pattern, or the name of one among the inputs
   */
  record Pull(Symbol source, int slot, Object pattern, Object form) implements Element {}

  /** The same with names for the columns. */
  FindSpec named(List<Object> columnNames) {
    return new FindSpec(shape, elements, columnNames);
  }

  /** Whether some column is an aggregate. */
  boolean hasAggregates() {
    return elements.stream().anyMatch(Aggregate.class::isInstance);
  }
}
