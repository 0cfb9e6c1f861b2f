package dev.rebasis.client.internal.query;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns EDN text, a list or a map into a {@link Query}, and checks what can be checked without a database. Confined to
 * one parse.
 */
final class QueryParser {
  private static final Keyword FIND = Keyword.of(":find");
  private static final Keyword WITH = Keyword.of(":with");
  private static final Keyword IN = Keyword.of(":in");
  private static final Keyword WHERE = Keyword.of(":where");
  private static final Set<Keyword> NOT_YET = Set.of(Keyword.of(":keys"), Keyword.of(":strs"), Keyword.of(":syms"));

  private final Variables variables = new Variables();
  private final Object form;

  private QueryParser(Object form) {
    this.form = form;
  }

  /**
   * Parses a query.
   *
   * @param query EDN text, or a list or map in the types that {@link Edn} gives
   */
  static Query parse(Object query) {
    Object form = query instanceof String text ? Edn.read(text) : query;
    return new QueryParser(form).parse();
  }

  private Query parse() {
    Map<Keyword, List<?>> sections = sections();
    List<?> find = sections.get(FIND);
    if (find == null || find.isEmpty()) {
      throw invalid("A query needs :find with at least one variable.");
    }
    if (!sections.containsKey(IN) && !sections.containsKey(WHERE)) {
      throw invalid("A query needs :where or :in.");
    }
    boolean hasIn = sections.containsKey(IN);
    List<Query.Input> inputs = inputs(hasIn ? sections.get(IN) : List.of(Query.DEFAULT_SOURCE));
    List<Clause> where = new ArrayList<>();
    ClauseParser clauses = new ClauseParser(variables);
    for (Object clause : sections.getOrDefault(WHERE, List.of())) {
      where.add(clauses.parse(clause));
    }
    FindSpec findSpec = new FindParser(variables, form).parse(find);
    List<Integer> with = with(sections.getOrDefault(WITH, List.of()));
    Query parsed = new Query(form, findSpec, with, inputs, hasIn ? inputs.size() : 0, List.copyOf(where), variables.names());
    checkBound(parsed);
    return parsed;
  }

  private Map<Keyword, List<?>> sections() {
    Map<Keyword, List<?>> sections = form instanceof Map<?, ?> map ? sectionsOfMap(map)
        : form instanceof List<?> list ? sectionsOfList(list) : null;
    if (sections == null) {
      throw invalid("A query is EDN text, a list or a map.");
    }
    for (Keyword section : sections.keySet()) {
      if (NOT_YET.contains(section)) {
        throw QueryErrors.unsupported(form, section.toString());
      }
      if (!Set.of(FIND, WITH, IN, WHERE).contains(section)) {
        throw invalid(section + " is no part of a query; there are :find, :with, :in and :where.");
      }
    }
    return sections;
  }

  private Map<Keyword, List<?>> sectionsOfMap(Map<?, ?> map) {
    Map<Keyword, List<?>> sections = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      if (!(key instanceof Keyword section) || !(value instanceof List<?> content)) {
        throw invalid("A query as a map has keywords as keys and lists as values.");
      }
      sections.put(section, content);
    });
    return sections;
  }

  private Map<Keyword, List<?>> sectionsOfList(List<?> list) {
    Map<Keyword, List<?>> sections = new LinkedHashMap<>();
    List<Object> current = null;
    for (Object element : list) {
      if (element instanceof Keyword section) {
        current = new ArrayList<>();
        if (sections.put(section, current) != null) {
          throw invalid("A query has " + section + " once.");
        }
      } else if (current == null) {
        throw invalid("A query as a list begins with :find.");
      } else {
        current.add(element);
      }
    }
    return sections;
  }

  private List<Query.Input> inputs(List<?> forms) {
    BindingParser bindings = new BindingParser(variables);
    List<Query.Input> inputs = new ArrayList<>(forms.size());
    for (Object input : forms) {
      if (Variables.isSource(input)) {
        inputs.add(new Query.SourceInput((Symbol) input));
      } else if (input instanceof Symbol s && s.text().equals("%")) {
        inputs.add(new Query.RulesInput());
      } else if (input instanceof Symbol && !Variables.isVariable(input) && !Variables.isBlank(input)) {
        throw QueryErrors.unsupported(form, "A pull pattern as an input ('" + input + "')");
      } else {
        inputs.add(new Query.BindingInput(bindings.parse(input, form), input));
      }
    }
    return List.copyOf(inputs);
  }

  private List<Integer> with(List<?> forms) {
    List<Integer> slots = new ArrayList<>(forms.size());
    for (Object variable : forms) {
      if (!Variables.isVariable(variable)) {
        throw invalid(":with takes variables, not " + QueryErrors.text(variable) + ".");
      }
      slots.add(variables.slot((Symbol) variable));
    }
    return List.copyOf(slots);
  }

  private void checkBound(Query query) {
    Set<Symbol> unbound = new TreeSet<>();
    BitSet bound = boundSlots(query);
    query.find().elements().forEach(element -> addUnless(bound, element.slot(), query, unbound));
    query.with().forEach(slot -> addUnless(bound, slot, query, unbound));
    if (!unbound.isEmpty()) {
      throw QueryErrors.in(form, QueryErrors.UNBOUND_VARIABLES,
          "No clause and no input binds " + Collections.unmodifiableSet(unbound) + ".");
    }
  }

  private static void addUnless(BitSet bound, int slot, Query query, Set<Symbol> unbound) {
    if (!bound.get(slot)) {
      unbound.add(query.variables().get(slot));
    }
  }

  private static BitSet boundSlots(Query query) {
    BitSet bound = new BitSet();
    for (Query.Input input : query.inputs()) {
      if (input instanceof Query.BindingInput binding) {
        binding.binding().forEachSlot(bound::set);
      }
    }
    for (Clause clause : query.where()) {
      if (clause instanceof Clause.Pattern pattern) {
        for (Term term : pattern.terms()) {
          if (term instanceof Term.Variable variable) {
            bound.set(variable.slot());
          }
        }
      } else if (clause instanceof Clause.Expression expression && expression.output() != null) {
        expression.output().forEachSlot(bound::set);
      }
    }
    return bound;
  }

  private RuntimeException invalid(String message) {
    return QueryErrors.in(form, QueryErrors.INVALID_QUERY, message);
  }
}
