package dev.rebasis.conflict;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;

/** The policy that adds up differences: remote + (local - base), where a missing value counts as zero. Pure. */
final class Counter {
  private Counter() {}

  static Resolved resolve(Meeting meeting) {
    Object base = first(meeting.base());
    Object local = first(meeting.local());
    Object remote = first(meeting.remote());
    try {
      return Resolved.value(switch (meeting.attribute().valueType()) {
        case LONG -> Math.addExact(asLong(remote), Math.subtractExact(asLong(local), asLong(base)));
        case BIGINT -> asBigInteger(remote).add(asBigInteger(local).subtract(asBigInteger(base)));
        case BIGDEC -> asDecimal(remote).add(asDecimal(local).subtract(asDecimal(base)));
        case FLOAT -> (float) (asDouble(remote) + (asDouble(local) - asDouble(base)));
        default -> asDouble(remote) + (asDouble(local) - asDouble(base));
      });
    } catch (ArithmeticException e) {
      return Resolved.park("The sum of the differences is beyond 64 bits.");
    }
  }

  private static Object first(List<Object> values) {
    return values.isEmpty() ? null : values.get(0);
  }

  private static long asLong(Object value) {
    return value == null ? 0 : (Long) value;
  }

  private static BigInteger asBigInteger(Object value) {
    return value == null ? BigInteger.ZERO : (BigInteger) value;
  }

  private static BigDecimal asDecimal(Object value) {
    return value == null ? BigDecimal.ZERO : (BigDecimal) value;
  }

  private static double asDouble(Object value) {
    return value == null ? 0 : ((Number) value).doubleValue();
  }
}
