package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Objects;

/**
 * When two values are the same in a query, which is wider than when they are the same in an index: Datomic's rules are
 * Clojure's, where whole numbers are equal across their types, floats and doubles too, but 1 is not 1.0. Pure functions.
 */
final class QueryValues {
  private static final int LONG_BITS = 63;
  private static final int LONG_DIGITS = 19;

  private QueryValues() {}

  /** What a program may pass, in the types of {@link ValueType}; lists element by element. */
  static Object normal(Object value) {
    if (value instanceof Long || value instanceof String || value instanceof Keyword) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Date date) {
      return Instant.ofEpochMilli(date.getTime());
    }
    if (value instanceof Instant instant) {
      return instant.truncatedTo(ChronoUnit.MILLIS); // as facts have it
    }
    if (value instanceof byte[] bytes) {
      return Bytes.of(bytes);
    }
    return value instanceof List<?> list ? normalList(list) : value;
  }

  private static List<Object> normalList(List<?> list) {
    List<Object> copy = new ArrayList<>(list.size());
    for (Object element : list) {
      copy.add(normal(element));
    }
    return Collections.unmodifiableList(copy);
  }

  /** A key for hashing: two values that a join should match have equal keys. */
  static Object key(Object value) {
    if (value instanceof BigInteger big && big.bitLength() <= LONG_BITS) {
      return big.longValue();
    }
    return value instanceof Float f ? (Object) (double) f : value;
  }

  /**
   * A key for hashing: two values that Clojure's {@code compare} takes for equal have equal keys, which is wider than what a join
   * matches. Numbers are equal by their value, whatever their type: 1, 1.0 and 1.00M. Not so a double and a long or decimal that
   * it is nearest to without having its value: {@code compare} takes these for equal too, but not transitively, so no key can.
   */
  static Object comparedKey(Object value) {
    if (value instanceof Long || value instanceof String || value instanceof Keyword) {
      return value;
    }
    if (value instanceof List<?> list) {
      List<Object> keys = new ArrayList<>(list.size());
      list.forEach(element -> keys.add(comparedKey(element)));
      return keys;
    }
    return value instanceof Number number ? numberKey(number) : value;
  }

  private static Object numberKey(Number number) {
    if (Comparison.isFloating(number) && !Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    // Of a double the shortest decimal that means it, as 0.1M is compared with 0.1.
    BigDecimal decimal = (Comparison.isFloating(number) ? BigDecimal.valueOf(number.doubleValue()) : Comparison.decimal(number))
        .stripTrailingZeros();
    boolean small = decimal.scale() <= 0 && decimal.precision() - decimal.scale() <= LONG_DIGITS;
    return small ? key(decimal.toBigIntegerExact()) : decimal;
  }

  /** Whether a join matches them. */
  static boolean same(Object x, Object y) {
    return x == y || Objects.equals(x, y) || Objects.equals(key(x), key(y));
  }

  /** Clojure's {@code =}: like {@link #same}, but decimals whatever their scale, and lists element by element. */
  static boolean equal(Object x, Object y) {
    if (x instanceof BigDecimal d && y instanceof BigDecimal e) {
      return d.compareTo(e) == 0;
    }
    if (x instanceof List<?> a && y instanceof List<?> b) {
      return equalLists(a, b);
    }
    return same(x, y);
  }

  private static boolean equalLists(List<?> x, List<?> y) {
    if (x.size() != y.size()) {
      return false;
    }
    for (int i = 0; i < x.size(); i++) {
      if (!equal(x.get(i), y.get(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The value as an index of the attribute holds it.
   *
   * @param value in normal form; for a reference an entity id
   * @return null if no fact of this attribute can have this value
   */
  static Object forIndex(Attribute attribute, Object value) {
    ValueType type = attribute.valueType();
    return switch (type) {
      case LONG, REF -> value instanceof BigInteger ? key(value) instanceof Long l ? l : null : ifInstance(type, value);
      case BIGINT -> value instanceof Long l ? BigInteger.valueOf(l) : ifInstance(type, value);
      case DOUBLE -> value instanceof Float f ? (Object) (double) f : ifInstance(type, value);
      case FLOAT -> value instanceof Double d ? (float) (double) d == d ? (Object) (float) (double) d : null
          : ifInstance(type, value);
      case KEYWORD -> value instanceof String s && isKeywordText(s) ? Keyword.of(s) : ifInstance(type, value);
      case TUPLE -> value instanceof List<?> list ? Values.tuple(list) : null;
      default -> ifInstance(type, value);
    };
  }

  private static Object ifInstance(ValueType type, Object value) {
    return type.javaType().isInstance(value) ? value : null;
  }

  /** The keyword that a text writes; any other value as it is. */
  static Object keyword(Object value) {
    return value instanceof String s && isKeywordText(s) ? Keyword.of(s) : value;
  }

  /** Like {@link #forIndex}, for a value that was found or computed: a text is no keyword. */
  static Object stored(Attribute attribute, Object value) {
    return attribute.valueType() == ValueType.KEYWORD ? ifInstance(ValueType.KEYWORD, value) : forIndex(attribute, value);
  }

  /** Whether the text can be read as a keyword: {@code ":order/number"}. */
  static boolean isKeywordText(String text) {
    return text.length() > 1 && text.charAt(0) == ':' && text.chars().noneMatch(Character::isWhitespace);
  }
}
