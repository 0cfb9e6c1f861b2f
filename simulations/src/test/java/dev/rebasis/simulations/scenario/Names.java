package dev.rebasis.simulations.scenario;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names for the ids of one scenario run. An output carries its ids in marks ({@link #mark}); an expected line names
 * them {@code ?order}. One name stands for one id everywhere, and two names never stand for the same. Confined.
 */
final class Names {
  private static final char OPEN = '\u27e6';
  private static final char CLOSE = '\u27e7';
  private static final Pattern MARKED = Pattern.compile(OPEN + "([^" + CLOSE + "]*)" + CLOSE);
  private static final Pattern NAME = Pattern.compile("\\?[A-Za-z][A-Za-z0-9_-]*");

  private final Map<String, String> idByName = new LinkedHashMap<>();
  private final Map<String, String> nameById = new HashMap<>();

  /** An id as it stands in an output. */
  static String mark(Object id) {
    return OPEN + String.valueOf(id) + CLOSE;
  }

  /** The id that a name stands for, or null. */
  String id(String name) {
    return idByName.get(name);
  }

  /** Whether an output line is what was expected; binds the names that it meets for the first time. */
  boolean matches(String expected, String actual) {
    StringBuilder regex = new StringBuilder();
    Matcher names = NAME.matcher(expected);
    Map<Integer, String> groups = new LinkedHashMap<>();
    int from = 0;
    while (names.find()) {
      regex.append(Pattern.quote(expected.substring(from, names.start())));
      regex.append(OPEN).append("([^").append(CLOSE).append("]*)").append(CLOSE);
      groups.put(groups.size() + 1, names.group());
      from = names.end();
    }
    regex.append(Pattern.quote(expected.substring(from)));
    Matcher whole = Pattern.compile(regex.toString()).matcher(actual);
    if (!whole.matches()) {
      return false;
    }
    return groups.entrySet().stream().allMatch(group -> bind(group.getValue(), whole.group(group.getKey())));
  }

  private boolean bind(String name, String id) {
    String known = idByName.putIfAbsent(name, id);
    String other = nameById.putIfAbsent(id, name);
    return (known == null || known.equals(id)) && (other == null || other.equals(name));
  }

  /** The output with names for its ids, new ones where an id has none yet. */
  String named(String actual) {
    return MARKED.matcher(actual).replaceAll(mark -> Matcher.quoteReplacement(nameOf(mark.group(1))));
  }

  private String nameOf(String id) {
    String known = nameById.get(id);
    if (known != null) {
      return known;
    }
    String name = "?e" + (nameById.size() + 1);
    while (idByName.containsKey(name)) {
      name = name + "x";
    }
    bind(name, id);
    return name;
  }
}
