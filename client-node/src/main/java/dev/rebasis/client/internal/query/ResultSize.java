package dev.rebasis.client.internal.query;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Refuses calls of a few characters whose result would take all memory: a query may come from a text that somebody sent.
 * Pure functions.
 */
final class ResultSize {
  /** Characters of a text, digits of a decimal, elements of a list. */
  static final int MAX = 1_000_000;
  private static final int BITS_MAX = 4 * MAX;
  private static final int WIDTH_DIGITS_MAX = 6;

  private ResultSize() {}

  /**
   * Checks a call of a Java method.
   *
   * @param name as the query writes it
   * @param target null if the method is static
   * @throws IllegalArgumentException if the result would be too large
   */
  static void check(String name, Object target, Object[] arguments) {
    long count = arguments.length > 0 && arguments[0] instanceof Integer n ? n : 0;
    if (target instanceof String text) {
      switch (name) {
        case "repeat" -> check(text.length() * count, MAX);
        case "indent" -> check(text.lines().count() * count, MAX);
        case "formatted" -> checkFormat(text);
        default -> { }
      }
    } else if (target instanceof BigInteger number) {
      switch (name) {
        case "shiftLeft", "setBit", "flipBit" -> check(number.bitLength() + count, BITS_MAX);
        case "shiftRight" -> check(number.bitLength() - count, BITS_MAX);
        case "pow" -> check(number.bitLength() * count, BITS_MAX);
        default -> { }
      }
    } else if (target instanceof BigDecimal number) {
      switch (name) {
        case "pow" -> check(number.precision() * count, MAX);
        case "setScale" -> check(Math.abs(count - number.scale()), MAX);
        case "toBigInteger", "toBigIntegerExact", "toPlainString" -> check(Math.abs((long) number.scale()), MAX);
        default -> { }
      }
    } else if (target == null && name.endsWith("/format")) {
      for (Object argument : arguments) {
        if (argument instanceof String format) {
          checkFormat(format);
        }
      }
    }
  }

  /** Checks that two decimals can be brought to one scale, as adding and dividing them does. */
  static void check(BigDecimal x, BigDecimal y) {
    check(Math.abs((long) x.scale() - y.scale()), MAX);
  }

  private static void check(long size, long max) {
    if (size > max) {
      throw new IllegalArgumentException("the result would be too large for a query, with " + size + " characters or bits");
    }
  }

  /** A width or precision is a run of digits. */
  private static void checkFormat(String format) {
    int digits = 0;
    for (int i = 0; i < format.length(); i++) {
      digits = Character.isDigit(format.charAt(i)) ? digits + 1 : 0;
      if (digits > WIDTH_DIGITS_MAX) {
        throw new IllegalArgumentException("a format has at most " + WIDTH_DIGITS_MAX + " digits at one place here");
      }
    }
  }
}
