package dev.rebasis.client.internal.query;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Takes the inputs of one evaluation apart as {@code :in} says. Confined to one evaluation. */
final class InputBinder {
  private final Query query;
  private final Map<Symbol, Source> sources = new HashMap<>();
  private final Object[] constants;
  private final BitSet loose = new BitSet();
  private final List<Inputs.Relation> relations = new ArrayList<>();
  private final Map<Symbol, Object> patterns = new HashMap<>();
  private RuleSet rules = RuleSet.EMPTY;
  private boolean empty;

  private InputBinder(Query query) {
    this.query = query;
    this.constants = new Object[query.body().variables().size()];
    Arrays.fill(constants, Inputs.NONE);
  }

  /**
   * Binds; too many inputs are ignored, as Datomic does.
   *
   * @param ruleParser gives the rules of an input for {@code %}
   */
  static Inputs bind(Query query, List<?> values, Function<Object, RuleSet> ruleParser) {
    if (values.size() < query.inputsMin()) {
      throw QueryErrors.in(query.form(), QueryErrors.TOO_FEW_INPUTS,
          "The query takes " + query.inputsMin() + " inputs, but got " + values.size() + ".");
    }
    return new InputBinder(query).bind(values, ruleParser);
  }

  private Inputs bind(List<?> values, Function<Object, RuleSet> ruleParser) {
    int given = Math.min(values.size(), query.inputs().size());
    for (int i = 0; i < given; i++) {
      if (query.inputs().get(i) instanceof Query.SourceInput source) {
        sources.put(source.name(), Source.of(source.name(), values.get(i)));
      }
    }
    for (int i = 0; i < given; i++) {
      Query.Input input = query.inputs().get(i);
      if (input instanceof Query.BindingInput binding) {
        bind(binding, values.get(i));
      } else if (input instanceof Query.RulesInput) {
        rules = ruleParser.apply(values.get(i));
      } else if (input instanceof Query.PatternInput pattern) {
        patterns.put(pattern.name(), values.get(i));
      }
    }
    return new Inputs(sources, constants, loose, relations, empty, rules, patterns);
  }

  private void bind(Query.BindingInput input, Object value) {
    if (value == null) {
      throw QueryErrors.in(query.form(), QueryErrors.INVALID_INPUT,
          "The input for " + QueryErrors.text(input.form()) + " is nil.");
    }
    int[] slots = slots(input.binding());
    List<Object[]> rows = new ArrayList<>();
    new Expander(slots, rows, input.form()).expand(input.binding(), value);
    empty |= rows.isEmpty();
    boolean isNew = Arrays.stream(slots).allMatch(slot -> constants[slot] == Inputs.NONE);
    if (rows.size() == 1 && isNew) {
      for (int i = 0; i < slots.length; i++) {
        constants[slots[i]] = rows.get(0)[i];
        loose.set(slots[i], input.binding().isOfSeveral());
      }
    } else if (slots.length > 0) {
      relations.add(new Inputs.Relation(slots, rows, input.form()));
    }
  }

  static int[] slots(Binding binding) {
    List<Integer> slots = new ArrayList<>();
    binding.forEachSlot(slot -> {
      if (!slots.contains(slot)) {
        slots.add(slot);
      }
    });
    return slots.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The rows of a collection that stands as a data source, or null if an element is no row. */
  static List<List<?>> rows(Object collection) {
    List<List<?>> rows = new ArrayList<>();
    for (Object element : elements(collection)) {
      List<?> row = row(element);
      if (row == null) {
        return null;
      }
      rows.add((List<?>) QueryValues.normal(row));
    }
    return rows;
  }

  private static List<?> row(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof Object[] array) {
      return Arrays.asList(array);
    }
    return value instanceof Map.Entry<?, ?> entry ? Arrays.asList(entry.getKey(), entry.getValue()) : null;
  }

  private static Iterable<?> elements(Object value) {
    if (value instanceof Collection<?> collection) {
      return collection;
    }
    return value instanceof Map<?, ?> map ? map.entrySet() : row(value);
  }

  private Object normal(Object value) {
    if (!(value instanceof EntityId id)) {
      return QueryValues.normal(value);
    }
    boolean resolvable = id.isLocal() && sources.get(Query.DEFAULT_SOURCE) instanceof Source.Facts;
    Long resolved = resolvable ? ((Source.Facts) sources.get(Query.DEFAULT_SOURCE)).entities().find(id) : null;
    return resolved == null ? (Long) id.id() : resolved;
  }

  /** Makes rows of one input: nested collections multiply. */
  private final class Expander {
    private final int[] slots;
    private final List<Object[]> rows;
    private final Object form;

    Expander(int[] slots, List<Object[]> rows, Object form) {
      this.slots = slots;
      this.rows = rows;
      this.form = form;
    }

    void expand(Binding binding, Object value) {
      Object[] unset = new Object[slots.length];
      Arrays.fill(unset, Inputs.NONE);
      rows.addAll(expand(binding, value, unset));
    }

    private List<Object[]> expand(Binding binding, Object value, Object[] row) {
      if (binding instanceof Binding.Scalar scalar) {
        return set(scalar.slot(), normal(value), row);
      }
      if (binding instanceof Binding.Each each) {
        List<Object[]> all = new ArrayList<>();
        for (Object element : elementsOf(value)) {
          all.addAll(expand(each.element(), element, row));
        }
        return all;
      }
      return binding instanceof Binding.Tuple tuple ? expandTuple(tuple, value, row) : Collections.singletonList(row);
    }

    private List<Object[]> expandTuple(Binding.Tuple tuple, Object value, Object[] row) {
      List<?> values = row(value);
      if (values == null || values.size() < tuple.elements().size()) {
        throw mismatch(value, "a list of " + tuple.elements().size() + " values");
      }
      List<Object[]> all = Collections.singletonList(row);
      for (int i = 0; i < tuple.elements().size(); i++) {
        List<Object[]> next = new ArrayList<>();
        for (Object[] prefix : all) {
          next.addAll(expand(tuple.elements().get(i), values.get(i), prefix));
        }
        all = next;
      }
      return all;
    }

    // A variable that stands twice must have the same value at both places.
    private List<Object[]> set(int slot, Object value, Object[] row) {
      int column = 0;
      while (slots[column] != slot) {
        column++;
      }
      if (row[column] != Inputs.NONE) {
        return QueryValues.same(row[column], value) ? Collections.singletonList(row) : List.of();
      }
      Object[] extended = row.clone();
      extended[column] = value;
      return Collections.singletonList(extended);
    }

    private Iterable<?> elementsOf(Object value) {
      Iterable<?> elements = elements(value);
      if (elements == null) {
        throw mismatch(value, "a collection");
      }
      return elements;
    }

    private RuntimeException mismatch(Object value, String wanted) {
      return QueryErrors.in(query.form(), QueryErrors.INVALID_INPUT,
          "The input for " + QueryErrors.text(form) + " should be " + wanted + ", not " + QueryErrors.text(value) + ".");
    }
  }
}
