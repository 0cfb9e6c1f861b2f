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

  /** Orders as Datomic does: symbols without a namespace first, then by namespace, then by name. */
  @Override
  public int compareTo(Symbol other) {
    int slash = slash();
    int otherSlash = other.slash();
    if (slash < 0 || otherSlash < 0) {
      return slash == otherSlash ? text.compareTo(other.text) : slash < 0 ? -1 : 1;
    }
    int byNamespace = text.substring(0, slash).compareTo(other.text.substring(0, otherSlash));
    return byNamespace != 0 ? byNamespace : text.substring(slash + 1).compareTo(other.text.substring(otherSlash + 1));
  }

  /** Where the namespace ends; -1 if there is none. The symbol / itself is a name. */
  private int slash() {
    return text.length() == 1 ? -1 : text.indexOf('/');
  }

  @Override
  public String toString() {
    return text;
  }
}
