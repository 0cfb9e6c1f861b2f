package dev.rebasis.client.internal.query;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The order that {@code <}, {@code min} and their like use: total over all values. Null comes first, then numbers by
 * their value whatever their type, then the other types; between types the order is the one that Datomic shows. Pure.
 */
final class Comparison {
  private static final List<Class<?>> TYPES = List.of(
      Number.class, Bytes.class, Keyword.class, List.class, Symbol.class, Boolean.class, String.class, URI.class,
      Instant.class, UUID.class);

  private Comparison() {}

  /** Negative, zero or positive. */
  static int compare(Object x, Object y) {
    if (x instanceof Long a && y instanceof Long b) {
      return Long.compare(a, b);
    }
    if (x == null || y == null) {
      return x == y ? 0 : x == null ? -1 : 1;
    }
    int byType = Integer.compare(rank(x), rank(y));
    if (byType != 0) {
      return byType;
    }
    return x instanceof Number a && y instanceof Number b ? compareNumbers(a, b) : Values.compare(x, y);
  }

  /**
   * The same order with the number that Clojure's {@code compare} gives: of text and names how far the first letters that
   * differ are apart, else minus one, zero or one.
   */
  static int asInClojure(Object x, Object y) {
    if (x instanceof String a && y instanceof String b) {
      return a.compareTo(b);
    }
    if (x instanceof Keyword a && y instanceof Keyword b && a.namespace() != null && b.namespace() != null) {
      int byNamespace = a.namespace().compareTo(b.namespace());
      return byNamespace != 0 ? byNamespace : a.name().compareTo(b.name());
    }
    return Integer.signum(compare(x, y));
  }

  private static int rank(Object value) {
    for (int i = 0; i < TYPES.size(); i++) {
      if (TYPES.get(i).isInstance(value)) {
        return i;
      }
    }
    return TYPES.size();
  }

  static int compareNumbers(Number x, Number y) {
    if (isFloating(x) || isFloating(y)) {
      return Double.compare(x.doubleValue(), y.doubleValue());
    }
    return decimal(x).compareTo(decimal(y));
  }

  static boolean isFloating(Number n) {
    return n instanceof Double || n instanceof Float;
  }

  static BigDecimal decimal(Number n) {
    if (n instanceof BigDecimal d) {
      return d;
    }
    return n instanceof BigInteger i ? new BigDecimal(i) : BigDecimal.valueOf(n.longValue());
  }
}
