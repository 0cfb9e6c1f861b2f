package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.List;

/**
 * Clauses with variables of their own: the {@code :where} of a query, the inside of {@code not}, one branch of
 * {@code or} or of a rule. What it shares with its surroundings is said by whoever holds it. Immutable.
 *
 * @param where the clauses, all of which must hold
 * @param variables the variables by slot
 */
record Body(List<Clause> where, List<Symbol> variables) {
  /** Copies the lists. */
  Body {
    where = List.copyOf(where);
    variables = List.copyOf(variables);
  }
}
