package dev.rebasis.conflict;

import dev.rebasis.data.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;

/** When two values are the same, as Datomic sees it. Pure functions. */
final class Same {
  private Same() {}

  /**
   * Whether asserting one value where the other stands changes nothing. Datomic compares floating-point numbers by
   * less-than and greater-than: 0.0 and -0.0 are the same, and a NaN is the same as every number, so that it neither
   * replaces one nor is replaced. Decimals of another scale differ, but inside tuples they are the same.
   *
   * @param x a value of some type in normal form
   * @param y a value of the same type
   */
  static boolean value(Object x, Object y) {
    if (x instanceof Double a) {
      double b = (Double) y;
      return !(a < b) && !(a > b);
    }
    if (x instanceof Float a) {
      float b = (Float) y;
      return !(a < b) && !(a > b);
    }
    return x.equals(y) || x instanceof List<?> && Values.compareByValue(x, y) == 0;
  }

  /** Whether two values of a unique attribute are one: decimals of any scale are. */
  static boolean unique(Object x, Object y) {
    return value(x, y) || Values.compareByValue(x, y) == 0;
  }

  /** One value for all that contradict each other inside one transaction: there decimals of any scale are the same. */
  static Object key(Object v) {
    return Values.canonical(v);
  }

  /** Whether {@code :db/cas} takes the value found for the value expected: numbers of one kind by their number. */
  static boolean expected(Object found, Object expected) {
    if (found == null || expected == null) {
      return found == expected;
    }
    if (found instanceof BigDecimal a && expected instanceof BigDecimal b) {
      return a.compareTo(b) == 0;
    }
    if (isInteger(found) && isInteger(expected)) {
      return new BigInteger(found.toString()).equals(new BigInteger(expected.toString()));
    }
    if (isFloating(found) && isFloating(expected)) {
      return ((Number) found).doubleValue() == ((Number) expected).doubleValue();
    }
    return found.equals(expected);
  }

  private static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof BigInteger;
  }

  private static boolean isFloating(Object value) {
    return value instanceof Double || value instanceof Float;
  }
}
