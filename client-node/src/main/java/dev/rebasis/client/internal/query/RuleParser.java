package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses the value of {@code %}: {@code [[(name [?required] ?x) clause...]...]}. Confined to one parse. */
final class RuleParser {
  private final FunctionLibrary library;
  private final Map<Symbol, RuleSet.Rule> rules = new LinkedHashMap<>();

  private RuleParser(FunctionLibrary library) {
    this.library = library;
  }

  /**
   * Parses rules.
   *
   * @param form EDN text, or a collection of rules
   */
  static RuleSet parse(Object form, FunctionLibrary library) {
    Object read = form instanceof String text ? Edn.read(text) : form;
    if (!(read instanceof Collection<?> all)) {
      throw QueryErrors.in(read, QueryErrors.INVALID_INPUT, "The rules for % are a list of rules, or its text.");
    }
    RuleParser parser = new RuleParser(library);
    all.forEach(parser::add);
    return new RuleSet(parser.rules);
  }

  private void add(Object form) {
    if (!(form instanceof List<?> rule) || rule.size() < 2 || !(rule.get(0) instanceof List<?> head)
        || head.isEmpty() || !(head.get(0) instanceof Symbol name)) {
      throw invalid(form, "A rule is a head (name ?variable...) and at least one clause.");
    }
    List<Symbol> arguments = new ArrayList<>();
    int required = arguments(head, arguments, form);
    Set<Symbol> distinct = new LinkedHashSet<>(arguments);
    if (distinct.size() < arguments.size()) {
      throw invalid(form, "The variables in the head of a rule are different ones.");
    }
    Variables scope = new Variables();
    arguments.forEach(scope::slot);
    List<Clause> where = new ClauseParser(library, scope).parseAll(rule.subList(1, rule.size()));
    Body branch = new Body(where, scope.names());
    rules.merge(name, new RuleSet.Rule(name, arguments.size(), required, List.of(branch), head), (known, added) -> {
      if (known.arity() != added.arity()) {
        throw invalid(form, "All rules named '" + name + "' take the same number of arguments.");
      }
      List<Body> branches = new ArrayList<>(known.branches());
      branches.addAll(added.branches());
      int all = Math.max(known.required(), added.required());
      return new RuleSet.Rule(name, known.arity(), all, List.copyOf(branches), known.form());
    });
  }

  private static int arguments(List<?> head, List<Symbol> arguments, Object form) {
    int required = 0;
    for (int i = 1; i < head.size(); i++) {
      if (i == 1 && head.get(i) instanceof List<?> first) {
        first.forEach(variable -> arguments.add(variable(variable, form)));
        required = first.size();
      } else {
        arguments.add(variable(head.get(i), form));
      }
    }
    return required;
  }

  private static Symbol variable(Object form, Object rule) {
    if (Variables.isVariable(form)) {
      return (Symbol) form;
    }
    throw invalid(rule, "The head of a rule has only variables, not " + QueryErrors.text(form) + ".");
  }

  private static RuntimeException invalid(Object form, String message) {
    return QueryErrors.in(form, QueryErrors.INVALID_QUERY, message);
  }
}
