package dev.rebasis.client.internal.query;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Functions on text: {@code str}, {@code subs}, {@code clojure.string/...}, names, regular expressions. Pure. */
final class StringFunctions {
  private static final String PREFIX = "clojure.string/";

  private StringFunctions() {}

  static void putInto(Functions.Registry registry) {
    registry.put("str", 0, Integer.MAX_VALUE, StringFunctions::str);
    registry.put("subs", 2, 3, StringFunctions::subs);
    registry.put("name", 1, 1, a -> name(a[0]));
    registry.put("namespace", 1, 1, a -> namespace(a[0]));
    registry.put("keyword", 1, 2, StringFunctions::keyword);
    test(registry, "starts-with?", String::startsWith);
    test(registry, "ends-with?", String::endsWith);
    test(registry, "includes?", String::contains);
    change(registry, "upper-case", s -> s.toUpperCase(Locale.ROOT));
    change(registry, "lower-case", s -> s.toLowerCase(Locale.ROOT));
    change(registry, "capitalize", StringFunctions::capitalize);
    change(registry, "trim", String::strip);
    change(registry, "triml", String::stripLeading);
    change(registry, "trimr", String::stripTrailing);
    change(registry, "reverse", s -> new StringBuilder(s).reverse().toString());
    registry.put(PREFIX + "blank?", 1, 1, a -> a[0] == null || text(a[0]).isBlank());
    registry.put(PREFIX + "index-of", 2, 3, a -> found(text(a[0]).indexOf(text(a[1]), a.length == 3 ? index(a[2]) : 0)));
    registry.put(PREFIX + "last-index-of", 2, 3,
        a -> found(text(a[0]).lastIndexOf(text(a[1]), a.length == 3 ? index(a[2]) : Integer.MAX_VALUE)));
    registry.put(PREFIX + "join", 1, 2, StringFunctions::join);
    registry.put(PREFIX + "replace", 3, 3, StringFunctions::replace);
    registry.put(PREFIX + "split", 2, 3, a -> List.of(pattern(a[1]).split(text(a[0]), a.length == 3 ? index(a[2]) : 0)));
    registry.put("re-pattern", 1, 1, a -> a[0] instanceof Pattern ? a[0] : Pattern.compile(text(a[0])));
    registry.put("re-find", 2, 2, a -> groups(pattern(a[0]).matcher(text(a[1])), false));
    registry.put("re-matches", 2, 2, a -> groups(pattern(a[0]).matcher(text(a[1])), true));
  }

  private static void test(Functions.Registry registry, String name, BiPredicate<String, String> test) {
    registry.put(PREFIX + name, 2, 2, a -> test.test(text(a[0]), text(a[1])));
  }

  private static void change(Functions.Registry registry, String name, UnaryOperator<String> change) {
    registry.put(PREFIX + name, 1, 1, a -> change.apply(text(a[0])));
  }

  private static int index(Object value) {
    return Math.toIntExact((Long) value);
  }

  private static String text(Object value) {
    if (value instanceof String s) {
      return s;
    }
    throw new IllegalArgumentException(QueryErrors.text(value) + " is not a string");
  }

  private static Pattern pattern(Object value) {
    if (value instanceof Pattern pattern) {
      return pattern;
    }
    throw new IllegalArgumentException(QueryErrors.text(value) + " is no pattern; make one with re-pattern");
  }

  /** The text of a value as {@code str} shows it: strings bare, an instant as Java's {@code Date} does. */
  static String show(Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof Instant instant) {
      return new Date(instant.toEpochMilli()).toString();
    }
    return value instanceof Collection<?> || value instanceof Map<?, ?> ? Edn.write(value) : value.toString();
  }

  private static String str(Object[] values) {
    StringBuilder text = new StringBuilder();
    for (Object value : values) {
      text.append(show(value));
    }
    return text.toString();
  }

  private static String subs(Object[] a) {
    String text = text(a[0]);
    int from = Math.toIntExact(Arithmetic.number(a[1]).longValue());
    int to = a.length == 3 ? Math.toIntExact(Arithmetic.number(a[2]).longValue()) : text.length();
    if (from < 0 || to > text.length() || from > to) {
      throw new IllegalArgumentException("there are no characters " + from + " to " + to + " in '" + text + "'");
    }
    return text.substring(from, to);
  }

  static String name(Object value) {
    return value instanceof Keyword k ? k.name()
        : value instanceof Symbol s ? s.text().substring(slash(s) + 1) : text(value);
  }

  static String namespace(Object value) {
    if (value instanceof Keyword k) {
      return k.namespace();
    }
    if (value instanceof Symbol s) {
      return slash(s) < 0 ? null : s.text().substring(0, slash(s));
    }
    throw new IllegalArgumentException(QueryErrors.text(value) + " has no namespace");
  }

  private static int slash(Symbol s) {
    return s.text().length() == 1 ? -1 : s.text().indexOf('/');
  }

  private static Keyword keyword(Object[] a) {
    return a.length == 2 ? Keyword.of(":" + text(a[0]) + "/" + text(a[1]))
        : a[0] instanceof Keyword k ? k : Keyword.of(":" + text(a[0]));
  }

  private static String capitalize(String s) {
    return s.isEmpty() ? s : s.substring(0, 1).toUpperCase(Locale.ROOT) + s.substring(1).toLowerCase(Locale.ROOT);
  }

  private static Long found(int index) {
    return index < 0 ? null : (Long) (long) index;
  }

  private static String join(Object[] a) {
    String separator = a.length == 2 ? show(a[0]) : "";
    Object joined = a[a.length - 1];
    if (joined instanceof String text) {
      return String.join(separator, text.split("")); // a string is its characters
    }
    if (!(joined instanceof Collection<?> values)) {
      throw new IllegalArgumentException(QueryErrors.text(joined) + " is no collection");
    }
    List<String> texts = new ArrayList<>(values.size());
    for (Object value : values) {
      texts.add(show(value));
    }
    return String.join(separator, texts);
  }

  private static String replace(Object[] a) {
    return a[1] instanceof Pattern pattern
        ? pattern.matcher(text(a[0])).replaceAll(text(a[2]))
        : text(a[0]).replace(text(a[1]), text(a[2]));
  }

  private static Object groups(Matcher matcher, boolean whole) {
    if (!(whole ? matcher.matches() : matcher.find())) {
      return null;
    }
    if (matcher.groupCount() == 0) {
      return matcher.group();
    }
    String[] groups = new String[matcher.groupCount() + 1];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = matcher.group(i);
    }
    return Arrays.asList(groups);
  }
}
