package dev.rebasis.client.internal.query;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * Arithmetic as Clojure does it: the wider type wins (long, bigint, bigdec, double), a long that overflows is an error.
 * One thing is Datomic's own: {@code /} of two whole numbers drops the remainder. Pure functions.
 */
final class Arithmetic {
  /** One operation in each of the four types. */
  private record Operation(
      LongBinaryOperator longs,
      BinaryOperator<BigInteger> bigs,
      BinaryOperator<BigDecimal> decimals,
      DoubleBinaryOperator doubles) {
  }

  private static final Operation ADD =
      new Operation(Math::addExact, BigInteger::add, BigDecimal::add, (x, y) -> x + y);
  private static final Operation SUBTRACT =
      new Operation(Math::subtractExact, BigInteger::subtract, BigDecimal::subtract, (x, y) -> x - y);
  private static final Operation MULTIPLY =
      new Operation(Math::multiplyExact, BigInteger::multiply, BigDecimal::multiply, (x, y) -> x * y);
  private static final Operation DIVIDE =
      new Operation(Arithmetic::longQuotient, BigInteger::divide, BigDecimal::divide, (x, y) -> x / y);
  private static final Operation QUOTIENT =
      new Operation(Arithmetic::longQuotient, BigInteger::divide, BigDecimal::divideToIntegralValue, Arithmetic::doubleQuotient);

  private Arithmetic() {}

  static Object add(Object x, Object y) {
    return apply(ADD, number(x), number(y));
  }

  static Object subtract(Object x, Object y) {
    return apply(SUBTRACT, number(x), number(y));
  }

  /** Unlike what is subtracted from zero, the negative of 0.0 is -0.0, and that of a decimal has its scale. */
  static Object negative(Object x) {
    Number n = number(x);
    if (Comparison.isFloating(n)) {
      return -n.doubleValue();
    }
    return n instanceof BigDecimal decimal ? decimal.negate() : subtract(0L, n);
  }

  /** Clojure's {@code abs}: of the smallest long it is that long, and of a float a double. */
  static Object absolute(Object x) {
    Number n = number(x);
    if (n instanceof Long whole) {
      return Math.abs(whole);
    }
    if (Comparison.isFloating(n)) {
      return Math.abs(n.doubleValue());
    }
    return n instanceof BigInteger big ? big.abs() : ((BigDecimal) n).abs();
  }

  static Object multiply(Object x, Object y) {
    return apply(MULTIPLY, number(x), number(y));
  }

  static Object divide(Object x, Object y) {
    return apply(DIVIDE, number(x), nonZero(y));
  }

  static Object quotient(Object x, Object y) {
    return apply(QUOTIENT, number(x), nonZero(y));
  }

  static Object remainder(Object x, Object y) {
    Object whole = multiply(quotient(x, y), y);
    return subtract(x, whole);
  }

  /** Like the remainder, but with the sign of the divisor. */
  static Object modulus(Object x, Object y) {
    Object remainder = remainder(x, y);
    boolean otherSign = sign(remainder) != 0 && sign(remainder) > 0 != sign(y) > 0;
    return otherSign ? add(remainder, y) : remainder;
  }

  /** Whether it is zero; what is no number is not. */
  static boolean isZero(Object x) {
    Number n = number(x);
    return Comparison.isFloating(n) ? n.doubleValue() == 0 : Comparison.decimal(n).signum() == 0;
  }

  /**
   * As Clojure's {@code long} gives it: what is behind the point is dropped, what does not fit is refused.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  static long toLong(Object x) {
    Number n = number(x);
    if (n instanceof BigInteger big) {
      if (big.bitLength() >= Long.SIZE) {
        throw new IllegalArgumentException(x + " is out of range for a long");
      }
      return big.longValue();
    }
    if (n instanceof Long whole) {
      return whole;
    }
    double value = n.doubleValue();
    if (value < Long.MIN_VALUE || value > Long.MAX_VALUE) {
      throw new IllegalArgumentException(x + " is out of range for a long");
    }
    return (long) value;
  }

  /** Minus one, zero or one. */
  static int sign(Object x) {
    Number n = number(x);
    return Comparison.isFloating(n) ? (int) Math.signum(n.doubleValue()) : Comparison.decimal(n).signum();
  }

  static Number number(Object x) {
    if (x instanceof Number n) {
      return n;
    }
    throw new IllegalArgumentException(QueryErrors.text(x) + " is not a number");
  }

  static BigInteger whole(Object x) {
    if (x instanceof Long l) {
      return BigInteger.valueOf(l);
    }
    if (x instanceof BigInteger big) {
      return big;
    }
    throw new IllegalArgumentException(QueryErrors.text(x) + " is not a whole number");
  }

  private static Number nonZero(Object y) {
    if (isZero(y)) {
      throw new ArithmeticException("division by zero");
    }
    return number(y);
  }

  private static long longQuotient(long x, long y) {
    if (x == Long.MIN_VALUE && y == -1) {
      throw new ArithmeticException("long overflow");
    }
    return x / y;
  }

  private static double doubleQuotient(double x, double y) {
    return new BigDecimal(x / y).setScale(0, RoundingMode.DOWN).doubleValue();
  }

  private static Object apply(Operation op, Number x, Number y) {
    if (x instanceof Long a && y instanceof Long b) {
      return op.longs.applyAsLong(a, b);
    }
    if (Comparison.isFloating(x) || Comparison.isFloating(y)) {
      return op.doubles.applyAsDouble(x.doubleValue(), y.doubleValue());
    }
    if (x instanceof BigDecimal || y instanceof BigDecimal) {
      BigDecimal a = Comparison.decimal(x);
      BigDecimal b = Comparison.decimal(y);
      ResultSize.check(a, b);
      return op.decimals.apply(a, b);
    }
    return op.bigs.apply(whole(x), whole(y));
  }
}
