package dev.rebasis.client.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tree that is filled from its first key to its last is a tree like any other. */
class DatomMapTest {
  @TempDir Path folder;

  private static MVStore open(Path file) {
    MVStore store = new MVStore.Builder().autoCommitDisabled().keysPerPage(DatomMap.PAGE_KEYS_MAX)
        .fileName(file.toString()).autoCommitBufferSize(0).open();
    store.setRetentionTime(0);
    return store;
  }

  private static DatomMap map(MVStore store) {
    return store.openMap("datoms", new DatomMap.Builder(new DatomType(DatomOrder.EAVT)));
  }

  private static Datom datom(long e) {
    return new Datom(e, 62, e % 97 == 0 ? "x".repeat(5_000) : "value " + e, 13194139534312L, true);
  }

  // 128 keys a leaf, 128 leaves a node: 16,384 keys are the first that need a third level.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 129, 257, 16_384, 16_385, 40_000})
  void holdsWhatWasAppendedAndChangesAsOthersDo(int size) {
    TreeSet<Datom> expected = new TreeSet<>(DatomOrder.EAVT);
    Random random = new Random(size);
    Path file = folder.resolve("filled.mv");
    MVStore store = open(file);
    DatomMap map = map(store);
    for (int i = 0; i < size; i++) {
      Datom next = datom(2L * i);
      map.append(next);
      expected.add(next);
      if (random.nextInt(5_000) == 0) {
        store.commit();
      }
    }
    map.flush();
    store.commit();
    assertSame(map, expected);
    for (int i = 0; i < 3_000; i++) {
      Datom one = datom(random.nextInt(2 * size + 2));
      if (random.nextBoolean()) {
        assertThat(map.put(one, true) == null).isEqualTo(expected.add(one));
      } else {
        assertThat(map.remove(one) != null).isEqualTo(expected.remove(one));
      }
    }
    assertSame(map, expected);
    store.close();
    try (MVStore again = open(file)) {
      assertSame(map(again), expected);
      new ArrayList<>(expected).forEach(map(again)::remove);
      assertThat(map(again)).isEmpty();
    }
  }

  private static void assertSame(DatomMap map, TreeSet<Datom> expected) {
    List<Datom> found = new ArrayList<>(map.keySet());
    assertThat(found).isEqualTo(new ArrayList<>(expected));
    assertThat(map.sizeAsLong()).isEqualTo(expected.size());
    if (!found.isEmpty()) {
      assertThat(map.getKey(found.size() / 2)).isEqualTo(found.get(found.size() / 2));
    }
  }
}
