package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.List;

/**
 * What {@code :find} asks for. Immutable.
 *
 * @param shape relation, collection, tuple or scalar
 * @param elements the columns, at least one
 */
record FindSpec(Shape shape, List<Element> elements) {
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
   * @param constants the arguments before the variable
   */
  record Aggregate(Symbol function, List<Object> constants, int slot, Object form) implements Element {}

  /** Whether some column is an aggregate. */
  boolean hasAggregates() {
    return elements.stream().anyMatch(Aggregate.class::isInstance);
  }
}
