package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A result of Datomic's with our values in it: maps, lists and sets become maps and lists. It stops at what nobody would be
 * sent, before the text of it takes several times the room. Confined to one answer.
 */
final class PlainAnswer {
  private static final int CHARS_MAX = 8 << 20;

  private long chars;

  private PlainAnswer() {}

  /**
   * Copies a result.
   *
   * @throws RebasisException {@code :rebasis.error/answer-too-large} if its text would be longer than what is sent at once
   */
  static Object of(Object result) {
    return new PlainAnswer().plain(result);
  }

  private Object plain(Object value) {
    // Each value is followed by a space, a comma or a bracket.
    count(value instanceof String text ? text.length() + 1L : 2);
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((k, v) -> copy.put(plain(k), plain(v)));
      return copy;
    }
    if (value instanceof Iterable<?> elements) {
      List<Object> copy = new ArrayList<>();
      elements.forEach(element -> copy.add(plain(element)));
      return copy;
    }
    return DatomicValues.fromDatomic(value);
  }

  private void count(long more) {
    chars += more;
    checkLength(chars);
  }

  static void checkLength(long chars) {
    if (chars > CHARS_MAX) {
      throw new RebasisException(Keyword.of(":rebasis.error/answer-too-large"), ErrorCategory.FIX_REQUEST,
          "The answer has more than the " + CHARS_MAX + " characters that are sent at once. Ask for less, or in parts.");
    }
  }
}
