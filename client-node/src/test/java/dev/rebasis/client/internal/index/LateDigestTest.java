package dev.rebasis.client.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.digest.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: the late digest is that of the datoms at any time, and no change has more than one other counted. */
class LateDigestTest {
  private static Datom datom(long n) {
    return new Datom(1_000_000 + n, 63 + n % 5, "value " + n, EntityIds.txOf(2_000 + n / 7), true);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void itIsTheDigestOfWhatIsThere(long seed) {
    Random random = new Random(seed);
    LateDigest late = new LateDigest();
    Digest at = new Digest();
    List<Datom> present = new ArrayList<>();
    for (long n = 0; n < 60_000; n++) {
      if (present.isEmpty() || random.nextInt(3) > 0) {
        Datom datom = datom(n);
        present.add(datom);
        late.add(datom);
        at.add(datom);
      } else {
        Datom datom = present.remove(random.nextInt(present.size()));
        late.remove(datom);
        at.remove(datom);
      }
      if (random.nextInt(15_000) == 0) {
        assertThat(late.now().differences(at)).isEmpty();
      }
    }
    assertThat(late.now().differences(at)).isEmpty();
    assertThat(late.waiting()).isZero();
  }

  @Test
  void howManyWaitIsBoundedAndNoneStopsForAllOfThem() {
    LateDigest late = new LateDigest();
    for (long n = 0; n < 2 * LateDigest.WAITING_MAX; n++) {
      int before = late.waiting();
      if (n % 3 == 2) {
        late.remove(datom(n - 1));
      } else {
        late.add(datom(n));
      }
      assertThat(late.waiting()).isBetween(before, LateDigest.WAITING_MAX);
    }
    assertThat(late.waiting()).isEqualTo(LateDigest.WAITING_MAX);
  }
}
