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
import java.util.function.Function;

/**
 * Turns EDN text, a list or a map into a {@link Query}, and checks what can be checked without a database. Confined to
 * one parse.
 */
final class QueryParser {
  private static final Keyword FIND = Keyword.of(":find");
  private static final Keyword WITH = Keyword.of(":with");
  private static final Keyword IN = Keyword.of(":in");
  private static final Keyword WHERE = Keyword.of(":where");
  private static final Map<Keyword, Function<String, Object>> NAMINGS = Map.of(
      Keyword.of(":keys"), name -> Keyword.of(":" + name),
      Keyword.of(":strs"), name -> name,
      Keyword.of(":syms"), Symbol::of);

  private static final Set<Keyword> SECTIONS = Set.of(FIND, WITH, IN, WHERE);

  private final Variables variables = new Variables();
  private final List<Symbol> patterns = new ArrayList<>();
  private final FunctionLibrary library;
  private final Object form;

  private QueryParser(Object form, FunctionLibrary library) {
    this.form = form;
    this.library = library;
  }

  /**
   * Parses a query.
   *
   * @param query EDN text, or a list or map in the types that {@link Edn} gives
   * @param library what it can call
   */
  static Query parse(Object query, FunctionLibrary library) {
    Object form = query instanceof String text ? Edn.read(text) : query;
    return new QueryParser(form, library).parse();
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
    List<Clause> where = new ClauseParser(library, variables).parseAll(sections.getOrDefault(WHERE, List.of()));
    FindSpec findSpec = new FindParser(variables, patterns, library, form).parse(find);
    findSpec = findSpec.named(names(sections, findSpec, find.size()));
    List<Integer> with = with(sections.getOrDefault(WITH, List.of()));
    Query parsed = new Query(
        form, findSpec, with, inputs, hasIn ? inputs.size() : 0, new Body(where, variables.names()));
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
      if (!SECTIONS.contains(section) && !NAMINGS.containsKey(section)) {
        throw invalid(section + " is no part of a query; there are :find, :keys, :strs, :syms, :with, :in and :where.");
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
      // Names of columns may be keywords themselves.
      boolean name = current != null && isNaming(sections, current) && !SECTIONS.contains(element);
      if (element instanceof Keyword section && !name) {
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

  private static boolean isNaming(Map<Keyword, List<?>> sections, List<Object> current) {
    return NAMINGS.keySet().stream().anyMatch(section -> sections.get(section) == current);
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
        patterns.add((Symbol) input);
        inputs.add(new Query.PatternInput((Symbol) input));
      } else {
        inputs.add(new Query.BindingInput(bindings.parse(input, form), input));
      }
    }
    return List.copyOf(inputs);
  }

  /** What the columns are called in rows that are maps, or null for rows that are lists. */
  private List<Object> names(Map<Keyword, List<?>> sections, FindSpec find, int columns) {
    List<Object> names = null;
    for (Map.Entry<Keyword, List<?>> section : sections.entrySet()) {
      Function<String, Object> naming = NAMINGS.get(section.getKey());
      if (naming == null) {
        continue;
      }
      if (names != null || section.getValue().size() != columns) {
        throw invalid("One of :keys, :strs and :syms can follow :find, with as many names as :find has columns.");
      }
      if (find.shape() != FindSpec.Shape.RELATION) {
        throw invalid(section.getKey() + " names the columns of rows; with [...] or . in :find there are none. Take the rows.");
      }
      names = new ArrayList<>();
      for (Object name : section.getValue()) {
        String text = name instanceof Keyword keyword ? keyword.toString().substring(1) : String.valueOf(name);
        names.add(naming.apply(text));
      }
    }
    return names;
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
      unbound.add(query.body().variables().get(slot));
    }
  }

  private static BitSet boundSlots(Query query) {
    BitSet bound = new BitSet();
    for (Query.Input input : query.inputs()) {
      if (input instanceof Query.BindingInput binding) {
        binding.binding().forEachSlot(bound::set);
      }
    }
    query.body().where().forEach(clause -> clause.forEachBound(bound::set));
    return bound;
  }

  private RuntimeException invalid(String message) {
    return QueryErrors.in(form, QueryErrors.INVALID_QUERY, message);
  }
}
