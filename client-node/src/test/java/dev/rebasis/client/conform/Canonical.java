package dev.rebasis.client.conform;

import dev.rebasis.data.Datom;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Brings the answers of both sides into a form that can be compared: ids of one side, doubles rounded. Immutable. */
final class Canonical {
  // Sums come in another order, so the last digits differ.
  private static final MathContext DIGITS = new MathContext(9);

  private final Map<Long, Long> ids;

  /** With ids of one side translated. */
  Canonical(Map<Long, Long> ids) {
    this.ids = ids;
  }

  Object of(Object value) {
    if (value instanceof Long id) {
      return id(id);
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number) ? List.of(value.getClass(), new BigDecimal(number).round(DIGITS).stripTrailingZeros(),
          Math.copySign(1, number)) : value; // with the sign, which a decimal has not for zero
    }
    if (value instanceof Datom datom) {
      return List.of(id(datom.e()), id(datom.a()), of(datom.v()), id(datom.tx()), datom.added());
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> result = new HashMap<>();
      map.forEach((key, one) -> result.put(of(key), of(one)));
      return result;
    }
    if (value instanceof Set<?> set) {
      Set<Object> result = new HashSet<>();
      set.forEach(element -> result.add(of(element)));
      return result;
    }
    if (value instanceof Collection<?> list) {
      List<Object> result = new ArrayList<>();
      list.forEach(element -> result.add(of(element)));
      return result;
    }
    return value;
  }

  private long id(long id) {
    return ids.getOrDefault(id, id);
  }

  /** How often each element is there. */
  static Object counted(Object elements) {
    Map<Object, Integer> counts = new HashMap<>();
    ((Collection<?>) elements).forEach(element -> counts.merge(element, 1, Integer::sum));
    return counts;
  }

  /** The same with every list counted, at any depth, for what has no order on both sides. */
  static Object unordered(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> result = new HashMap<>();
      map.forEach((key, one) -> result.put(key, unordered(one)));
      return result;
    }
    if (value instanceof Collection<?> several) {
      List<Object> result = new ArrayList<>();
      several.forEach(element -> result.add(unordered(element)));
      return counted(result);
    }
    return value;
  }
}
