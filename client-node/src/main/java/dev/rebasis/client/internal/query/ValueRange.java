package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Bounds that predicates set to the value of a pattern, so that only that part of the index is read. Both are inclusive
 * whatever the predicate: it is evaluated all the same, this only saves reading. Immutable.
 *
 * @param low null if there is no lower bound
 * @param high null if there is no upper bound
 */
record ValueRange(Object low, Object high) {
  // Types whose order in the index is the order of the predicates, but for what is no number.
  private static final Set<ValueType> ORDERED = Set.of(ValueType.LONG, ValueType.STRING, ValueType.INSTANT,
      ValueType.DOUBLE, ValueType.FLOAT, ValueType.BIGINT, ValueType.BIGDEC, ValueType.KEYWORD);

  /**
   * The bounds of a variable.
   *
   * @param slot the variable that holds the value of the attribute
   * @return null if there are none
   */
  static ValueRange of(Body body, Inputs inputs, int slot, Attribute attribute) {
    if (!attribute.isInAvet() || !ORDERED.contains(attribute.valueType())) {
      return null;
    }
    Object low = null;
    Object high = null;
    for (Clause clause : body.where()) {
      if (clause instanceof Clause.Expression call && call.output() == null && call.arguments().size() == 2) {
        String function = call.function().text();
        boolean first = isVariable(call.arguments().get(0), slot);
        boolean second = isVariable(call.arguments().get(1), slot);
        Object bound = first != second ? constant(call.arguments().get(first ? 1 : 0), inputs, attribute) : null;
        if (bound != null && isLess(function)) {
          high = first ? lower(high, bound) : high;
          low = second ? higher(low, bound) : low;
        } else if (bound != null && isGreater(function)) {
          low = first ? higher(low, bound) : low;
          high = second ? lower(high, bound) : high;
        }
      }
    }
    return low == null && high == null ? null : new ValueRange(low, high);
  }

  private static boolean isLess(String function) {
    return function.equals("<") || function.equals("<=");
  }

  private static boolean isGreater(String function) {
    return function.equals(">") || function.equals(">=");
  }

  private static boolean isVariable(Term term, int slot) {
    return term instanceof Term.Variable variable && variable.slot() == slot;
  }

  // Only a value of the attribute's own type: others are ordered by type, or numerically across types.
  private static Object constant(Term term, Inputs inputs, Attribute attribute) {
    Object value = term instanceof Term.Constant constant ? constant.value()
        : term instanceof Term.Variable v && inputs.isConstant(v.slot()) ? inputs.constants()[v.slot()] : null;
    return attribute.valueType().javaType().isInstance(value) && !isNoNumber(value) ? value : null;
  }

  // Neither less nor greater than anything, so that it bounds nothing.
  private static boolean isNoNumber(Object value) {
    return value instanceof Double d && d.isNaN() || value instanceof Float f && f.isNaN();
  }

  private static Object lower(Object x, Object y) {
    return x == null || Values.compareByValue(y, x) < 0 ? y : x;
  }

  private static Object higher(Object x, Object y) {
    return x == null || Values.compareByValue(y, x) > 0 ? y : x;
  }

  /**
   * The facts of an attribute with values inside the bounds, by value, and those with what is no number: the index has them
   * behind all others, but the predicates {@code <=} and {@code >=} take them.
   */
  Iterable<Datom> scan(DatomSource datoms, long attribute) {
    Iterable<Datom> inside = () -> new Inside(
        (low == null ? datoms.seek(IndexOrder.AVET, attribute) : datoms.seek(IndexOrder.AVET, attribute, low)).iterator(),
        attribute);
    Object noNumber = high instanceof Double ? (Object) Double.NaN : high instanceof Float ? Float.NaN : null;
    return noNumber == null ? inside
        : () -> Stream.of(inside, datoms.datoms(IndexOrder.AVET, attribute, noNumber))
            .flatMap(part -> StreamSupport.stream(part.spliterator(), false)).iterator();
  }

  private final class Inside implements Iterator<Datom> {
    private final Iterator<Datom> from;
    private final long attribute;
    private Datom next;

    Inside(Iterator<Datom> from, long attribute) {
      this.from = from;
      this.attribute = attribute;
      advance();
    }

    private void advance() {
      Datom datom = from.hasNext() ? from.next() : null;
      boolean inside = datom != null && datom.a() == attribute && (high == null || Values.compareByValue(datom.v(), high) <= 0);
      next = inside ? datom : null;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Datom next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      Datom result = next;
      advance();
      return result;
    }
  }
}
