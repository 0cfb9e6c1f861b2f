package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;

/** What stands at a place of a data pattern, or as an argument of an expression. Immutable. */
sealed interface Term {
  /**
   * A variable.
   *
   * @param slot its place in the frame
   * @param name for example {@code ?order}
   */
  record Variable(int slot, Symbol name) implements Term {}

  /** A literal value, in normal form; may be null as an argument. */
  record Constant(Object value) implements Term {}

  /** {@code _}: anything. */
  record Blank() implements Term {}

  /** A data source as an argument, for example {@code $}. */
  record SourceName(Symbol name) implements Term {}
}
