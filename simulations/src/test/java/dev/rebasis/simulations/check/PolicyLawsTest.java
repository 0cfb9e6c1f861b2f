package dev.rebasis.simulations.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.math.BigInteger;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The laws of {@code max} and {@code min}, for every type that has an order. */
class PolicyLawsTest {
  private static void isGreater(Object greater, Object smaller) {
    List<Object> high = List.of(greater);
    List<Object> low = List.of(smaller);
    assertThat(PolicyLaws.extreme(high, low, 1)).isEqualTo(high);
    assertThat(PolicyLaws.extreme(low, high, 1)).isEqualTo(high);
    assertThat(PolicyLaws.extreme(high, low, -1)).isEqualTo(low);
    assertThat(PolicyLaws.extreme(low, high, -1)).isEqualTo(low);
  }

  @Test
  void numbersThatADoubleCannotTellApartDiffer() {
    isGreater(9_007_199_254_740_993L, 9_007_199_254_740_992L);
    isGreater(new BigInteger("100000000000000000000000000000001"), new BigInteger("100000000000000000000000000000000"));
    isGreater(0.5, -0.5);
  }

  @Test
  void whatIsNoNumberIsOrderedToo() {
    isGreater(Edn.read("#inst \"2002-01-01T00:00:00.001-00:00\""), Edn.read("#inst \"2002-01-01T00:00:00.000-00:00\""));
    isGreater("b", "a");
    isGreater(Keyword.of(":b/a"), Keyword.of(":a/b"));
    isGreater(true, false);
    isGreater(new UUID(1, 2), new UUID(1, 1));
  }

  @Test
  void whoeverHasAValueWinsOverWhoHasNone() {
    assertThat(PolicyLaws.extreme(List.of(), List.of("a"), 1)).isEqualTo(List.of("a"));
    assertThat(PolicyLaws.extreme(List.of("a"), List.of(), -1)).isEqualTo(List.of("a"));
  }
}
