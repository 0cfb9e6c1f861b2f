package dev.rebasis.protocol.codec;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.protocol.OutcomeKind;
import java.util.Locale;

/** How enumerated values are spelled on the wire: lower case, with hyphens. Pure functions. */
final class Words {
  private static final OutcomeKind[] KINDS = OutcomeKind.values();
  private static final ErrorCategory[] CATEGORIES = ErrorCategory.values();

  private Words() {}

  static String of(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static OutcomeKind kind(String word) {
    return find(KINDS, word, "kind of outcome");
  }

  static ErrorCategory category(String word) {
    return find(CATEGORIES, word, "category of errors");
  }

  private static <E extends Enum<E>> E find(E[] all, String word, String what) {
    for (E value : all) {
      if (of(value).equals(word)) {
        return value;
      }
    }
    throw new WireFault("there is no such " + what);
  }
}
