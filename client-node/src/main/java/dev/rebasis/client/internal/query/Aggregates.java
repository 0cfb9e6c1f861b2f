package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryException;
import dev.rebasis.data.Symbol;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;

/** The aggregates of {@code :find}, by the names that they have in Datomic. Pure. */
final class Aggregates {
  private static final Map<String, Function<List<Object>, Object>> ALL = new HashMap<>();

  static {
    ALL.put("count", values -> (long) values.size());
    ALL.put("count-distinct", values -> (long) distinct(values).size());
    ALL.put("distinct", values -> Collections.unmodifiableSet(new LinkedHashSet<>(distinct(values))));
    ALL.put("min", values -> Collections.min(values, Comparison::compare));
    ALL.put("max", values -> Collections.max(values, Comparison::compare));
    ALL.put("sum", Aggregates::sum);
    ALL.put("avg", Aggregates::mean);
    ALL.put("median", Aggregates::median);
    ALL.put("variance", Aggregates::variance);
    ALL.put("stddev", values -> Math.sqrt(variance(values)));
  }

  private static final long CHOSEN_MAX = ResultSize.MAX;
  private static final Set<String> WITH_COUNT = Set.of("min", "max", "rand", "sample");

  private Aggregates() {}

  /** The names of all. */
  static Set<String> names() {
    Set<String> names = new TreeSet<>(ALL.keySet());
    names.addAll(WITH_COUNT);
    return names;
  }

  /** Throws if there is no such built-in aggregate, or it does not take these constants. */
  static void check(Symbol function, List<Object> constants, Object form) {
    if (!ALL.containsKey(function.text()) && !WITH_COUNT.contains(function.text())) {
      throw QueryErrors.in(form, QueryErrors.INVALID_AGGREGATE,
          "'" + function + "' is no aggregate; there are " + String.join(", ", names()) + ".");
    }
    boolean fits = constants.isEmpty() && !function.text().equals("sample")
        || WITH_COUNT.contains(function.text()) && constants.size() == 1 && constants.get(0) instanceof Long;
    if (!fits) {
      throw QueryErrors.in(form, QueryErrors.INVALID_AGGREGATE,
          "'" + function + "' does not take " + QueryErrors.text(constants) + " before the variable.");
    }
  }

  /**
   * The aggregate of the values of one group.
   *
   * @param values at least one
   * @param random from 0 up to, not including, its argument
   */
  static Object apply(FindSpec.Aggregate aggregate, List<Object> values, LongUnaryOperator random) {
    try {
      if (aggregate.custom() != null) {
        List<Object> arguments = new ArrayList<>(aggregate.constants());
        arguments.add(Collections.unmodifiableList(values));
        return QueryValues.normal(aggregate.custom().apply(Collections.unmodifiableList(arguments)));
      }
      String function = aggregate.function().text();
      Long count = aggregate.constants().isEmpty() ? null : (Long) aggregate.constants().get(0);
      return switch (function) {
        case "rand" -> count == null ? any(values, random) : several(count, values, random);
        case "sample" -> sample(count, values, random);
        default -> count == null ? ALL.get(function).apply(values) : extremes(function, count, values);
      };
    } catch (QueryException e) {
      throw e;
    } catch (RuntimeException e) {
      throw QueryErrors.in(aggregate.form(), QueryErrors.FUNCTION_FAILED,
          "'" + aggregate.function() + "' failed: " + e.getMessage() + ".", e);
    }
  }

  /** Each value once, as first met; as in Datomic a long and a bigint of the same value are one. */
  private static Collection<Object> distinct(List<Object> values) {
    Map<Object, Object> once = new LinkedHashMap<>();
    for (Object value : values) {
      boolean small = value instanceof BigInteger big && big.bitLength() < Long.SIZE;
      once.putIfAbsent(small ? (Object) ((BigInteger) value).longValue() : value, value);
    }
    return once.values();
  }

  private static Object any(List<Object> values, LongUnaryOperator random) {
    return values.get((int) random.applyAsLong(values.size()));
  }

  private static Object several(long count, List<Object> values, LongUnaryOperator random) {
    if (count > CHOSEN_MAX) {
      throw new IllegalArgumentException("at most " + CHOSEN_MAX + " values are chosen here");
    }
    List<Object> taken = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      taken.add(any(values, random));
    }
    return Collections.unmodifiableList(taken);
  }

  // Each value at most once: the first steps of a shuffle.
  private static Object sample(long count, List<Object> values, LongUnaryOperator random) {
    List<Object> left = new ArrayList<>(distinct(values));
    int taken = (int) Math.max(0, Math.min(count, left.size()));
    for (int i = 0; i < taken; i++) {
      Collections.swap(left, i, i + (int) random.applyAsLong(left.size() - i));
    }
    return Collections.unmodifiableList(new ArrayList<>(left.subList(0, taken)));
  }

  private static Object extremes(String function, long count, List<Object> values) {
    List<Object> sorted = new ArrayList<>(values);
    sorted.sort(function.equals("min") ? Comparison::compare : (x, y) -> Comparison.compare(y, x));
    int taken = (int) Math.max(0, Math.min(count, sorted.size()));
    return Collections.unmodifiableList(new ArrayList<>(sorted.subList(0, taken)));
  }

  private static Object sum(List<Object> values) {
    // Begun with a zero, as in Datomic: it makes a double of a float, and of a decimal one without powers of ten.
    Object sum = 0L;
    for (Object value : values) {
      sum = Arithmetic.add(sum, value);
    }
    return sum;
  }

  private static double mean(List<Object> values) {
    return Arithmetic.number(sum(values)).doubleValue() / values.size();
  }

  private static Object median(List<Object> values) {
    List<Object> sorted = new ArrayList<>(values);
    sorted.sort(Comparison::compare);
    int middle = sorted.size() / 2;
    if (sorted.size() % 2 == 1) {
      return sorted.get(middle);
    }
    // Datomic drops what is left of the division, whatever the type.
    return Arithmetic.quotient(Arithmetic.add(sorted.get(middle - 1), sorted.get(middle)), 2L);
  }

  private static double variance(List<Object> values) {
    double mean = mean(values);
    double sum = 0;
    for (Object value : values) {
      double deviation = Arithmetic.number(value).doubleValue() - mean;
      sum += deviation * deviation;
    }
    return sum / values.size();
  }
}
