package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: a merge holds what both sides did and loses no word of either. Method: worked examples, and random edits of a
 * text of numbered words, where what each side inserted and deleted is known.
 */
class TextMergeTest {
  @ParameterizedTest
  @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, value = {
      "a b c | a b c | a x c | a x c",
      "a b c | a y c | a b c | a y c",
      "a b c | a y c | a y c | a y c",
      "a b c | y b c | a b x | y b x",
      "a b c | a b | b c | b",
      "a/b/c | a/1/b/c | a/b/2/c | a/1/b/2/c",
      "a/b/ | a/b/1/ | a/b/2/ | a/b/2/1/",
      "the old text/end | the new text/end | the old text here/end | the new text here/end",
      "a b c | a x c | a y c | ",
      "a b c | a c | a y c | "})
  void examples(String base, String local, String remote, String expected) {
    String merged = TextMerge.merge(lines(base), lines(local), lines(remote), false);
    assertThat(merged).isEqualTo(expected == null ? null : lines(expected));
  }

  private static String lines(String text) {
    return text.replace('/', '\n');
  }

  @Test
  void marksShowBothSides() {
    assertThat(TextMerge.merge("a b c", "a x c", "a y c", true)).isEqualTo("a <<<<<<< y ======= x >>>>>>> c");
  }

  @Test
  void textsTooLongToCompareAreNotMerged() {
    String base = "x\n".repeat(6_000);
    assertThat(TextMerge.merge(base, "a\n" + base, base + "b\n", false)).isNull();
    assertThat(TextMerge.merge(base, base, base + "b\n", false)).isEqualTo(base + "b\n");
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void noWordOfEitherSideIsLostAndNoDeletedOneReturns(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> base = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(12); i++) {
      base.add("w" + i + (random.nextInt(4) == 0 ? "\n" : " "));
    }
    List<String> local = edited(base, "l", random);
    List<String> remote = edited(base, "r", random);
    String merged = TextMerge.merge(
        String.join("", base), String.join("", local), String.join("", remote), true);
    List<String> result = words(List.of(merged));
    for (String word : words(local)) {
      boolean kept = !word.startsWith("w") || words(remote).contains(word);
      // What the other side deleted stands again only inside marks.
      assertThat(result.contains(word)).as("%s in %s", word, merged)
          .satisfiesAnyOf(is -> assertThat(is).isEqualTo(kept), is -> assertThat(merged).contains("<<<"));
      assertThat(result.contains(word) || !kept).as("%s in %s", word, merged).isTrue();
    }
    for (String word : words(remote)) {
      if (!word.startsWith("w")) {
        assertThat(result).contains(word);
      }
    }
  }

  private static List<String> edited(List<String> base, String mark, Random random) {
    List<String> edited = new ArrayList<>();
    for (int i = 0; i < base.size(); i++) {
      int what = random.nextInt(8);
      if (what == 0) {
        edited.add(mark + i + " ");
      }
      if (what != 1) {
        edited.add(base.get(i));
      }
    }
    return edited;
  }

  private static List<String> words(List<String> tokens) {
    return Arrays.stream(String.join("", tokens).split("[\\s<=>]+")).filter(word -> !word.isEmpty()).toList();
  }
}
