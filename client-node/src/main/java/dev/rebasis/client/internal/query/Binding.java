package dev.rebasis.client.internal.query;

import java.util.List;
import java.util.function.IntConsumer;

/** How an input, or the value of a function, is taken apart into variables. Immutable. */
sealed interface Binding {
  /** {@code ?x}. */
  record Scalar(int slot) implements Binding {}

  /** {@code _}. */
  record Ignored() implements Binding {}

  /** {@code [?x ?y]}: one value by position. */
  record Tuple(List<Binding> elements) implements Binding {}

  /** {@code [?x ...]}, or with a tuple inside {@code [[?x ?y]]}: each element of a collection. */
  record Each(Binding element) implements Binding {}

  /** Whether it takes several values one after the other. */
  default boolean isOfSeveral() {
    return this instanceof Each || this instanceof Tuple tuple && tuple.elements.stream().anyMatch(Binding::isOfSeveral);
  }

  /** Visits the slots of its variables, in order, repeated ones repeatedly. */
  default void forEachSlot(IntConsumer action) {
    if (this instanceof Scalar scalar) {
      action.accept(scalar.slot);
    } else if (this instanceof Each each) {
      each.element.forEachSlot(action);
    } else if (this instanceof Tuple tuple) {
      tuple.elements.forEach(element -> element.forEachSlot(action));
    }
  }
}
