package dev.rebasis.client.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The map of local ids against a plain map; older versions must not change. */
class MadeIdsTest {
  @Property(tries = 100)
  void behavesLikeAMapThatKeepsWhatItHas(
      @ForAll @Size(max = 20) Map<@IntRange(min = 1, max = 3000) Integer, @IntRange(min = 0) Integer> first,
      @ForAll @Size(max = 20) Map<@IntRange(min = 1, max = 3000) Integer, @IntRange(min = 0) Integer> second) {
    MadeIds one = MadeIds.NONE.with(longs(first));
    MadeIds two = one.with(longs(second));
    Map<Long, Long> both = longs(second);
    both.putAll(longs(first));
    assertThat(all(two)).isEqualTo(both);
    for (long number = 0; number <= 3001; number++) {
      assertThat(one.resolve(-number)).isEqualTo(longs(first).getOrDefault(number, -number));
      assertThat(two.resolve(-number)).isEqualTo(both.getOrDefault(number, -number));
    }
  }

  private static Map<Long, Long> all(MadeIds made) {
    Map<Long, Long> all = new HashMap<>();
    made.forEach(all::put);
    return all;
  }

  private static Map<Long, Long> longs(Map<Integer, Integer> map) {
    Map<Long, Long> longs = new HashMap<>();
    map.forEach((key, value) -> longs.put(key.longValue(), value.longValue()));
    return longs;
  }

  @Test
  void whatIsNotKnownResolvesToItself() {
    assertThat(MadeIds.NONE.resolve(-1)).isEqualTo(-1);
    assertThat(MadeIds.NONE.resolve(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
    assertThat(MadeIds.NONE.with(Map.of(1L, 0L)).resolve(-1)).isZero();
    assertThat(MadeIds.NONE.with(Map.of(1L, 0L)).isMade(-1)).isTrue();
    assertThat(MadeIds.NONE.isMade(-1)).isFalse();
  }

  @Test
  void numbersFarAboveTheOthersAreKeptToo() {
    long far = (1L << 52) + 12345;
    MadeIds made = MadeIds.NONE.with(Map.of(3L, 30L, far, 40L)).with(Map.of(far, 41L, far + 1, 42L));
    assertThat(made.resolve(-3)).isEqualTo(30);
    assertThat(made.resolve(-far)).isEqualTo(40);
    assertThat(made.resolve(-far - 1)).isEqualTo(42);
    assertThat(made.resolve(-far - 2)).isEqualTo(-far - 2);
    assertThat(all(made)).isEqualTo(Map.of(3L, 30L, far, 40L, far + 1, 42L));
  }
}
