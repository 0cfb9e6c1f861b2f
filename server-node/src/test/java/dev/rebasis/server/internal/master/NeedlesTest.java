package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Goal: all strings are found in a text as by asking for each. Method: random strings of few letters, and cut texts. */
class NeedlesTest {
  private static String text(Random random, int max) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(max + 1); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(2)));
    }
    return text.toString();
  }

  @Test
  void theyAreFoundAsByAskingForEach() {
    Random random = new Random(7);
    int found = 0;
    for (int round = 0; round < 3_000; round++) {
      Needles needles = new Needles();
      List<String> all = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        String needle = text(random, 12);
        needles.add(needle);
        if (!needle.isEmpty()) {
          all.add(needle);
        }
      }
      String text = text(random, 60);
      boolean expected = all.stream().anyMatch(text::contains);
      assertThat(needles.areIn(text)).as("%s in %s", all, text).isEqualTo(expected);
      found += expected ? 1 : 0;
    }
    assertThat(found).isBetween(300, 2_950);
  }

  @Test
  void theBeginningOfOneBeforeACutIsFound() {
    Needles needles = new Needles();
    needles.add("a long story about Ann");
    assertThat(needles.areCutIn("They said \"a long st… and went")).isTrue();
    assertThat(needles.areCutIn("They said …, then \"a long story about An…")).isTrue();
    assertThat(needles.areCutIn("They said \"a l… and went")).as("too little to say anything").isFalse();
    assertThat(needles.areCutIn("They said \"a long st and went…")).as("not before the cut").isFalse();
    assertThat(needles.areCutIn("a lo")).as("no cut").isFalse();
  }
}
