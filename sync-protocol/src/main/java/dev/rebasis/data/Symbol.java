package dev.rebasis.data;

import java.util.Objects;

/**
 * A symbol such as {@code ?order} or {@code my/function}.
 *
 * @param text the whole text, never null or empty
 */
public record Symbol(String text) implements Comparable<Symbol> {
  /** Checks the text. */
  public Symbol {
    Objects.requireNonNull(text, "text");
    if (text.isEmpty()) {
      throw new IllegalArgumentException("A symbol has at least one character.");
    }
  }

  /** The symbol with this text. */
  public static Symbol of(String text) {
    return new Symbol(text);
  }

  @Override
  public int compareTo(Symbol other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
