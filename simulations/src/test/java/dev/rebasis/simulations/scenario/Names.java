package dev.rebasis.simulations.scenario;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names for the ids of one scenario run. An output carries its ids in marks ({@link #mark}); an expected line names
 * them {@code ?order}. One name stands for one id everywhere, and two names never stand for the same. Confined.
 *
 * <p>An id has a kind, such as {@code e} or {@code t}, which begins the names that are invented for it.
 */
final class Names {
  private static final char OPEN = '\u27e6';
  private static final char CLOSE = '\u27e7';
  private static final char KIND_END = ':';
  private static final char HINT = '\u00a6';
  private static final String MARK = OPEN + "([^" + CLOSE + HINT + "]*)" + HINT + "([^" + CLOSE + "]*)" + CLOSE;
  private static final Pattern MARKED = Pattern.compile(MARK);
  private static final Pattern NAME = Pattern.compile("\\?[A-Za-z][A-Za-z0-9_-]*");

  private final Map<String, String> idByName = new LinkedHashMap<>();
  private final Map<String, String> nameById = new HashMap<>();

  /** An id as it stands in an output. */
  static String mark(String kind, Object id) {
    return mark(kind, id, kind);
  }

  /** The same, with the beginning of a name for it if it has none yet. */
  static String mark(String kind, Object id, String hint) {
    return OPEN + kind + KIND_END + id + HINT + hint + CLOSE;
  }

  /** A text with the ids that its names stand for; other names stay, for the variables of queries look alike. */
  String resolved(String text) {
    return NAME.matcher(text).replaceAll(name -> {
      String id = idByName.get(name.group());
      return Matcher.quoteReplacement(id == null ? name.group() : id.substring(id.indexOf(KIND_END) + 1));
    });
  }

  /** Whether an output, line by line, is what a step expects. */
  boolean matches(ScenarioFile.Step step, List<String> output) {
    if (step.expected().size() != output.size()) {
      return false;
    }
    for (int i = 0; i < output.size(); i++) {
      if (!matches(step.expected().get(i), output.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether an output line is what was expected; binds the names that it meets for the first time. */
  boolean matches(String expected, String actual) {
    StringBuilder regex = new StringBuilder();
    Matcher names = NAME.matcher(expected);
    Map<Integer, String> groups = new LinkedHashMap<>();
    int from = 0;
    while (names.find()) {
      regex.append(Pattern.quote(expected.substring(from, names.start())));
      regex.append(MARK);
      groups.put(2 * groups.size() + 1, names.group());
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
    return MARKED.matcher(actual).replaceAll(mark -> Matcher.quoteReplacement(nameOf(mark.group(1), mark.group(2))));
  }

  /** Ids to write into a text instead of marks, for messages that name none. */
  static String plain(String actual) {
    return MARKED.matcher(actual).replaceAll(mark -> Matcher.quoteReplacement(
        mark.group(1).substring(mark.group(1).indexOf(KIND_END) + 1)));
  }

  private String nameOf(String id, String hint) {
    String known = nameById.get(id);
    if (known != null) {
      return known;
    }
    boolean telling = !id.startsWith(hint + KIND_END);
    String name = telling ? "?" + hint : "?" + hint + 1;
    for (int number = 2; idByName.containsKey(name); number++) {
      name = "?" + hint + number;
    }
    bind(name, id);
    return name;
  }
}
