package dev.rebasis.conflict;

import dev.rebasis.edn.Edn;
import java.util.Collection;
import java.util.Map;

/** Values and forms inside messages. */
final class Text {
  private static final int LENGTH_MAX = 200;

  private Text() {}

  /** The value as text, cut where it is long: a message is a sentence, and forms come from strangers. */
  static String of(Object value) {
    String text = edn(value);
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
}
