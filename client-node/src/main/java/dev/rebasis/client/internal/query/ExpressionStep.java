package dev.rebasis.client.internal.query;

import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Calls a function or predicate. Confined to one evaluation. */
final class ExpressionStep extends Step {
  private final Clause.Expression clause;
  private final Functions.Body body;
  private final Object[] constants; // by argument; Inputs.NONE for variables
  private final int[] variables; // by argument; -1 for constants
  private final BitSet bound;
  private final int[] outputs;

  /**
   * Makes the step.
   *
   * @param bound slots that are bound before it: an output among them must have the same value
   */
  ExpressionStep(Clause.Expression clause, Inputs inputs, BitSet bound) {
    this.clause = clause;
    this.body = clause.body();
    this.bound = (BitSet) bound.clone();
    this.outputs = clause.output() == null ? new int[0] : InputBinder.slots(clause.output());
    int count = clause.arguments().size();
    this.constants = new Object[count];
    this.variables = new int[count];
    for (int i = 0; i < count; i++) {
      Term argument = clause.arguments().get(i);
      variables[i] = argument instanceof Term.Variable variable ? variable.slot() : -1;
      constants[i] = argument instanceof Term.Constant constant ? constant.value()
          : argument instanceof Term.SourceName source ? inputs.source(source.name(), clause.form()) : Inputs.NONE;
    }
  }

  @Override
  boolean run(Object[] frame) {
    Object value = call(frame);
    if (clause.output() == null) {
      return !Functions.isTrue(value) || pass(frame);
    }
    if (clause.output() instanceof Binding.Scalar scalar) {
      // nil binds nothing, as in Datomic.
      return value == null || !bind(scalar.slot(), value, frame, bound) || pass(frame);
    }
    return destructure(value, frame);
  }

  private Object call(Object[] frame) {
    Object[] arguments = constants.clone();
    for (int i = 0; i < arguments.length; i++) {
      if (variables[i] >= 0) {
        arguments[i] = frame[variables[i]];
      }
    }
    try {
      return body.apply(arguments);
    } catch (RebasisException e) {
      throw QueryErrors.naming(e, clause.form());
    } catch (RuntimeException e) {
      throw QueryErrors.in(clause.form(), QueryErrors.FUNCTION_FAILED,
          "'" + clause.function() + "' failed: " + e.getMessage() + ".", e);
    }
  }

  private boolean destructure(Object value, Object[] frame) {
    if (value == null) {
      return true;
    }
    List<Object[]> rows = new ArrayList<>();
    Object[] start = frame.clone();
    collect(clause.output(), value, start, (BitSet) bound.clone(), rows);
    for (Object[] row : rows) {
      for (int slot : outputs) {
        frame[slot] = row[slot];
      }
      if (!pass(frame)) {
        return false;
      }
    }
    return true;
  }

  private static boolean bind(int slot, Object value, Object[] frame, BitSet bound) {
    if (bound.get(slot)) {
      return QueryValues.same(frame[slot], value);
    }
    frame[slot] = value;
    return true;
  }

  private void collect(Binding binding, Object value, Object[] frame, BitSet known, List<Object[]> rows) {
    List<Object[]> found = new ArrayList<>(List.<Object[]>of(frame));
    expand(binding, value, found, known);
    rows.addAll(found);
  }

  // Replaces each partial row in the list by its extensions.
  private void expand(Binding binding, Object value, List<Object[]> partial, BitSet known) {
    if (binding instanceof Binding.Scalar scalar) {
      partial.removeIf(row -> value == null || !bind(scalar.slot(), value, row, known));
      known.set(scalar.slot());
    } else if (binding instanceof Binding.Tuple tuple) {
      List<?> values = list(value, tuple.elements().size());
      for (int i = 0; i < tuple.elements().size(); i++) {
        expand(tuple.elements().get(i), values.get(i), partial, known);
      }
    } else if (binding instanceof Binding.Each each) {
      expandEach(each, value, partial, known);
    }
  }

  private void expandEach(Binding.Each each, Object value, List<Object[]> partial, BitSet known) {
    List<Object[]> all = new ArrayList<>();
    BitSet after = known;
    for (Object element : elements(value)) {
      List<Object[]> copies = new ArrayList<>(partial.size());
      partial.forEach(row -> copies.add(row.clone()));
      after = (BitSet) known.clone();
      expand(each.element(), element, copies, after);
      all.addAll(copies);
    }
    known.or(after);
    partial.clear();
    partial.addAll(all);
  }

  private List<?> list(Object value, int sizeMin) {
    if (value instanceof List<?> list && list.size() >= sizeMin) {
      return list;
    }
    throw mismatch(value, "a list of " + sizeMin + " values");
  }

  private Collection<?> elements(Object value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof Collection<?> collection) {
      return collection;
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream().map(e -> Arrays.asList(e.getKey(), e.getValue())).toList();
    }
    throw mismatch(value, "a collection");
  }

  private RuntimeException mismatch(Object value, String wanted) {
    return QueryErrors.in(clause.form(), QueryErrors.FUNCTION_FAILED,
        "'" + clause.function() + "' gave " + QueryErrors.text(value) + ", which is not " + wanted + ".");
  }
}
