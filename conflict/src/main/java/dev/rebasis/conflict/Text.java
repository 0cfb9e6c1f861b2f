package dev.rebasis.conflict;

import dev.rebasis.edn.Edn;

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
      return String.valueOf(value); // not a value that can stand in a transaction, which is what the message says
    }
  }
}
