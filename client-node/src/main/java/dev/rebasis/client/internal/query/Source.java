package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Symbol;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** A data source of one evaluation. Immutable as far as the input is. */
sealed interface Source {
  /**
   * A database.
   *
   * @param entities finds entities by ident and lookup ref
   */
  record Facts(DatomSource datoms, EntityResolver entities) implements Source {}

  /** Rows of a plain collection, each a list. */
  record Rows(List<List<?>> rows) implements Source {}

  /** What stands for a source in the inputs; checked when a clause uses it, as Datomic does. */
  record Unusable(Symbol name, Object input) implements Source {}

  /** Wraps an input. */
  static Source of(Symbol name, Object input) {
    if (input instanceof DatomSource datoms) {
      return new Facts(datoms, new EntityResolver(datoms));
    }
    if (input instanceof Collection<?> || input instanceof Map<?, ?> || input instanceof Object[]) {
      List<List<?>> rows = InputBinder.rows(input);
      return rows == null ? new Unusable(name, input) : new Rows(rows);
    }
    return new Unusable(name, input);
  }
}
