package dev.rebasis.client.conform;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Changes forms of EDN at any depth. Pure functions. */
final class Rewriting {
  private Rewriting() {}

  /** Every form, from the inmost outwards, replaced by what the change makes of it. */
  static Object everywhere(Object form, UnaryOperator<Object> change) {
    if (form instanceof EdnList list) {
      return change.apply(EdnList.copyOf(list.stream().map(one -> everywhere(one, change)).toList()));
    }
    if (form instanceof Map<?, ?> map) {
      Map<Object, Object> result = new LinkedHashMap<>();
      map.forEach((key, value) -> result.put(everywhere(key, change), everywhere(value, change)));
      return change.apply(result);
    }
    if (form instanceof Collection<?> several) {
      Collection<Object> result = form instanceof Set ? new LinkedHashSet<>() : new ArrayList<>();
      several.forEach(one -> result.add(everywhere(one, change)));
      return change.apply(result);
    }
    return change.apply(form);
  }

  /** The list without the elements of any list in it that pass a test. */
  static List<?> without(List<?> form, Predicate<Object> dropped) {
    return (List<?>) everywhere(form, one -> !(one instanceof List<?> list) ? one
        : like(list, list.stream().filter(element -> !dropped.test(element)).toList()));
  }

  /** The form with one symbol or keyword in place of another. */
  static List<?> renamed(List<?> form, String from, String to) {
    Object old = named(from);
    Object other = named(to);
    return (List<?>) everywhere(form, one -> one != null && one.equals(old) ? other : one);
  }

  private static Object named(String name) {
    return name.startsWith(":") ? Keyword.of(name) : Symbol.of(name);
  }

  /** Whether a form is a call of one of the names. */
  static boolean isCall(Object form, String... names) {
    return form instanceof EdnList list && !list.isEmpty() && list.get(0) instanceof Symbol s
        && Arrays.asList(names).contains(s.text());
  }

  /** Whether a form is a vector that begins with one of the keywords. */
  static boolean begins(Object form, String... keywords) {
    return form instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Keyword k
        && Arrays.asList(keywords).contains(k.toString());
  }

  /** The list with an element and the one behind it left out, wherever it stands in a list: an option. */
  static List<?> withoutOption(List<?> form, String option) {
    return (List<?>) everywhere(form, one -> {
      int at = one instanceof List<?> list ? list.indexOf(Keyword.of(option)) : -1;
      if (at < 1) {
        return one;
      }
      List<Object> fewer = new ArrayList<>((List<?>) one);
      fewer.subList(at, Math.min(at + 2, fewer.size())).clear();
      return fewer.size() == 1 ? fewer.get(0) : like((List<?>) one, fewer);
    });
  }

  /** The list with an element changed, wherever it is a call of the name. */
  static List<?> calls(List<?> form, String name, UnaryOperator<EdnList> change) {
    return (List<?>) everywhere(form, one -> isCall(one, name) ? change.apply((EdnList) one) : one);
  }

  /** The list with an element replaced. */
  static EdnList with(EdnList list, int at, Object element) {
    List<Object> other = new ArrayList<>(list);
    other.set(at, element);
    return EdnList.copyOf(other);
  }

  /** A list of the same kind. */
  static List<?> like(List<?> list, List<?> elements) {
    return list instanceof EdnList ? EdnList.copyOf(elements) : new ArrayList<>(elements);
  }
}
