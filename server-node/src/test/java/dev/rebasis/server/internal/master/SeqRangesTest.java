package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Goal: the ranges hold just what was added. Method: random numbers from a small span, compared with a set. */
class SeqRangesTest {
  @Property(tries = 300)
  void holdsWhatWasAdded(@ForAll @Size(max = 60) List<@LongRange(min = 1, max = 40) Long> added) {
    SeqRanges ranges = new SeqRanges();
    Set<Long> plain = new HashSet<>();
    for (long seq : added) {
      ranges.add(seq);
      plain.add(seq);
    }
    for (long seq = 0; seq <= 41; seq++) {
      assertThat(ranges.contains(seq)).as("%d in %s", seq, added).isEqualTo(plain.contains(seq));
    }
  }

  @Test
  void numbersOneAfterTheOtherAreOneRange() {
    SeqRanges ranges = new SeqRanges();
    for (long seq : new long[] {2, 1, 4, 3, 5}) {
      ranges.add(seq);
    }
    assertThat(ranges.size()).isEqualTo(1);
  }
}
