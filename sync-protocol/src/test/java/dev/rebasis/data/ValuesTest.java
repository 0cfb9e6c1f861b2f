package dev.rebasis.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Goal: values and datoms have one total order that agrees with equality. Method: properties over all types. */
class ValuesTest {

  @Provide
  Arbitrary<Object> values() {
    // Small pools, so that equal and nearly equal values meet.
    return Arbitraries.oneOf(
        AnyValue.datomValue(),
        Arbitraries.of(0.0, -0.0, Double.NaN, 1.0, 0f, -0f, Float.NaN, 1f, 0L, 1L, BigInteger.ZERO, BigInteger.ONE),
        Arbitraries.of("0", "0.0", "0.00", "1", "1.0", "1E+2", "100", "-1").map(BigDecimal::new),
        Arbitraries.of(":a", ":b", ":a/a", ":a/b", ":b/a", ":a/", ":/a", ":/", ":a/b/c").map(Keyword::of),
        Arbitraries.integers().between(0, 2).list().ofMaxSize(3).map(AnyValueLists::bytes),
        Arbitraries.of(0.0, -0.0, Double.NaN, new BigDecimal("1.0"), new BigDecimal("1.00"), 1L, null).list().ofMinSize(2)
            .ofMaxSize(3).map(l -> Collections.unmodifiableList((List<?>) l)),
        Arbitraries.of(0L, 1L, null).list().ofMinSize(2).ofMaxSize(3).map(l -> Collections.unmodifiableList((List<?>) l)));
  }

  /** Helpers for lambdas that jqwik cannot infer. */
  private static final class AnyValueLists {
    static Object bytes(List<Integer> elements) {
      byte[] bytes = new byte[elements.size()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (elements.get(i) - 1);
      }
      return Bytes.of(bytes);
    }
  }

  @Property(tries = 5000, edgeCases = EdgeCasesMode.NONE)
  void compare_isATotalOrderThatAgreesWithEquality(
      @ForAll("values") Object x, @ForAll("values") Object y, @ForAll("values") Object z) {
    int xy = Integer.signum(Values.compare(x, y));
    assertThat(Integer.signum(Values.compare(y, x))).isEqualTo(-xy);
    assertThat(xy == 0).as("%s, %s", x, y).isEqualTo(x.equals(y));
    assertThat(Values.compare(x, x)).isZero();
    if (xy <= 0 && Values.compare(y, z) <= 0) {
      assertThat(Values.compare(x, z)).as("%s, %s, %s", x, y, z).isLessThanOrEqualTo(0);
    }
  }

  @Property(tries = 5000, edgeCases = EdgeCasesMode.NONE)
  void compareByValue_takesTheFormsOfOneValueTogether(@ForAll("values") Object x, @ForAll("values") Object y) {
    int byValue = Integer.signum(Values.compareByValue(x, y));
    assertThat(byValue == 0).as("%s, %s", x, y).isEqualTo(Values.canonical(x).equals(Values.canonical(y)));
    assertThat(Integer.signum(Values.compareByValue(y, x))).isEqualTo(-byValue);
    assertThat(Values.compareByValue(x, Values.canonical(x))).isZero();
    assertThat(byValue != 0 ? byValue : Integer.signum(Values.compareForms(x, y)))
        .isEqualTo(Integer.signum(Values.compare(x, y)));
    if (Values.hasSeveralForms(x)) {
      boolean same = byValue == 0;
      assertThat(Integer.signum(Values.compare(Values.before(x), y))).isEqualTo(same ? -1 : byValue);
      assertThat(Integer.signum(Values.compare(Values.behind(x), y))).isEqualTo(same ? 1 : byValue);
      assertThat(Values.compare(Values.before(x), Values.behind(x))).isNegative();
    } else {
      assertThat(Values.before(x)).isSameAs(x);
    }
  }

  @Provide
  Arbitrary<Datom> datoms() {
    Arbitrary<Long> small = Arbitraries.longs().between(-1, 2);
    return Combinators.combine(small, small, values(), small, Arbitraries.of(true, false)).as(Datom::new);
  }

  @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
  void datomOrders_areTotalAndAgreeWithEquality(@ForAll("datoms") Datom x, @ForAll("datoms") Datom y) {
    for (IndexOrder order : IndexOrder.values()) {
      Comparator<Datom> comparator = DatomOrder.of(order);
      assertThat(comparator.compare(x, y) == 0).isEqualTo(x.equals(y));
      assertThat(Integer.signum(comparator.compare(x, y))).isEqualTo(-Integer.signum(comparator.compare(y, x)));
    }
  }

  @Test
  void compare_ordersAsDatomicDoes() {
    assertThat(sorted("b", "a", "B")).containsExactly("B", "a", "b");
    assertThat(sorted(Keyword.of(":b"), Keyword.of(":a/z"), Keyword.of(":a")))
        .containsExactly(Keyword.of(":a"), Keyword.of(":b"), Keyword.of(":a/z"));
    assertThat(sorted(Symbol.of("s.t/a"), Symbol.of("s/z"), Symbol.of("t"), Symbol.of("s/b"), Symbol.of("/")))
        .as("by the whole namespace, though '.' comes before '/'")
        .containsExactly(Symbol.of("/"), Symbol.of("t"), Symbol.of("s/b"), Symbol.of("s/z"), Symbol.of("s.t/a"));
    assertThat(sorted(bytes(1, 2), bytes(0x7f), bytes(0xff), bytes(), bytes(0x80), bytes(0, 0, 0)))
        .containsExactly(bytes(), bytes(0x80), bytes(0xff), bytes(0x7f), bytes(1, 2), bytes(0, 0, 0));
    assertThat(sorted(Double.NaN, 1.0, Double.NEGATIVE_INFINITY)).containsExactly(Double.NEGATIVE_INFINITY, 1.0, Double.NaN);
    assertThat(sorted(AnyValue.list(1L, 2L), AnyValue.list(1L, null), AnyValue.list(0L, 9L)))
        .containsExactly(AnyValue.list(0L, 9L), AnyValue.list(1L, null), AnyValue.list(1L, 2L));
  }

  private static Bytes bytes(int... unsigned) {
    byte[] bytes = new byte[unsigned.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) unsigned[i];
    }
    return Bytes.of(bytes);
  }

  private static List<Object> sorted(Object... values) {
    List<Object> list = new ArrayList<>(List.of(values));
    list.sort(Values::compare);
    return list;
  }

  @Test
  void coerce_givesTheNormalFormOrNull() {
    assertThat(Values.coerce(ValueType.LONG, 5)).isEqualTo(5L);
    assertThat(Values.coerce(ValueType.LONG, BigInteger.ONE)).isNull();
    assertThat(Values.coerce(ValueType.REF, EntityId.of(-7))).isEqualTo(-7L);
    assertThat(Values.coerce(ValueType.BIGINT, 5L)).isEqualTo(BigInteger.valueOf(5));
    assertThat(Values.coerce(ValueType.INSTANT, new Date(5))).isEqualTo(Instant.ofEpochMilli(5));
    assertThat(Values.coerce(ValueType.INSTANT, Instant.ofEpochSecond(0, 1_999_999))).isEqualTo(Instant.ofEpochMilli(1));
    assertThat(Values.coerce(ValueType.BYTES, new byte[] {1})).isEqualTo(Bytes.of((byte) 1));
    assertThat(Values.coerce(ValueType.STRING, 5L)).isNull();
    assertThat(Values.coerce(ValueType.DOUBLE, 5L)).isNull();
    assertThat(Values.coerce(ValueType.TUPLE, List.of(1L))).isNull();
    assertThat(Values.coerce(ValueType.TUPLE, AnyValue.list(1, null))).isEqualTo(AnyValue.list(1L, null));
  }
}
