package dev.rebasis.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.UUID;

/** Order, equality and normal form of datom values. Pure functions. */
public final class Values {
  private Values() {}

  /**
   * A place in an order beside all values that {@link #compareByValue} takes for the same as one.
   *
   * @param side -1 before them, 1 behind them
   */
  private record Edge(Object v, int side) {}

  /** What sorts right before all that are the same as a value by {@link #compareByValue}; only to be compared. */
  public static Object before(Object v) {
    return hasSeveralForms(v) ? new Edge(v, -1) : v;
  }

  /** What sorts right behind all that are the same as a value by {@link #compareByValue}; only to be compared. */
  public static Object behind(Object v) {
    return hasSeveralForms(v) ? new Edge(v, 1) : v;
  }

  /** Whether other values may be the same as this one by {@link #compareByValue}: of decimals, floating zeros and tuples. */
  public static boolean hasSeveralForms(Object v) {
    return v instanceof BigDecimal || v instanceof Double || v instanceof Float || v instanceof List<?>;
  }

  /**
   * Compares two values of one attribute, first as Datomic's indexes do ({@link #compareByValue}), then by form: 1.0M and
   * 1.00M are told apart, so that none replaces another unseen. Total.
   *
   * @return negative, zero or positive; zero only for equal values
   */
  public static int compare(Object x, Object y) {
    int byValue = compareByValue(x, y);
    return byValue != 0 ? byValue : compareForms(x, y);
  }

  /**
   * Compares as Datomic's indexes do: decimals whatever their scale, -0.0 as 0.0, tuples element by element so. Values of
   * different types (which only queries compare) are ordered by type first, so that the order is total. Null (inside tuples)
   * comes first, what is no number last of its type.
   *
   * @return negative, zero or positive
   */
  public static int compareByValue(Object x, Object y) {
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

  /**
   * Compares two values that are the same by {@link #compareByValue}: decimals by scale, zeros by sign, tuples by the first
   * element that differs so.
   *
   * @return negative, zero or positive
   */
  public static int compareForms(Object x, Object y) {
    // Most are of these; by class, which costs nothing, while whether one is a list takes a search among its interfaces.
    if (x instanceof Long && y instanceof Long || x instanceof String && y instanceof String) {
      return 0;
    }
    if (x instanceof BigDecimal d && y instanceof BigDecimal e) {
      return Integer.compare(d.scale(), e.scale());
    }
    if (x instanceof Double d && y instanceof Double e) {
      return Double.compare(d, e);
    }
    if (x instanceof Float f && y instanceof Float g) {
      return Float.compare(f, g);
    }
    if (x instanceof List<?> a && y instanceof List<?> b) {
      return compareElements(a, b, Values::compareForms);
    }
    return x instanceof Edge || y instanceof Edge ? Integer.compare(side(x), side(y)) : 0;
  }

  private static int side(Object v) {
    return v instanceof Edge edge ? edge.side() : 0;
  }

  /**
   * One form for all values that {@link #compareByValue} takes for the same: decimals without zeros at their end, zeros
   * without a sign.
   */
  public static Object canonical(Object v) {
    if (v instanceof BigDecimal d) {
      return d.stripTrailingZeros();
    }
    if (v instanceof Double d) {
      return d == 0 ? (Object) 0.0 : d;
    }
    if (v instanceof Float f) {
      return f == 0 ? (Object) 0.0f : f;
    }
    return v instanceof List<?> list ? canonicalTuple(list) : v;
  }

  private static List<Object> canonicalTuple(List<?> elements) {
    List<Object> all = new ArrayList<>(elements.size());
    elements.forEach(element -> all.add(canonical(element)));
    return Collections.unmodifiableList(all);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static int compareSameClass(Object x, Object y) {
    if (x instanceof Instant i) {
      return i.compareTo((Instant) y);
    }
    if (x instanceof UUID u) {
      return u.compareTo((UUID) y);
    }
    if (x instanceof Keyword k) {
      return k.compareTo((Keyword) y);
    }
    if (x instanceof Double d) {
      return (double) d == (Double) y ? 0 : d.compareTo((Double) y);
    }
    if (x instanceof Float f) {
      return (float) f == (Float) y ? 0 : f.compareTo((Float) y);
    }
    if (x instanceof Edge edge) {
      return compareByValue(edge.v(), ((Edge) y).v());
    }
    if (x instanceof List<?> list) {
      return compareTuples(list, (List<?>) y);
    }
    // Sets and maps, which only queries compare: any order will do that is the same for equal ones most of the time.
    return x instanceof Comparable c ? c.compareTo(y) : x.toString().compareTo(y.toString());
  }

  private static int compareMixed(Object x, Object y) {
    if (x instanceof Edge || y instanceof Edge) {
      return compareByValue(x instanceof Edge edge ? edge.v() : x, y instanceof Edge edge ? edge.v() : y);
    }
    if (x instanceof List<?> a && y instanceof List<?> b) {
      return compareTuples(a, b);
    }
    int byRank = Integer.compare(rank(x), rank(y));
    return byRank != 0 ? byRank : x.getClass().getName().compareTo(y.getClass().getName());
  }

  private static int compareTuples(List<?> x, List<?> y) {
    int c = compareElements(x, y, Values::compareByValue);
    return c != 0 ? c : Integer.compare(x.size(), y.size());
  }

  private static int compareElements(List<?> x, List<?> y, Comparator<Object> order) {
    int shared = Math.min(x.size(), y.size());
    int c = 0;
    for (int i = 0; c == 0 && i < shared; i++) {
      c = order.compare(x.get(i), y.get(i));
    }
    return c;
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
    if (value instanceof Instant i) {
      return Instant.ofEpochMilli(i.toEpochMilli());
    }
    return value instanceof byte[] b ? Bytes.of(b) : value;
  }
}
