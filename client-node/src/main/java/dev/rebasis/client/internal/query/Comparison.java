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
    if (x instanceof Keyword && y instanceof Keyword || x instanceof Symbol && y instanceof Symbol) {
      return compareNames(x, y);
    }
    if (x instanceof List<?> a && y instanceof List<?> b) {
      return compareLists(a, b);
    }
    return Integer.signum(compare(x, y));
  }

  private static int compareNames(Object x, Object y) {
    String namespace = StringFunctions.namespace(x);
    String other = StringFunctions.namespace(y);
    if (namespace == null || other == null) {
      return namespace != null ? 1 : other != null ? -1 : StringFunctions.name(x).compareTo(StringFunctions.name(y));
    }
    int byNamespace = namespace.compareTo(other);
    return byNamespace != 0 ? byNamespace : StringFunctions.name(x).compareTo(StringFunctions.name(y));
  }

  private static int compareLists(List<?> x, List<?> y) {
    for (int i = 0; i < x.size() && i < y.size(); i++) {
      int byElement = asInClojure(x.get(i), y.get(i));
      if (byElement != 0) {
        return byElement;
      }
    }
    return Integer.compare(x.size(), y.size());
  }

  private static int rank(Object value) {
    for (int i = 0; i < TYPES.size(); i++) {
      if (TYPES.get(i).isInstance(value)) {
        return i;
      }
    }
    return TYPES.size();
  }

  /** By value; what is no number is neither less nor greater than anything, as in Datomic. */
  static int compareNumbers(Number x, Number y) {
    if (isFloating(x) || isFloating(y)) {
      return x.doubleValue() < y.doubleValue() ? -1 : x.doubleValue() > y.doubleValue() ? 1 : 0;
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
