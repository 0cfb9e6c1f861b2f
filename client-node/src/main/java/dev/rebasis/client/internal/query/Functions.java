package dev.rebasis.client.internal.query;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BinaryOperator;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * The functions and predicates that a query can call, by the names that they have in Datomic. All are pure; arguments
 * are values in normal form, and a {@link Source} where a data source stands. Immutable.
 */
final class Functions {
  /** What a function does. What it throws ends the query. */
  @FunctionalInterface
  interface Body {
    Object apply(Object[] arguments);
  }

  /**
   * A function.
   *
   * @param argumentsMin fewest arguments
   * @param argumentsMax most arguments
   */
  record Function(String name, int argumentsMin, int argumentsMax, Body body) {}

  private static final long RANGE_MAX = ResultSize.MAX;
  private static final int ANY = Integer.MAX_VALUE;
  private static final String CORE = "clojure.core/";
  private static final Map<String, Function> ALL = new HashMap<>();

  static {
    comparisons();
    numbers();
    types();
    collections();
    StringFunctions.putInto(Functions::put);
    DatabaseFunctions.putInto(Functions::put);
  }

  private Functions() {}

  /** Takes the functions of another class. */
  @FunctionalInterface
  interface Registry {
    void put(String name, int argumentsMin, int argumentsMax, Body body);
  }

  /** The function with this name, with or without {@code clojure.core/}, or null. */
  static Function find(Symbol name) {
    String text = name.text();
    return ALL.get(text.startsWith(CORE) ? text.substring(CORE.length()) : text);
  }

  /** The names of all, without {@code clojure.core/}. */
  static Set<String> names() {
    return Collections.unmodifiableSet(ALL.keySet());
  }

  /** The function with this name as one of one argument, or null if there is none. */
  static UnaryOperator<Object> ofOneArgument(Symbol name) {
    Function function = find(name);
    return function == null || function.argumentsMin > 1 || function.argumentsMax < 1
        ? null : value -> function.body.apply(new Object[] {value});
  }

  /** Throws if there is no such function, or it does not take so many arguments. */
  static void check(Symbol name, int arguments, Object clause) {
    Function function = find(name);
    if (function == null) {
      throw QueryErrors.unsupported(clause, "The function '" + name + "'");
    }
    if (arguments < function.argumentsMin || arguments > function.argumentsMax) {
      throw QueryErrors.in(clause, QueryErrors.INVALID_QUERY,
          "'" + name + "' does not take " + arguments + " arguments.");
    }
  }

  /** Whether a predicate's result lets a row pass: everything but nil and false. */
  static boolean isTrue(Object value) {
    return value != null && !Boolean.FALSE.equals(value);
  }

  private static void put(String name, int argumentsMin, int argumentsMax, Body body) {
    ALL.put(name, new Function(name, argumentsMin, argumentsMax, body));
  }

  private static void comparisons() {
    compare("<", c -> c < 0);
    compare("<=", c -> c <= 0);
    compare(">", c -> c > 0);
    compare(">=", c -> c >= 0);
    put("=", 1, ANY, Functions::allEqual);
    put("!=", 1, ANY, a -> !allEqual(a));
    put("not=", 1, ANY, a -> !allEqual(a));
    put("==", 1, ANY, Functions::allSameNumber);
    put("compare", 2, 2, a -> (long) Comparison.asInClojure(a[0], a[1]));
    put("identity", 1, 1, a -> a[0]);
    put("ground", 1, 1, a -> a[0]);
    put("not", 1, 1, a -> !isTrue(a[0]));
    put("true?", 1, 1, a -> Boolean.TRUE.equals(a[0]));
    put("false?", 1, 1, a -> Boolean.FALSE.equals(a[0]));
    put("boolean", 1, 1, a -> isTrue(a[0]));
  }

  private static void compare(String name, IntPredicate holds) {
    put(name, 2, 2, a -> holds.test(Comparison.compare(a[0], a[1])));
  }

  private static boolean allEqual(Object[] values) {
    for (int i = 1; i < values.length; i++) {
      if (!QueryValues.equal(values[i - 1], values[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean allSameNumber(Object[] values) {
    for (int i = 1; i < values.length; i++) {
      Number x = Arithmetic.number(values[i - 1]);
      Number y = Arithmetic.number(values[i]);
      if (Double.isNaN(x.doubleValue()) || Double.isNaN(y.doubleValue()) || Comparison.compareNumbers(x, y) != 0) {
        return false;
      }
    }
    return true;
  }

  private static void numbers() {
    put("+", 0, ANY, a -> fold(a, 0L, Arithmetic::add));
    put("*", 0, ANY, a -> fold(a, 1L, Arithmetic::multiply));
    put("-", 1, ANY, a -> a.length == 1 ? Arithmetic.negative(a[0]) : fold(a, null, Arithmetic::subtract));
    put("/", 2, 2, a -> Arithmetic.divide(a[0], a[1]));
    put("quot", 2, 2, a -> Arithmetic.quotient(a[0], a[1]));
    put("rem", 2, 2, a -> Arithmetic.remainder(a[0], a[1]));
    put("mod", 2, 2, a -> Arithmetic.modulus(a[0], a[1]));
    put("inc", 1, 1, a -> Arithmetic.add(a[0], 1L));
    put("dec", 1, 1, a -> Arithmetic.subtract(a[0], 1L));
    put("abs", 1, 1, a -> Arithmetic.absolute(a[0]));
    put("max", 1, ANY, a -> fold(a, null, (x, y) -> chosen(x, y, 1)));
    put("min", 1, ANY, a -> fold(a, null, (x, y) -> chosen(x, y, -1)));
    put("long", 1, 1, a -> Arithmetic.toLong(a[0]));
    put("double", 1, 1, a -> Arithmetic.number(a[0]).doubleValue());
    put("even?", 1, 1, a -> !Arithmetic.whole(a[0]).testBit(0));
    put("odd?", 1, 1, a -> Arithmetic.whole(a[0]).testBit(0));
    put("zero?", 1, 1, a -> Arithmetic.isZero(a[0]));
    put("pos?", 1, 1, a -> Arithmetic.sign(a[0]) > 0);
    put("neg?", 1, 1, a -> Arithmetic.sign(a[0]) < 0);
  }

  // As in Clojure: of equal numbers the last, and what is no number wins.
  private static Object chosen(Object x, Object y, int sign) {
    Number a = Arithmetic.number(x);
    Number b = Arithmetic.number(y);
    if (Double.isNaN(a.doubleValue())) {
      return a;
    }
    return !Double.isNaN(b.doubleValue()) && Integer.signum(Comparison.compareNumbers(a, b)) == sign ? a : b;
  }

  // A single argument is checked to be a number too, as in Clojure.
  private static Object fold(Object[] values, Object empty, BinaryOperator<Object> operation) {
    Object result = values.length == 0 ? empty : Arithmetic.number(values[0]);
    for (int i = 1; i < values.length; i++) {
      result = operation.apply(result, values[i]);
    }
    return result;
  }

  private static void types() {
    test("nil?", x -> x == null);
    test("some?", x -> x != null);
    test("string?", String.class::isInstance);
    test("number?", Number.class::isInstance);
    test("integer?", x -> x instanceof Long || x instanceof BigInteger);
    test("int?", Long.class::isInstance);
    test("float?", x -> x instanceof Double || x instanceof Float);
    test("double?", Double.class::isInstance);
    test("decimal?", BigDecimal.class::isInstance);
    test("boolean?", Boolean.class::isInstance);
    test("keyword?", Keyword.class::isInstance);
    test("symbol?", Symbol.class::isInstance);
    test("inst?", Instant.class::isInstance);
    test("uuid?", UUID.class::isInstance);
    test("vector?", List.class::isInstance);
  }

  private static void test(String name, Predicate<Object> predicate) {
    put(name, 1, 1, a -> predicate.test(a[0]));
  }

  private static void collections() {
    put("tuple", 0, ANY, Functions::listOf);
    put("untuple", 1, 1, a -> a[0]);
    put("vector", 0, ANY, Functions::listOf);
    put("count", 1, 1, a -> size(a[0]));
    put("empty?", 1, 1, a -> size(a[0]) == 0);
    put("first", 1, 1, a -> first(a[0]));
    put("nth", 2, 3, a -> nth(a));
    put("vec", 1, 1, a -> Collections.unmodifiableList(new ArrayList<>((Collection<?>) a[0])));
    put("set", 1, 1, a -> Collections.unmodifiableSet(new LinkedHashSet<>((Collection<?>) a[0])));
    put("range", 1, 3, a -> range(a));
    put("hash-map", 0, ANY, Functions::mapOf);
    put("get", 2, 3, a -> get(a[0], a[1], a.length == 3 ? a[2] : null));
    put("contains?", 2, 2, a -> contains(a[0], a[1]));
  }

  private static Object listOf(Object[] values) {
    return Collections.unmodifiableList(new ArrayList<>(Arrays.asList(values)));
  }

  private static Object nth(Object[] a) {
    long i = (Long) a[1];
    if (a[0] == null) {
      return a.length == 3 ? a[2] : null;
    }
    if (i >= 0 && i < size(a[0])) {
      return a[0] instanceof String text ? (Object) text.charAt((int) i) : ((List<?>) a[0]).get((int) i);
    }
    if (a.length == 3) {
      return a[2];
    }
    throw new IllegalArgumentException("there is no element " + i);
  }

  private static Object range(Object[] a) {
    BigInteger from = BigInteger.valueOf(a.length == 1 ? 0 : (Long) a[0]);
    BigInteger to = BigInteger.valueOf((Long) a[a.length == 1 ? 0 : 1]);
    BigInteger step = BigInteger.valueOf(a.length == 3 ? (Long) a[2] : 1);
    if (to.subtract(from).signum() == 0 || to.subtract(from).signum() == -step.signum()) {
      return List.of();
    }
    BigInteger count = step.signum() == 0 ? BigInteger.valueOf(Long.MAX_VALUE)
        : to.subtract(from).abs().add(step.abs()).subtract(BigInteger.ONE).divide(step.abs());
    if (count.compareTo(BigInteger.valueOf(RANGE_MAX)) > 0) {
      throw new IllegalArgumentException("a range has at most " + RANGE_MAX + " numbers here");
    }
    return LongStream.range(0, count.longValue()).map(i -> from.longValue() + i * step.longValue()).boxed().toList();
  }

  private static Object mapOf(Object[] keysAndValues) {
    if (keysAndValues.length % 2 == 1) {
      throw new IllegalArgumentException("the last key has no value");
    }
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return Collections.unmodifiableMap(map);
  }

  private static long size(Object value) {
    if (value == null) {
      return 0;
    }
    if (value instanceof CharSequence text) {
      return text.length();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Collection<?> collection) {
      return collection.size();
    }
    throw new IllegalArgumentException(QueryErrors.text(value) + " has no count");
  }

  private static Object first(Object value) {
    if (value == null || size(value) == 0) {
      return null;
    }
    return value instanceof String text ? (Object) text.charAt(0)
        : value instanceof Map<?, ?> map ? map.entrySet().iterator().next() : ((Collection<?>) value).iterator().next();
  }

  private static Object get(Object from, Object key, Object otherwise) {
    if (from instanceof Map<?, ?> map) {
      return map.containsKey(key) ? map.get(key) : otherwise;
    }
    if (from instanceof Set<?> set) {
      return set.contains(key) ? key : otherwise;
    }
    boolean inside = (from instanceof List<?> || from instanceof String) && key instanceof Long i && i >= 0 && i < size(from);
    return inside ? nth(new Object[] {from, key}) : otherwise;
  }

  private static boolean contains(Object in, Object key) {
    if (in instanceof Map<?, ?> map) {
      return map.containsKey(key);
    }
    if (in instanceof List<?> || in instanceof String) {
      return key instanceof Long i && i >= 0 && i < size(in);
    }
    return in instanceof Collection<?> collection && collection.contains(key);
  }
}
