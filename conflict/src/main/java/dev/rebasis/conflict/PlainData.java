package dev.rebasis.conflict;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.TempId;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Brings data of unknown meaning (arguments of functions, inputs of premises) into the form that travels. Pure. */
final class PlainData {
  private static final int DEPTH_MAX = 100;

  private PlainData() {}

  /**
   * The normal form, unmodifiable through and through.
   *
   * @param form for the message
   */
  static Object of(Object value, Object form) {
    return of(value, form, 0);
  }

  private static Object of(Object value, Object form, int depth) {
    if (depth > DEPTH_MAX) {
      throw Vocabulary.malformed("(...)", "it is nested more than " + DEPTH_MAX + " deep.");
    }
    if (value instanceof Object[] array) {
      return of(Arrays.asList(array), form, depth);
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, element) -> copy.put(of(key, form, depth + 1), of(element, form, depth + 1)));
      return Collections.unmodifiableMap(copy);
    }
    if (value instanceof Set<?> set) {
      return Collections.unmodifiableSet(new LinkedHashSet<>(each(set, form, depth)));
    }
    if (value instanceof List<?> list) {
      return Collections.unmodifiableList(each(list, form, depth));
    }
    if (value instanceof LookupRef ref) {
      return of(List.of(ref.attribute(), ref.value()), form, depth);
    }
    if (value instanceof TempId tempid) {
      if (tempid.isTransaction()) {
        return Intent.TX_TEMPID;
      }
      if (tempid.name() == null) {
        throw Vocabulary.malformed(form, "a tempid among a function's arguments needs a number, or is a string.");
      }
      return tempid.name();
    }
    return scalar(value instanceof EntityId id ? (Object) id.id() : value, form);
  }

  private static List<Object> each(Collection<?> values, Object form, int depth) {
    List<Object> copy = new ArrayList<>(values.size());
    for (Object element : values) {
      copy.add(of(element, form, depth + 1));
    }
    return copy;
  }

  private static Object scalar(Object value, Object form) {
    if (value == null || value instanceof Symbol || value instanceof Character) {
      return value;
    }
    for (ValueType type : ValueType.values()) {
      if (type.javaType().isInstance(value)) {
        return value;
      }
    }
    for (ValueType type : List.of(ValueType.LONG, ValueType.INSTANT, ValueType.BYTES)) {
      Object normal = Values.coerce(type, value);
      if (normal != null) {
        return normal;
      }
    }
    throw Vocabulary.malformed(form, "a " + value.getClass().getName() + " in it is no data.");
  }
}
