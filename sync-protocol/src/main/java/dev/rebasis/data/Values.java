package dev.rebasis.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;

/** Order, equality and normal form of datom values. Pure functions. */
public final class Values {
  private Values() {}

  /**
   * Compares two values of one attribute, in the order of Datomic's indexes. Values of different types (which only
   * queries compare) are ordered by type first, so that the order is total. Null (inside tuples) comes first.
   *
   * @return negative, zero or positive
   */
  public static int compare(Object x, Object y) {
    if (x == y) {
      return 0;
    }
    if (x == null || y == null) {
      return x == null ? -1 : 1;
    }
    if (x instanceof Long l && y instanceof Long m) {
      return Long.compare(l, m);
    }
    if (x instanceof String s && y instanceof String t) {
      return s.compareTo(t);
    }
    return x.getClass() == y.getClass() ? compareSameClass(x, y) : compareMixed(x, y);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static int compareSameClass(Object x, Object y) {
    if (x instanceof BigDecimal d) {
      // 1.0 and 1.00 are equal in order but not in text: the scale decides, so that no value replaces another unseen.
      int byValue = d.compareTo((BigDecimal) y);
      return byValue != 0 ? byValue : Integer.compare(d.scale(), ((BigDecimal) y).scale());
    }
    if (x instanceof List<?> list) {
      return compareTuples(list, (List<?>) y);
    }
    // Sets and maps, which only queries compare: any order will do that is the same for equal ones most of the time.
    return x instanceof Comparable c ? c.compareTo(y) : x.toString().compareTo(y.toString());
  }

  private static int compareMixed(Object x, Object y) {
    if (x instanceof List<?> a && y instanceof List<?> b) {
      return compareTuples(a, b);
    }
    int byRank = Integer.compare(rank(x), rank(y));
    return byRank != 0 ? byRank : x.getClass().getName().compareTo(y.getClass().getName());
  }

  private static int compareTuples(List<?> x, List<?> y) {
    int shared = Math.min(x.size(), y.size());
    for (int i = 0; i < shared; i++) {
      int c = compare(x.get(i), y.get(i));
      if (c != 0) {
        return c;
      }
    }
    return Integer.compare(x.size(), y.size());
  }

  private static int rank(Object value) {
    for (ValueType type : ValueType.values()) {
      if (type.javaType().isInstance(value)) {
        return type.ordinal();
      }
    }
    return ValueType.values().length;
  }

  /**
   * The normal form of what a program may pass for a type: {@code Integer} becomes {@code Long}, {@code Date} becomes
   * {@code Instant}, {@code byte[]} becomes {@link Bytes}, a tuple becomes an unmodifiable list.
   *
   * @param type the attribute's type; for {@link ValueType#REF} only entity ids are accepted here
   * @param value what the program gave
   * @return the value in its Java type, or null if it is not of the type
   */
  public static Object coerce(ValueType type, Object value) {
    return switch (type) {
      case LONG, REF -> toLong(value);
      case BIGINT -> value instanceof BigInteger ? value : value instanceof Long || value instanceof Integer
          ? BigInteger.valueOf(((Number) value).longValue()) : null;
      case INSTANT -> value instanceof Instant i ? Instant.ofEpochMilli(i.toEpochMilli())
          : value instanceof Date d ? Instant.ofEpochMilli(d.getTime()) : null;
      case BYTES -> value instanceof byte[] b ? Bytes.of(b) : value instanceof Bytes ? value : null;
      case TUPLE -> value instanceof List<?> list && list.size() >= 2 && list.size() <= 8 ? tuple(list) : null;
      case FLOAT -> value instanceof Float ? value : null;
      case DOUBLE -> value instanceof Double ? value : null;
      default -> type.javaType().isInstance(value) ? value : null;
    };
  }

  private static Object toLong(Object value) {
    if (value instanceof Long) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    return value instanceof EntityId id ? (Object) id.id() : null;
  }

  /** An unmodifiable copy that may hold nulls, its elements in normal form. */
  public static List<Object> tuple(List<?> elements) {
    List<Object> copy = new ArrayList<>(elements.size());
    for (Object element : elements) {
      copy.add(normalScalar(element));
    }
    return Collections.unmodifiableList(copy);
  }

  private static Object normalScalar(Object value) {
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Date d) {
      return Instant.ofEpochMilli(d.getTime());
    }
    return value instanceof byte[] b ? Bytes.of(b) : value;
  }
}
