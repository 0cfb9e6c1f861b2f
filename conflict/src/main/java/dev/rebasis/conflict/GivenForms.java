package dev.rebasis.conflict;

import dev.rebasis.data.TempId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Copies the collections that a program's function gave, while it is still guarded: a list may compute its elements, and
 * throw, only when somebody looks at them. Pure.
 */
final class GivenForms {
  private GivenForms() {}

  /** The same collections, made of nothing but what the JDK has; null for null. */
  static List<?> copy(List<?> forms) {
    return forms == null ? null : each(forms);
  }

  /** Whether two copies say the same; tempids without a number may be others, as long as each stands for one. */
  static boolean same(List<?> one, List<?> other) {
    return same(one, other, new HashMap<>());
  }

  private static boolean same(Object one, Object other, Map<Object, Object> tempids) {
    if (one instanceof List<?> list && other instanceof List<?> others) {
      boolean same = list.size() == others.size();
      for (int i = 0; same && i < list.size(); i++) {
        same = same(list.get(i), others.get(i), tempids);
      }
      return same;
    }
    if (one instanceof Map<?, ?> map && other instanceof Map<?, ?> others) {
      return map.keySet().equals(others.keySet())
          && map.keySet().stream().allMatch(key -> same(map.get(key), others.get(key), tempids));
    }
    if (one instanceof TempId tempid && tempid.name() == null && other instanceof TempId second) {
      boolean taken = tempids.containsValue(second);
      Object before = tempids.putIfAbsent(tempid, second);
      return before == null ? second.name() == null && !taken : before.equals(second);
    }
    return one instanceof byte[] bytes && other instanceof byte[] others ? Arrays.equals(bytes, others)
        : Objects.equals(one, other);
  }

  private static List<Object> each(Collection<?> values) {
    List<Object> copy = new ArrayList<>(values.size());
    for (Object value : values) {
      copy.add(one(value));
    }
    return copy;
  }

  private static Object one(Object value) {
    if (value instanceof List<?> list) {
      return each(list);
    }
    if (value instanceof Object[] array) {
      return each(Arrays.asList(array));
    }
    if (value instanceof Set<?> set) {
      return new LinkedHashSet<>(each(set));
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, element) -> copy.put(one(key), one(element)));
      return copy;
    }
    return value;
  }
}
