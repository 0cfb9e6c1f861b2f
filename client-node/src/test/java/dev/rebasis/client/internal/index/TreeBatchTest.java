package dev.rebasis.client.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.Page;
import org.junit.jupiter.api.Test;

/**
 * Goal: many changes at once leave the tree that the same changes one by one would, in order, findable and with pages that are
 * not too full. Method: batches of all sizes, with keys near each other and far apart, rising, and such that empty the tree
 * again, against a sorted set; in a file, with commits in between, so that pages are dropped from it and read again.
 */
class TreeBatchTest {
  private static final IndexOrder ORDER = IndexOrder.EAVT;

  private final TreeSet<Datom> model = new TreeSet<>(FactOrder.of(ORDER));
  private final Random random = new Random(1);
  private long t = 1_000;

  @Test
  void manyChangesAtOnce_areTheSameOneByOne() {
    String file = "memFS:/tree-batch";
    try (MVStore store = new MVStore.Builder().fileName(file).autoCommitDisabled().keysPerPage(DatomMap.PAGE_KEYS_MAX).open()) {
      DatomMap map = store.openMap("eavt", new DatomMap.Builder(new DatomType(FactOrder.of(ORDER))));
      for (int size : List.of(1, 200, 5, 3_000, 40_000, 7, 1_000)) {
        change(map, batch(size, 60_000, 1));
        store.commit();
        check(map);
      }
      for (int i = 0; i < 20; i++) {
        // Only more and more of the same few entities go away and come back.
        change(map, batch(50, 70, i % 4));
        check(map);
      }
      assertThat(map.getRootPage().isLeaf()).isFalse();
      while (!model.isEmpty()) {
        List<TreeBatch.Change> gone = new ArrayList<>();
        model.stream().limit(12_000).forEach(datom -> gone.add(new TreeBatch.Change(datom, false)));
        change(map, gone);
        store.commit();
        check(map);
      }
      assertThat(map.getRootPage().isLeaf()).isTrue();
    }
  }

  @Test
  void risingKeys_leaveFullLeaves() {
    try (MVStore store = new MVStore.Builder().autoCommitDisabled().keysPerPage(DatomMap.PAGE_KEYS_MAX).open()) {
      DatomMap map = store.openMap("eavt", new DatomMap.Builder(new DatomType(FactOrder.of(ORDER))));
      for (long e = 0; e < 12_800; e += 32) {
        List<TreeBatch.Change> rising = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
          rising.add(new TreeBatch.Change(datom(e + i, 72, "v", 1_000), true));
        }
        change(map, rising);
      }
      check(map);
      assertThat(leaves(map.getRootPage())).isLessThanOrEqualTo(12_800 / DatomMap.PAGE_KEYS_MAX * 5 / 4);
    }
  }

  @Test
  void leavesKnowWhatTheirKeysTake() {
    String file = "memFS:/tree-batch-bytes";
    try (MVStore store = new MVStore.Builder().fileName(file).autoCommitDisabled().keysPerPage(DatomMap.PAGE_KEYS_MAX).open()) {
      DatomMap map = store.openMap("eavt", new DatomMap.Builder(new DatomType(FactOrder.of(ORDER))));
      change(map, batch(100, 5_000, 0));
      int keys = map.getRootPage().getKeyCount();
      assertThat(map.getRootPage().getMemory()).isBetween(keys * 90, keys * 200);
      assertThat(store.getUnsavedMemory()).isBetween(keys * 90, keys * 200 + 1_000);
    }
  }

  @Test
  void leavesKnowItStill_whenKeysOfOtherLengthsWereCountedBefore() {
    String file = "memFS:/tree-batch-exact";
    try (MVStore store = new MVStore.Builder().fileName(file).autoCommitDisabled().keysPerPage(DatomMap.PAGE_KEYS_MAX).open()) {
      DatomMap map = store.openMap("eavt", new DatomMap.Builder(new DatomType(FactOrder.of(ORDER))));
      int empty = map.emptyLeaf().getMemory();
      for (long e = 1_000; e < 2_000; e++) {
        map.put(datom(e, 72, "long".repeat(1_000), 1_000), true);
      }
      map.clear();
      change(map, batch(100, 70, 0));
      while (!model.isEmpty()) {
        int keys = model.stream().mapToInt(datom -> DatomType.bytesOf(datom) + DatomMap.ENTRY_BYTES).sum();
        assertThat(map.getRootPage().getMemory()).isEqualTo(empty + keys);
        map.remove(model.pollFirst());
      }
    }
  }

  @Test
  void whatChangesNothing_leavesThePagesAsTheyAre() {
    try (MVStore store = new MVStore.Builder().autoCommitDisabled().keysPerPage(DatomMap.PAGE_KEYS_MAX).open()) {
      DatomMap map = store.openMap("eavt", new DatomMap.Builder(new DatomType(FactOrder.of(ORDER))));
      change(map, batch(1_000, 5_000, 0));
      Page<Datom, Boolean> root = map.getRootPage();
      List<TreeBatch.Change> nothing = new ArrayList<>();
      model.forEach(datom -> nothing.add(new TreeBatch.Change(datom, true)));
      nothing.add(new TreeBatch.Change(datom(1_000_000, 72, "never", 1_000), false));
      map.change(nothing);
      assertThat(map.getRootPage()).isSameAs(root);
    }
  }

  /** Changes of different facts of so many entities; one of so many goes away, none if that is 0. */
  private List<TreeBatch.Change> batch(int size, int entities, int going) {
    Map<Long, TreeBatch.Change> byEntity = new HashMap<>();
    t += 2;
    for (int i = 0; i < size; i++) {
      long e = random.nextInt(entities);
      boolean stays = going == 0 || random.nextInt(going + 1) != 0;
      byEntity.put(e, new TreeBatch.Change(datom(e, 72, "v" + e % 3, t), stays));
    }
    return List.copyOf(byEntity.values());
  }

  private static Datom datom(long e, long a, Object v, long t) {
    return new Datom(e, a, v, EntityIds.txOf(t), true);
  }

  private void change(DatomMap map, List<TreeBatch.Change> changes) {
    map.change(changes);
    for (TreeBatch.Change change : changes) {
      model.remove(change.datom());
      if (change.stays()) {
        model.add(change.datom());
      }
    }
  }

  private void check(DatomMap map) {
    assertThat(map.sizeAsLong()).isEqualTo(model.size());
    assertThat(map.keyList()).isEqualTo(List.copyOf(model));
    // A key that is replaced carries the newer transaction.
    assertThat(map.keyIterator(null)).toIterable().containsExactlyElementsOf(model);
    for (int i = 0; i < 50; i++) {
      Datom asked = datom(random.nextInt(60_000), 72, "v" + i % 3, 1);
      Datom there = model.ceiling(asked);
      boolean known = there != null && model.comparator().compare(asked, there) == 0;
      assertThat(map.find(map.getRootPage(), asked)).isEqualTo(known ? there : null);
    }
    assertThat(fullest(map.getRootPage())).isLessThanOrEqualTo(DatomMap.PAGE_KEYS_MAX);
  }

  private static int fullest(Page<Datom, Boolean> page) {
    int most = page.isLeaf() ? page.getKeyCount() : page.getRawChildPageCount();
    for (int i = 0; !page.isLeaf() && i < page.getRawChildPageCount(); i++) {
      most = Math.max(most, fullest(page.getChildPage(i)));
    }
    return most;
  }

  private static int leaves(Page<Datom, Boolean> page) {
    int leaves = page.isLeaf() ? 1 : 0;
    for (int i = 0; !page.isLeaf() && i < page.getRawChildPageCount(); i++) {
      leaves += leaves(page.getChildPage(i));
    }
    return leaves;
  }
}
