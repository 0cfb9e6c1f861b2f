package dev.rebasis.simulations.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The matcher of scenario outputs: a name binds once, to one id. */
class NamesTest {
  private final Names names = new Names();

  @Test
  void aNameBindsToTheIdThatItMeetsFirst() {
    assertThat(names.matches("made ?order", "made " + Names.mark("e", 17))).isTrue();
    assertThat(names.matches("again ?order", "again " + Names.mark("e", 17))).isTrue();
    assertThat(names.matches("again ?order", "again " + Names.mark("e", 18))).isFalse();
  }

  @Test
  void twoNamesNeverStandForOneId() {
    assertThat(names.matches("?a", Names.mark("e", 1))).isTrue();
    assertThat(names.matches("?b", Names.mark("e", 1))).isFalse();
  }

  @Test
  void textMustBeTheSame() {
    assertThat(names.matches("made ?order 3", "made " + Names.mark("e", 17) + " 4")).isFalse();
    assertThat(names.matches("a.c", "abc")).isFalse();
  }

  @Test
  void anIdNeedsAName() {
    assertThat(names.matches("made 17", "made " + Names.mark("e", 17))).isFalse();
  }

  @Test
  void namesInAStepBecomeTheirIdsAndOtherVariablesStay() {
    names.matches("?order", Names.mark("e", 17));
    assertThat(names.resolved("[:find ?n :where [?order :order/number ?n]]"))
        .isEqualTo("[:find ?n :where [17 :order/number ?n]]");
  }

  @Test
  void rewritingKeepsNamesAndInventsNewOnes() {
    names.matches("?order", Names.mark("e", 17));
    assertThat(names.named(Names.mark("e", 17) + " " + Names.mark("e", 18) + " " + Names.mark("e", 18))).isEqualTo("?order ?e1 ?e1");
  }
}
