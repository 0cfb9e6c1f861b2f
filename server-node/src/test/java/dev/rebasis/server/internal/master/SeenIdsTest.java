package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SeenIdsTest {
  @Test
  void everyIdThatWasAddedIsKnownAndOthersAreNot() {
    SeenIds seen = new SeenIds();
    Random random = new Random(42);
    List<UUID> added = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      added.add(new UUID(random.nextLong(), random.nextLong()));
      // Ids that differ in a few bits only.
      added.add(new UUID(7, i));
      added.add(new UUID(i, 7));
    }
    added.add(new UUID(0, 0));
    added.forEach(seen::add);
    added.forEach(seen::add);
    assertThat(added).allMatch(seen::mayContain);
    for (int i = 0; i < 20_000; i++) {
      assertThat(seen.mayContain(new UUID(1L << 40, i))).isFalse();
      assertThat(seen.mayContain(new UUID(random.nextLong(), random.nextLong()))).isFalse();
    }
  }
}
