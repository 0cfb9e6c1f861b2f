package dev.rebasis.simulations.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

/** The delays of lines have the distributions that their conditions name. */
class LinkConditionsTest {
  private static final int DRAWS = 20_000;

  private static double share(LinkConditions line, LongPredicate which) {
    Random random = new Random(7);
    int count = 0;
    for (int i = 0; i < DRAWS; i++) {
      count += which.test(line.delayMillis(random)) ? 1 : 0;
    }
    return (double) count / DRAWS;
  }

  @Test
  void aHeavyTailMakesMostQuickAndFewVerySlow() {
    LinkConditions line = new LinkConditions(10, 60_000, 0, 0, 0, 1.1);
    // Pareto: the share above x is (min / x) ^ shape.
    assertThat(share(line, delay -> delay >= 80)).isBetween(0.08, 0.12);
    assertThat(share(line, delay -> delay >= 660)).isBetween(0.005, 0.016);
    assertThat(share(line, delay -> delay < 10 || delay > 60_000)).isZero();
  }

  @Test
  void withoutATailAllDelaysAreAsLikely() {
    LinkConditions line = new LinkConditions(100, 199, 0, 0, 0);
    assertThat(share(line, delay -> delay < 150)).isBetween(0.48, 0.52);
    assertThat(share(line, delay -> delay < 100 || delay > 199)).isZero();
  }

  @Test
  void aShapeIsNotNegative() {
    assertThatThrownBy(() -> new LinkConditions(1, 2, 0, 0, 0, -1)).hasMessageContaining("-1");
  }
}
