package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.List;

/** One clause of {@code :where}. Immutable. */
sealed interface Clause {
  /** As the author wrote it; for messages. */
  Object form();

  /**
   * A data pattern, {@code [?e :order/number ?n]}.
   *
   * @param source the data source's name, {@code $} if none was written
   * @param terms one to five for a database, any number for a collection
   */
  record Pattern(Symbol source, List<Term> terms, Object form) implements Clause {}

  /**
   * A call: {@code [(< ?x 5)]} or {@code [(+ ?x 1) ?y]}.
   *
   * @param output null for a predicate
   */
  record Expression(Symbol function, List<Term> arguments, Binding output, Object form) implements Clause {}
}
