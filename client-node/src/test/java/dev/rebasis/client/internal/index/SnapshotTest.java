package dev.rebasis.client.internal.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.StoreFolder;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Old values: they stay right while the index's file is written over and over, or they say that they are gone. */
class SnapshotTest {
  @TempDir Path temp;
  private final RandomTransactions transactions = new RandomTransactions(1);

  private void write(StoreFolder store, int rounds) {
    for (int i = 0; i < rounds; i++) {
      for (int j = 0; j < 20; j++) {
        store.confirm(transactions.next());
      }
      store.index.persist();
    }
  }

  private static List<Datom> list(Iterable<Datom> datoms) {
    List<Datom> all = new ArrayList<>();
    datoms.forEach(all::add);
    return all;
  }

  private static void assertExpired(ThrowingCallable reading) {
    assertThatThrownBy(reading).isInstanceOfSatisfying(
        RebasisException.class, e -> assertThat(e.code()).isEqualTo(StoreErrors.EXPIRED));
  }

  @Test
  void aHeldSnapshotStaysRightWhileMuchIsWritten() {
    try (StoreFolder store = new StoreFolder(temp.resolve("held"))) {
      store.confirm(transactions.first());
      write(store, 5);
      IndexSnapshot held = store.index.snapshot();
      List<Datom> current = transactions.model().datoms(IndexOrder.AVET);
      List<Datom> history = transactions.model().history(IndexOrder.VAET);
      for (int i = 0; i < 8; i++) {
        write(store, 20);
        store.index.dropCache();
        assertThat(list(held.datoms(IndexOrder.AVET))).isEqualTo(current);
        assertThat(list(held.history(IndexOrder.VAET))).isEqualTo(history);
      }
      assertThat(store.index.pins().oldestT()).isEqualTo(held.basisT());
      assertThat(store.index.pins().bytesHeldBack()).isPositive();
    }
  }

  @Test
  void withoutAPinTheSameWritingMakesAnOldVersionUnreadable() {
    IndexStore store = IndexStore.make(temp.resolve("unpinned.mv").toString());
    store.apply(rewriting(0));
    store.commit(true);
    IndexRoots unpinned = new IndexRoots(store.maps());
    assertThatThrownBy(() -> {
      for (int round = 1; round < 40; round++) {
        store.apply(rewriting(round));
        store.commit(true);
        // As a long life does: the little that is live in an old chunk moves, and the chunk is used again.
        store.store().compact(95, 16 << 20);
        store.commit(true);
        store.dropCache();
        Cursor<Datom, Boolean> cursor = unpinned.cursor(false, IndexOrder.EAVT, null, false);
        while (cursor.hasNext()) {
          cursor.next();
        }
      }
    }).isInstanceOf(MVStoreException.class);
    store.abandon();
  }

  /** Gives five thousand entities another text. */
  private static Transaction rewriting(int round) {
    List<Object[]> datoms = new ArrayList<>();
    for (long e = Samples.USER; e < Samples.USER + 5_000; e++) {
      if (round > 0) {
        datoms.add(Samples.retract(e, SystemIds.DB_DOC, "text " + (round - 1)));
      }
      datoms.add(Samples.add(e, SystemIds.DB_DOC, "text " + round));
    }
    return Samples.tx(2_000L + 2 * round, datoms.toArray(new Object[0][]));
  }

  @Test
  void pastTheLimitAnOldValueSaysThatItIsGone() {
    try (StoreFolder store = new StoreFolder(temp.resolve("expired"))) {
      store.confirm(transactions.first());
      write(store, 5);
      store.index.limitBytesHeldBack(200_000);
      IndexSnapshot held = store.index.snapshot();
      Iterator<Datom> half = held.datoms(IndexOrder.EAVT).iterator();
      half.next();
      write(store, 150);
      assertExpired(() -> list(held.datoms(IndexOrder.EAVT)));
      assertExpired(() -> list(held.history(IndexOrder.AEVT)));
      assertExpired(() -> held.estimate(IndexOrder.EAVT));
      assertExpired(() -> half.forEachRemaining(datom -> { }));
      assertExpired(held::checkUsable);
      assertThat(held.basisT()).isPositive();
      assertThat(held.schema()).isNotNull();
      assertThat(list(store.index.snapshot().datoms(IndexOrder.EAVT)))
          .isEqualTo(transactions.model().datoms(IndexOrder.EAVT));
    }
  }

  @Test
  void afterClosingAnOldValueSaysThatItIsGone() {
    IndexSnapshot held;
    Iterator<Datom> half;
    try (StoreFolder store = new StoreFolder(temp.resolve("closed"))) {
      store.confirm(transactions.first());
      held = store.index.snapshot();
      half = held.datoms(IndexOrder.EAVT).iterator();
    }
    assertExpired(() -> list(held.datoms(IndexOrder.EAVT)));
    assertExpired(() -> half.forEachRemaining(datom -> { }));
  }

  @Test
  void theSnapshotIsTheSameUntilSomethingIsApplied() {
    try (StoreFolder store = new StoreFolder(temp.resolve("same"))) {
      IndexSnapshot first = store.index.snapshot();
      store.index.persist();
      assertThat(store.index.snapshot()).isSameAs(first);
      store.confirm(transactions.first());
      assertThat(store.index.snapshot()).isNotSameAs(first);
      assertThat(store.index.snapshot().basisT()).isEqualTo(1000);
    }
  }

  @Test
  void droppedSnapshotsHoldNothingBack() {
    try (StoreFolder store = new StoreFolder(temp.resolve("dropped"))) {
      store.confirm(transactions.first());
      for (int i = 0; i < 50; i++) {
        store.confirm(transactions.next());
        store.index.snapshot();
      }
      for (int i = 0; i < 1000 && store.index.pins().snapshots() > 1; i++) {
        System.gc();
      }
      assertThat(store.index.pins().snapshots()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void anEstimateIsExactForFewAndNearForMany() {
    try (StoreFolder store = new StoreFolder(temp.resolve("estimate"))) {
      store.confirm(transactions.first());
      write(store, 60);
      IndexSnapshot snapshot = store.index.snapshot();
      for (Datom datom : transactions.model().datoms(IndexOrder.EAVT)) {
        long exact = list(snapshot.datoms(IndexOrder.EAVT, datom.e(), datom.a())).size();
        assertThat(snapshot.estimate(IndexOrder.EAVT, datom.e(), datom.a())).isEqualTo(exact);
      }
      long names = list(snapshot.datoms(IndexOrder.AEVT, RandomTransactions.NAME)).size();
      assertThat(snapshot.estimate(IndexOrder.AEVT, RandomTransactions.NAME)).isBetween(names / 3, names * 3);
      assertThat(snapshot.estimate(IndexOrder.AEVT)).isEqualTo(list(snapshot.datoms(IndexOrder.AEVT)).size());
    }
  }
}
