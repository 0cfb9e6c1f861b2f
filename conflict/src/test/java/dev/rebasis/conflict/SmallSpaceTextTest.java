package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a text merge does what three-way merging means, on every three short texts. Method: all texts of up to three words
 * out of three, as words of a line and as lines, merged with each other on several bases. No word is lost that one side
 * added, none appears that nobody added, whoever merges with whom, and what one side alone changed stands as it made it. (A
 * word of the base may stand twice where both sides moved it.)
 */
class SmallSpaceTextTest {
  private static final List<String> WORDS = List.of("a", "b", "x");

  @ParameterizedTest
  @ValueSource(strings = {" ", "\n"})
  void everyThreeShortTexts(String separator) {
    List<List<String>> texts = texts();
    int merged = 0;
    for (List<String> base : List.of(List.<String>of(), List.of("a"), List.of("a", "b"), List.of("a", "b", "a"))) {
      for (List<String> local : texts) {
        for (List<String> remote : texts) {
          merged += check(base, local, remote, separator);
        }
      }
    }
    assertThat(merged).as("merged without a conflict").isGreaterThan(3_000);
  }

  private static List<List<String>> texts() {
    List<List<String>> all = new ArrayList<>(List.of(List.of()));
    List<List<String>> longest = List.of(List.of());
    for (int length = 1; length <= 3; length++) {
      List<List<String>> longer = new ArrayList<>();
      for (List<String> text : longest) {
        for (String word : WORDS) {
          List<String> more = new ArrayList<>(text);
          more.add(word);
          longer.add(more);
        }
      }
      all.addAll(longer);
      longest = longer;
    }
    return all;
  }

  private static int check(List<String> base, List<String> local, List<String> remote, String separator) {
    String result = TextMerge.merge(
        text(base, separator), text(local, separator), text(remote, separator), false);
    String marked = TextMerge.merge(
        text(base, separator), text(local, separator), text(remote, separator), true);
    String turned = TextMerge.merge(
        text(base, separator), text(remote, separator), text(local, separator), false);
    String what = base + " became " + local + " here and " + remote + " there: " + result;
    assertThat(result == null).as(what + ", turned round").isEqualTo(turned == null);
    if (result == null) {
      assertThat(marked).as(what).contains("<<<<<<< ", " ======= ", " >>>>>>>");
      assertThat(local).as(what).isNotEqualTo(base).isNotEqualTo(remote);
      assertThat(remote).as(what).isNotEqualTo(base);
      return 0;
    }
    assertThat(marked).as(what).isEqualTo(result);
    assertThat(words(result)).as(what + ", turned round").isEqualTo(words(turned));
    if (local.equals(base) || local.equals(remote)) {
      assertThat(result).as(what).isEqualTo(text(remote, separator));
    } else if (remote.equals(base)) {
      assertThat(result).as(what).isEqualTo(text(local, separator));
    }
    Map<String, Integer> before = count(base);
    for (String word : new TreeSet<>(Set.of("a", "b", "x"))) {
      int here = count(local).getOrDefault(word, 0) - before.getOrDefault(word, 0);
      int there = count(remote).getOrDefault(word, 0) - before.getOrDefault(word, 0);
      int change = words(result).getOrDefault(word, 0) - before.getOrDefault(word, 0);
      int least = Math.min(here + there, Math.min(here, there));
      int most = base.contains(word) ? local.size() + remote.size() : here + there;
      assertThat(change).as(what + ", word " + word).isBetween(least, most);
    }
    return 1;
  }

  private static String text(List<String> words, String separator) {
    return words.isEmpty() ? "" : String.join(separator, words) + separator;
  }

  private static Map<String, Integer> words(String text) {
    return count(text.isBlank() ? List.of() : List.of(text.trim().split("\\s+")));
  }

  private static Map<String, Integer> count(List<String> words) {
    Map<String, Integer> count = new HashMap<>();
    words.forEach(word -> count.merge(word, 1, Integer::sum));
    return count;
  }
}
