package dev.rebasis.data;

import java.util.concurrent.ConcurrentHashMap;

/**
 * A keyword such as {@code :order/number}. Interned: two equal keywords are the same object, so that comparison for
 * equality is one pointer comparison. Immutable; callers may share it.
 *
 * <p>The table of interned keywords is never cleared. Decoders of foreign input must bound what they intern
 * (see the codecs' limits), since an attacker could otherwise fill it.
 */
public final class Keyword implements Comparable<Keyword> {
  private static final ConcurrentHashMap<String, Keyword> INTERNED = new ConcurrentHashMap<>();

  private final String namespace;
  private final String name;
  private final String text;

  private Keyword(String bare) {
    int slash = bare.indexOf('/');
    boolean qualified = slash > 0 && slash < bare.length() - 1;
    this.namespace = qualified ? bare.substring(0, slash) : null;
    this.name = qualified ? bare.substring(slash + 1) : bare;
    this.text = ":".concat(bare);
  }

  /**
   * The keyword with this text.
   *
   * @param text with or without the leading colon: {@code ":order/number"} or {@code "order/number"}
   * @throws IllegalArgumentException if nothing is left without the colon, or it holds white space
   */
  public static Keyword of(String text) {
    String bare = text.startsWith(":") ? text.substring(1) : text;
    Keyword known = INTERNED.get(bare);
    if (known != null) {
      return known;
    }
    if (bare.isEmpty() || hasWhiteSpace(bare)) {
      throw new IllegalArgumentException("Not a keyword: '" + text + "'. Write it like :order/number.");
    }
    return INTERNED.computeIfAbsent(bare, Keyword::new);
  }

  // A loop, since the first use of a stream costs a program's start some milliseconds; likewise concat above.
  private static boolean hasWhiteSpace(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isWhitespace(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /**
   * The keyword with this text if this process has met it before, else null. For decoders, which bound how many new
   * keywords one message may bring.
   *
   * @param text with or without the leading colon
   */
  public static Keyword known(String text) {
    return INTERNED.get(text.startsWith(":") ? text.substring(1) : text);
  }

  /** The part before the slash, or null. */
  public String namespace() {
    return namespace;
  }

  /** The part after the slash, or all of it; never null. */
  public String name() {
    return name;
  }

  /** Orders as Datomic does: keywords without a namespace first, then by namespace, then by name. */
  @Override
  public int compareTo(Keyword other) {
    if (this == other) {
      return 0;
    }
    if (namespace == null || other.namespace == null) {
      return namespace == other.namespace ? name.compareTo(other.name) : namespace == null ? -1 : 1;
    }
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  // equals is identity, as keywords are interned; the hash is the text's, so that it is the same in every process.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The text with the leading colon. */
  @Override
  public String toString() {
    return text;
  }
}
