package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parses the clauses of {@code :where}. Confined to one parse.
 *
 * <p>Grammar:
 * <pre>
 * clause     = pattern | expression
 * pattern    = [ source? term+ ]                 term = variable | _ | constant | lookup ref
 * expression = [ (function argument*) binding? ]
 * </pre>
 * A vector in first place is a call if it begins with a symbol, else a lookup ref; round brackets always mean a call.
 */
final class ClauseParser {
  private static final int PLACES_MAX = 5;
  private static final Set<String> NOT_YET = Set.of("not", "not-join", "or", "or-join", "and");

  private final Variables variables;
  private final BindingParser bindings;

  ClauseParser(Variables variables) {
    this.variables = variables;
    this.bindings = new BindingParser(variables);
  }

  Clause parse(Object form) {
    if (!(form instanceof List<?> list) || list.isEmpty()) {
      throw QueryErrors.in(form, QueryErrors.INVALID_QUERY, "A clause of :where is a list that is not empty.");
    }
    refuseUnsupported(list);
    return isCall(list.get(0)) ? expression(list) : pattern(list);
  }

  private static void refuseUnsupported(List<?> list) {
    int head = Variables.isSource(list.get(0)) && list.size() > 1 ? 1 : 0;
    if (list.get(head) instanceof Symbol s && !isPlaceSymbol(s)) {
      String what = NOT_YET.contains(s.text()) ? "A clause of '" + s + "'" : "A rule ('" + s + "')";
      throw QueryErrors.unsupported(list, what);
    }
  }

  private static boolean isPlaceSymbol(Symbol s) {
    return Variables.isVariable(s) || Variables.isBlank(s) || Variables.isSource(s);
  }

  private static boolean isCall(Object first) {
    return first instanceof EdnList || first instanceof List<?> l && !l.isEmpty() && l.get(0) instanceof Symbol;
  }

  private Clause pattern(List<?> list) {
    boolean named = Variables.isSource(list.get(0));
    Symbol source = named ? (Symbol) list.get(0) : Query.DEFAULT_SOURCE;
    List<Term> terms = new ArrayList<>(list.size());
    for (Object place : list.subList(named ? 1 : 0, list.size())) {
      terms.add(place(place, list));
    }
    if (terms.isEmpty()) {
      throw QueryErrors.in(list, QueryErrors.INVALID_QUERY, "A data pattern has at least one place.");
    }
    return new Clause.Pattern(source, List.copyOf(terms), list);
  }

  private Term place(Object form, Object clause) {
    if (form == null) {
      throw QueryErrors.in(clause, QueryErrors.INVALID_QUERY, "No fact has nil in it; write _ for anything.");
    }
    if (Variables.isBlank(form)) {
      return new Term.Blank();
    }
    return argument(form, clause);
  }

  private Term argument(Object form, Object clause) {
    if (Variables.isVariable(form)) {
      Symbol name = (Symbol) form;
      return new Term.Variable(variables.slot(name), name);
    }
    if (Variables.isSource(form)) {
      return new Term.SourceName((Symbol) form);
    }
    if (Variables.isBlank(form)) {
      throw QueryErrors.in(clause, QueryErrors.INVALID_QUERY, "_ cannot be an argument.");
    }
    return new Term.Constant(QueryValues.normal(form));
  }

  private Clause expression(List<?> list) {
    List<?> call = (List<?>) list.get(0);
    if (list.size() > 2) {
      throw QueryErrors.in(list, QueryErrors.INVALID_QUERY, "Only one binding form can follow a call.");
    }
    if (call.isEmpty() || !(call.get(0) instanceof Symbol function)) {
      throw QueryErrors.in(list, QueryErrors.INVALID_QUERY, "A call begins with the name of a function.");
    }
    List<Term> arguments = new ArrayList<>();
    for (Object argument : call.subList(1, call.size())) {
      arguments.add(argument(argument, list));
    }
    Binding output = list.size() == 2 ? bindings.parse(list.get(1), list) : null;
    Functions.check(function, arguments.size(), list);
    return new Clause.Expression(function, List.copyOf(arguments), output, list);
  }

  /** Checks what only a database's patterns are bound to. */
  static void checkDatabasePattern(Clause.Pattern pattern) {
    if (pattern.terms().size() > PLACES_MAX) {
      throw QueryErrors.in(pattern.form(), QueryErrors.INVALID_QUERY,
          "A data pattern on a database has at most five places: entity, attribute, value, transaction, added.");
    }
  }
}
