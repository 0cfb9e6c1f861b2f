package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.List;
import java.util.Set;

/** Which variables clauses have in common with what stands around them, found in their text. Pure functions. */
final class FreeVariables {
  private static final Set<String> JOINS = Set.of("not-join", "or-join");

  private FreeVariables() {}

  /** Adds the variables of clauses: of {@code not-join} and {@code or-join} only those listed. */
  static void addTo(List<?> clauses, Set<Symbol> names) {
    for (Object clause : clauses) {
      if (clause instanceof List<?> list && !list.isEmpty()) {
        addClause(list, names);
      }
    }
  }

  private static void addClause(List<?> clause, Set<Symbol> names) {
    int at = Variables.isSource(clause.get(0)) && clause.size() > 1 ? 1 : 0;
    List<?> rest = clause.subList(at + 1, clause.size());
    Object head = clause.get(at);
    if (head instanceof Symbol s && JOINS.contains(s.text())) {
      addNested(rest.subList(0, Math.min(1, rest.size())), names);
    } else if (head instanceof Symbol s && Set.of("and", "or", "not").contains(s.text())) {
      addTo(rest, names);
    } else if (head instanceof List<?> call) {
      addPlain(call, names);
      addNested(rest, names);
    } else {
      addPlain(clause, names);
    }
  }

  // Arguments that are lists are constants: what looks like a variable there belongs to a nested query.
  private static void addPlain(List<?> terms, Set<Symbol> names) {
    for (Object term : terms) {
      if (Variables.isVariable(term)) {
        names.add((Symbol) term);
      }
    }
  }

  private static void addNested(List<?> binding, Set<Symbol> names) {
    for (Object form : binding) {
      if (form instanceof List<?> list) {
        addNested(list, names);
      } else if (Variables.isVariable(form)) {
        names.add((Symbol) form);
      }
    }
  }
}
