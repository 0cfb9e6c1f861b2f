package dev.rebasis.conflict;

import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Values and forms inside messages. */
final class Text {
  private static final int LENGTH_MAX = 200;

  private Text() {}

  /** The value as text, cut where it is long: a message is a sentence, and forms come from strangers. */
  static String of(Object value) {
    return cut(edn(value));
  }

  /** The same for the answer of a query. What has no order is written in one of its own, so that equal answers are equal texts. */
  static String ofAnswer(Object answer) {
    return cut(edn(ordered(answer)));
  }

  private static String cut(String text) {
    return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + "…";
  }

  private static String edn(Object value) {
    try {
      return Edn.write(value);
    } catch (IllegalArgumentException e) {
      // Nothing that can stand in a transaction, which is what the message says. A collection's own toString could be
      // of any depth.
      boolean collection = value instanceof Collection || value instanceof Map;
      return collection ? value.getClass().getSimpleName() : String.valueOf(value);
    }
  }

  private static Object ordered(Object value) {
    if (value instanceof Set<?> set) {
      return new LinkedHashSet<>(set.stream().map(Text::ordered).sorted(Comparator.comparing(Text::edn)).toList());
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      map.entrySet().stream().sorted(Comparator.comparing(entry -> edn(entry.getKey())))
          .forEach(entry -> entries.put(entry.getKey(), ordered(entry.getValue())));
      return entries;
    }
    if (value instanceof List<?> list) {
      List<Object> elements = new ArrayList<>(list.size());
      list.forEach(element -> elements.add(ordered(element)));
      return elements;
    }
    return value;
  }
}
