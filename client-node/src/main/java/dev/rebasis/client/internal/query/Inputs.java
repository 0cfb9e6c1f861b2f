package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.List;
import java.util.Map;

/**
 * The inputs of one evaluation. Confined to it.
 *
 * @param sources by name
 * @param constants values of the variables that have exactly one, by slot; {@link #NONE} for the others
 * @param relations what the other inputs give, joined with the clauses like facts
 * @param empty whether some input has no rows, so that there is no result
 */
record Inputs(Map<Symbol, Source> sources, Object[] constants, List<Relation> relations, boolean empty) {
  /** Marks a slot without a constant; null is a value. */
  static final Object NONE = new Object();

  /**
   * Rows of values for some variables.
   *
   * @param slots which variable each column holds
   */
  record Relation(int[] slots, List<Object[]> rows, Object form) {}

  boolean isConstant(int slot) {
    return slot < constants.length && constants[slot] != NONE;
  }

  /** The source; throws if there is none, or it is nothing that can be read. */
  Source source(Symbol name, Object clause) {
    Source source = sources.get(name);
    if (source == null) {
      throw QueryErrors.in(clause, QueryErrors.INVALID_DATA_SOURCE,
          "There is no data source " + name + "; name it in :in and pass it.");
    }
    if (source instanceof Source.Unusable unusable) {
      String what = unusable.input() == null ? "nil" : "an object of " + unusable.input().getClass().getName();
      throw QueryErrors.in(clause, QueryErrors.INVALID_DATA_SOURCE,
          "The data source " + name + " is " + what + "; pass a database or a collection of lists.");
    }
    return source;
  }
}
