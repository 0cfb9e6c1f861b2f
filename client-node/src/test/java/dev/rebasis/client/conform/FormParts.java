package dev.rebasis.client.conform;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Looks into the forms of a transaction: parts that may each hold one of its faults alone, and values. Pure. */
final class FormParts {
  private FormParts() {}

  /** Single forms, all but one, any two, and maps with one key less. */
  static List<List<?>> of(List<?> forms) {
    List<List<?>> parts = new ArrayList<>();
    for (int i = 0; i < forms.size(); i++) {
      for (int j = i + 1; j < forms.size() && forms.size() > 2; j++) {
        parts.add(List.of(forms.get(i), forms.get(j)));
      }
    }
    for (int i = 0; i < forms.size() && forms.size() > 1; i++) {
      List<Object> fewer = new ArrayList<>(forms);
      fewer.remove(i);
      parts.add(fewer);
      parts.add(List.of(forms.get(i)));
    }
    for (Object form : forms) {
      if (form instanceof Map<?, ?> map) {
        map.keySet().forEach(key -> parts.add(List.of(Case.without(map, key))));
      }
    }
    return parts;
  }

  /** How often a value stands in forms. */
  static long count(Object form, Object value) {
    if (value.equals(form)) {
      return 1;
    }
    if (form instanceof Map<?, ?> map) {
      return map.values().stream().mapToLong(inside -> count(inside, value)).sum();
    }
    return form instanceof Collection<?> several ? several.stream().mapToLong(inside -> count(inside, value)).sum() : 0;
  }
}
