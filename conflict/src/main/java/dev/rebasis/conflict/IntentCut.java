package dev.rebasis.conflict;

import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cuts entities out of the completed forms of an intent. Pure functions. */
public final class IntentCut {
  private IntentCut() {}

  /**
   * The forms without what they say about certain local ids: list forms that name one go, of map forms the entries whose
   * value is one, and the whole map if it is about one.
   */
  public static List<Object> without(List<Object> forms, Set<Long> localIds) {
    List<Object> rest = new ArrayList<>();
    for (Object form : forms) {
      if (form instanceof Map<?, ?> map) {
        Map<Object, Object> cut = cut(map, localIds);
        if (cut.size() > 1) {
          rest.add(cut);
        }
      } else if (!mentions(form, localIds)) {
        rest.add(form);
      }
    }
    return rest;
  }

  /** Empty if the map is about one of them. */
  private static Map<Object, Object> cut(Map<?, ?> map, Set<Long> localIds) {
    Map<Object, Object> rest = new LinkedHashMap<>();
    if (mentions(map.get(Vocabulary.ID), localIds)) {
      return rest;
    }
    map.forEach((key, value) -> {
      Object kept = value(value, localIds);
      if (kept != null) {
        rest.put(key, kept);
      }
    });
    return Collections.unmodifiableMap(rest);
  }

  /** What is left of a map's value; null if nothing. */
  private static Object value(Object value, Set<Long> localIds) {
    if (value instanceof Map<?, ?> nested) {
      Map<Object, Object> rest = cut(nested, localIds);
      return rest.isEmpty() ? null : rest;
    }
    if (value instanceof Collection<?> several) {
      Collection<Object> rest = several instanceof Set ? new LinkedHashSet<>() : new ArrayList<>();
      for (Object one : several) {
        Object kept = value(one, localIds);
        if (kept != null) {
          rest.add(kept);
        }
      }
      return rest.isEmpty() && !several.isEmpty() ? null : rest;
    }
    return mentions(value, localIds) ? null : value;
  }

  private static boolean mentions(Object form, Set<Long> localIds) {
    if (form instanceof Long id) {
      return localIds.contains(id);
    }
    if (form instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(value -> mentions(value, localIds));
    }
    if (form instanceof Collection<?> several) {
      return several.stream().anyMatch(one -> mentions(one, localIds));
    }
    return false;
  }

  /** Of tempids, those that the forms still name, and the transaction's own. */
  public static Map<String, Long> mentioned(Map<String, Long> tempids, List<Object> forms) {
    Map<String, Long> kept = new HashMap<>();
    tempids.forEach((name, number) -> {
      if (name.equals(Intent.TX_TEMPID) || names(forms, name) || mentions(forms, Set.of(-number))) {
        kept.put(name, number);
      }
    });
    return kept;
  }

  private static boolean names(Object form, String tempid) {
    if (form instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(value -> names(value, tempid));
    }
    return form instanceof Collection<?> several
        ? several.stream().anyMatch(one -> names(one, tempid)) : tempid.equals(form);
  }
}
