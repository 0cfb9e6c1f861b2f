package dev.rebasis.data;

import dev.rebasis.edn.EdnList;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Arbitraries of everything that a datom, a form or a message can hold, edge cases included. */
public final class AnyValue {
  private AnyValue() {}

  /** Every scalar type. */
  public static Arbitrary<Object> scalar() {
    return Arbitraries.oneOf(
        text().map(s -> (Object) s),
        Arbitraries.of(true, false),
        longs(),
        Arbitraries.bigIntegers().map(i -> (Object) i),
        Arbitraries.bigIntegers().between(BigInteger.ONE.shiftLeft(200).negate(), BigInteger.ONE.shiftLeft(200)),
        floats(),
        doubles(),
        decimals(),
        instants(),
        uuids(),
        uris(),
        keywords(),
        symbols(),
        bytes());
  }

  /** Scalars, characters, null and collections of them inside each other. */
  public static Arbitrary<Object> form() {
    return form(3);
  }

  private static Arbitrary<Object> form(int depth) {
    Arbitrary<Object> leaf =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(8, scalar()),
            net.jqwik.api.Tuple.of(1, Arbitraries.chars().all().map(c -> (Object) c)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(null)));
    if (depth == 0) {
      return leaf;
    }
    Arbitrary<Object> inner = form(depth - 1);
    Arbitrary<List<Object>> some = inner.list().ofMaxSize(4);
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(4, leaf),
        net.jqwik.api.Tuple.of(2, some.map(list -> (Object) Collections.unmodifiableList(list))),
        net.jqwik.api.Tuple.of(1, some.map(list -> (Object) EdnList.copyOf(list))),
        net.jqwik.api.Tuple.of(1, some.map(list -> (Object) new LinkedHashSet<>(list))),
        net.jqwik.api.Tuple.of(2, some.flatMap(keys -> inner.list().ofSize(keys.size())
            .map(values -> (Object) map(keys, values)))));
  }

  private static Map<Object, Object> map(List<Object> keys, List<Object> values) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      map.put(keys.get(i), values.get(i));
    }
    return map;
  }

  /** Tuples of two to eight scalars or nulls. */
  public static Arbitrary<Object> tuple() {
    return scalar().injectNull(0.1).list().ofMinSize(2).ofMaxSize(8).map(Collections::unmodifiableList);
  }

  /** What a datom can hold. */
  public static Arbitrary<Object> datomValue() {
    return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(9, scalar()), net.jqwik.api.Tuple.of(1, tuple()));
  }

  /** Texts, with the beginnings that tags have, and lone surrogates among them. */
  public static Arbitrary<String> text() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(20),
        Arbitraries.strings().all().ofMaxLength(5),
        Arbitraries.of("", "~", "~~", "~:a", "^", "^ ", "~#set", "`", "\ud800", "\udc00x", "a\u0000b", "\\", "\"", "\u2028"),
        Combinators.combine(Arbitraries.of("~", "~:", "~i", "~#"), Arbitraries.strings().ofMaxLength(4))
            .as(String::concat));
  }

  /** Longs, those around the limits of doubles and ints among them. */
  public static Arbitrary<Object> longs() {
    return Arbitraries.oneOf(
        Arbitraries.longs(),
        Arbitraries.of(0L, -1L, 1L << 53, (1L << 53) + 1, (1L << 53) - 1, -(1L << 53), -(1L << 53) - 1, Long.MAX_VALUE,
            Long.MIN_VALUE, 1L << 31, -(1L << 31), 17592186045418L));
  }

  /** Doubles with all that are odd. */
  public static Arbitrary<Object> doubles() {
    return Arbitraries.oneOf(
        Arbitraries.doubles(),
        Arbitraries.of(0.0, -0.0, 1.0, 1e300, -1e300, 9007199254740993.0, Double.NaN, Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE));
  }

  /** Floats with all that are odd. */
  public static Arbitrary<Object> floats() {
    return Arbitraries.oneOf(
        Arbitraries.floats(),
        Arbitraries.of(0f, -0f, 0.1f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
            Float.MAX_VALUE));
  }

  /** Decimals with their scales. */
  public static Arbitrary<Object> decimals() {
    return Arbitraries.oneOf(
        Arbitraries.bigDecimals().ofScale(4),
        Arbitraries.of("0", "0.00", "0E+5", "1.0", "1.00", "1E+400", "-1E-400", "123456789012345678901234567890.5")
            .map(BigDecimal::new),
        Combinators.combine(Arbitraries.bigIntegers(), Arbitraries.integers().between(-10_000, 10_000))
            .as(BigDecimal::new));
  }

  /** Instants in whole milliseconds, of all years. */
  public static Arbitrary<Object> instants() {
    return Arbitraries.oneOf(
        Arbitraries.longs().map(Instant::ofEpochMilli),
        Arbitraries.longs().between(-62_167_219_200_000L, 253_402_300_799_999L).map(Instant::ofEpochMilli),
        Arbitraries.of(0L, -1L, 999L, Long.MIN_VALUE, Long.MAX_VALUE, -30_610_224_000_000L).map(Instant::ofEpochMilli));
  }

  /** UUIDs. */
  public static Arbitrary<Object> uuids() {
    return Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(UUID::new);
  }

  /** URIs, absolute, relative and opaque. */
  public static Arbitrary<Object> uris() {
    return Arbitraries.oneOf(
        Arbitraries.of("", "http://localhost:8484/db/orders?a=b#c", "mailto:a@b", "../x", "urn:x:y", "/%20", "ü")
            .map(URI::create),
        Arbitraries.strings().alpha().ofMaxLength(10).map(s -> URI.create("http://example.org/" + s)));
  }

  /** Keywords, readable ones and others. */
  public static Arbitrary<Object> keywords() {
    return Arbitraries.oneOf(
        Arbitraries.of(":a", ":order/number", ":a/b/c", ":1", ":2020/x", ":/", "::a", ":+1", ":nil", ":a\"b", ":{", ":~:x",
            ":-", ":ü", ":a;b", ":a\\", ":^x", ":^0").map(Keyword::of),
        Combinators.combine(name(), name()).as((space, name) -> Keyword.of(":" + space + "/" + name)));
  }

  /** Symbols, readable ones and others. */
  public static Arbitrary<Object> symbols() {
    return Arbitraries.oneOf(
        Arbitraries.of("?e", "$", "_", "%", "...", ">=", "/", "a/b", "nil", "true", "1", "+1", "-1a", "it's", "a b", "~$x",
            "a#", "x;", "ü", " ", "#x", ":a").map(Symbol::of),
        name().map(Symbol::of));
  }

  private static Arbitrary<String> name() {
    return Arbitraries.strings().withChars("abcXYZ019*!_?$%&=<>.+-:#").ofMinLength(1).ofMaxLength(6);
  }

  /** Byte strings. */
  public static Arbitrary<Object> bytes() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(Bytes::of);
  }

  /** Whether two values are equal and of the same Java types all the way down; NaN is equal to itself. */
  public static boolean same(Object x, Object y) {
    if (x == null || y == null) {
      return x == y;
    }
    if (x instanceof List<?> a && y instanceof List<?> b) {
      return a instanceof EdnList == b instanceof EdnList && a.size() == b.size() && sameAll(a, b);
    }
    if (x instanceof Map<?, ?> a && y instanceof Map<?, ?> b) {
      return a.size() == b.size() && sameAll(a.keySet(), b.keySet()) && sameAll(a.values(), b.values());
    }
    if (x instanceof Set<?> a && y instanceof Set<?> b) {
      return a.size() == b.size() && a.stream().allMatch(e -> b.stream().anyMatch(f -> same(e, f)));
    }
    return x.getClass() == y.getClass() && x.equals(y);
  }

  private static boolean sameAll(Iterable<?> xs, Iterable<?> ys) {
    List<Object> left = new ArrayList<>();
    xs.forEach(left::add);
    List<Object> right = new ArrayList<>();
    ys.forEach(right::add);
    for (int i = 0; i < left.size(); i++) {
      if (!same(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** A list from elements, nulls allowed. */
  public static List<Object> list(Object... elements) {
    return Collections.unmodifiableList(new ArrayList<>(Arrays.asList(elements)));
  }
}
