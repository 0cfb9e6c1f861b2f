package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Parses clauses, each list of them in a scope of variables. Confined to one parse.
 *
 * <p>Grammar:
 * <pre>
 * clause     = pattern | expression | not | or | rule
 * pattern    = [ source? term+ ]                 term = variable | _ | constant | lookup ref
 * expression = [ (function argument*) binding? ]
 * not        = (source? not clause+) | (source? not-join [variable*] clause+)
 * or         = (source? or branch+)  | (source? or-join [required? variable*] branch+)
 * branch     = clause | (and clause+)            required = [variable+]
 * rule       = (source? name term*)
 * </pre>
 * A vector in first place is a call if it begins with a symbol, else a lookup ref; round brackets always mean a call.
 *
 * <p>The inside of {@code not} and of each branch of {@code or} is a scope of its own: it shares all its variables with
 * the scope around, those of {@code not-join} and {@code or-join} only the ones listed.
 */
final class ClauseParser {
  private static final int PLACES_MAX = 5;
  private static final Symbol AND = Symbol.of("and");

  private final FunctionLibrary library;
  private final Variables variables;
  private final BindingParser bindings;

  ClauseParser(FunctionLibrary library, Variables variables) {
    this.library = library;
    this.variables = variables;
    this.bindings = new BindingParser(variables);
  }

  /** Parses clauses that must all hold. Their variables are added to the scope. */
  List<Clause> parseAll(List<?> forms) {
    List<Object> flat = new ArrayList<>();
    forms.forEach(form -> flatten(form, flat));
    return flat.stream().map(this::parse).toList();
  }

  private static void flatten(Object form, List<Object> flat) {
    if (form instanceof List<?> list && !list.isEmpty() && AND.equals(list.get(0))) {
      list.subList(1, list.size()).forEach(inner -> flatten(inner, flat));
    } else {
      flat.add(form);
    }
  }

  /** A clause that begins with a name: the source before it, and what follows. */
  private record Head(Symbol source, Symbol name, List<?> rest, List<?> form) {
    /** The head, or null for a pattern or an expression. */
    static Head of(List<?> form) {
      int at = !form.isEmpty() && Variables.isSource(form.get(0)) ? 1 : 0;
      if (form.size() > at && form.get(at) instanceof Symbol s && !isPlaceSymbol(s)) {
        Symbol source = at == 1 ? (Symbol) form.get(0) : Query.DEFAULT_SOURCE;
        return new Head(source, s, form.subList(at + 1, form.size()), form);
      }
      return null;
    }
  }

  private static boolean isPlaceSymbol(Symbol s) {
    return Variables.isVariable(s) || Variables.isBlank(s) || Variables.isSource(s);
  }

  private Clause parse(Object form) {
    if (!(form instanceof List<?> list) || list.isEmpty()) {
      throw QueryErrors.in(form, QueryErrors.INVALID_QUERY, "A clause of :where is a list that is not empty.");
    }
    Head head = Head.of(list);
    if (head != null) {
      return switch (head.name.text()) {
        case "not", "not-join" -> not(head);
        case "or" -> or(head);
        case "or-join" -> orJoin(head);
        default -> rule(head);
      };
    }
    return isCall(list.get(0)) ? expression(list) : pattern(list);
  }

  private static boolean isCall(Object first) {
    return first instanceof EdnList || first instanceof List<?> l && !l.isEmpty() && l.get(0) instanceof Symbol;
  }

  // ---- not, or, rules ----

  private Clause not(Head head) {
    boolean join = head.name.text().equals("not-join");
    Set<Symbol> shared = new LinkedHashSet<>();
    if (join) {
      addAllVariables(joined(head), shared, head.form);
    } else {
      FreeVariables.addTo(head.rest, shared);
    }
    List<?> clauses = join ? head.rest.subList(1, head.rest.size()) : head.rest;
    if (clauses.isEmpty()) {
      throw QueryErrors.in(head.form, QueryErrors.INVALID_QUERY, "'" + head.name + "' needs a clause.");
    }
    return new Clause.Not(head.source, body(clauses, shared), slots(shared), head.form);
  }

  private Clause or(Head head) {
    Set<Symbol> shared = null;
    for (Object branch : head.rest) {
      Set<Symbol> free = new LinkedHashSet<>();
      FreeVariables.addTo(List.of(branch), free);
      if (shared != null && !shared.equals(free)) {
        throw QueryErrors.in(head.form, QueryErrors.INVALID_QUERY,
            "All branches of 'or' have the same variables, unlike " + shared + " and " + free + "; see 'or-join'.");
      }
      shared = shared == null ? free : shared;
    }
    return branches(head, head.rest, shared, 0);
  }

  private Clause orJoin(Head head) {
    List<?> joined = joined(head);
    Set<Symbol> shared = new LinkedHashSet<>();
    int required = 0;
    if (!joined.isEmpty() && joined.get(0) instanceof List<?> first) {
      addAllVariables(first, shared, head.form);
      required = shared.size();
      joined = joined.subList(1, joined.size());
    }
    addAllVariables(joined, shared, head.form);
    return branches(head, head.rest.subList(1, head.rest.size()), shared, required);
  }

  private Clause branches(Head head, List<?> forms, Set<Symbol> shared, int required) {
    if (forms.isEmpty()) {
      throw QueryErrors.in(head.form, QueryErrors.INVALID_QUERY, "'" + head.name + "' needs a branch.");
    }
    List<Body> branches = new ArrayList<>();
    for (Object branch : forms) {
      branches.add(body(List.of(branch), shared));
    }
    return new Clause.Or(head.source, List.copyOf(branches), slots(shared), required, head.form);
  }

  private static List<?> joined(Head head) {
    if (!head.rest.isEmpty() && head.rest.get(0) instanceof List<?> joined) {
      return joined;
    }
    throw QueryErrors.in(head.form, QueryErrors.INVALID_QUERY,
        "'" + head.name + "' begins with a vector of the variables that it shares.");
  }

  private static void addAllVariables(List<?> forms, Set<Symbol> names, Object clause) {
    for (Object form : forms) {
      if (!Variables.isVariable(form)) {
        throw QueryErrors.in(clause, QueryErrors.INVALID_QUERY, QueryErrors.text(form) + " is no variable.");
      }
      names.add((Symbol) form);
    }
  }

  private List<Integer> slots(Set<Symbol> names) {
    return names.stream().map(variables::slot).toList();
  }

  private Body body(List<?> clauses, Set<Symbol> shared) {
    Variables inner = new Variables();
    shared.forEach(inner::slot);
    List<Clause> where = new ClauseParser(library, inner).parseAll(clauses);
    return new Body(where, inner.names());
  }

  private Clause rule(Head head) {
    List<Term> arguments = new ArrayList<>(head.rest.size());
    for (Object argument : head.rest) {
      arguments.add(place(argument, head.form));
    }
    return new Clause.RuleCall(head.source, head.name, List.copyOf(arguments), head.form);
  }

  // ---- patterns and calls ----

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
      // A nested query must keep its round brackets.
      arguments.add(argument instanceof List<?> ? new Term.Constant(library.constant(function, argument))
          : argument(argument, list));
    }
    Binding output = list.size() == 2 ? bindings.parse(list.get(1), list) : null;
    Functions.Body body = library.find(function, arguments.size(), list);
    return new Clause.Expression(function, body, List.copyOf(arguments), output, list);
  }

  /** Checks what only a database's patterns are bound to. */
  static void checkDatabasePattern(Clause.Pattern pattern) {
    if (pattern.terms().size() > PLACES_MAX) {
      throw QueryErrors.in(pattern.form(), QueryErrors.INVALID_QUERY,
          "A data pattern on a database has at most five places: entity, attribute, value, transaction, added.");
    }
  }
}
