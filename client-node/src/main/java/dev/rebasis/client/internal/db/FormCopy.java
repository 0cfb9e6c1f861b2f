package dev.rebasis.client.internal.db;

import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Copies forms that a program gave as Java data, which it may change later; caches must not notice. Pure. */
public final class FormCopy {
  private FormCopy() {}

  /** An unmodifiable copy, lists, sets, maps and arrays at every depth; other values themselves. */
  public static Object of(Object form) {
    if (form instanceof List<?> list) {
      List<Object> elements = new ArrayList<>(list.size());
      list.forEach(element -> elements.add(of(element)));
      return form instanceof EdnList ? EdnList.copyOf(elements) : Collections.unmodifiableList(elements);
    }
    if (form instanceof Map<?, ?> map) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      map.forEach((key, value) -> entries.put(of(key), of(value)));
      return Collections.unmodifiableMap(entries);
    }
    if (form instanceof Set<?> set) {
      Set<Object> elements = new LinkedHashSet<>();
      set.forEach(element -> elements.add(of(element)));
      return Collections.unmodifiableSet(elements);
    }
    if (form instanceof Object[] array) {
      return Arrays.stream(array).map(FormCopy::of).toArray();
    }
    return form instanceof byte[] bytes ? bytes.clone() : form;
  }
}
