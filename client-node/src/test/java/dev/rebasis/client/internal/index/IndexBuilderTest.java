package dev.rebasis.client.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.h2.mvstore.Page;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An index that is made at once, with a heap that holds only some of it. */
class IndexBuilderTest {
  @TempDir
  private Path folder;

  @Test
  void runsThatDoNotFitIntoTheHeapGoToAFileAndTheFileGoes() {
    RandomTransactions random = new RandomTransactions(5);
    List<Transaction> transactions = new ArrayList<>(List.of(random.first()));
    for (int i = 0; i < 700; i++) {
      transactions.add(random.next());
    }
    Path scratch = folder.resolve("scratch");
    IndexStore atOnce = IndexStore.make(folder.resolve("index.mv").toString());
    try (IndexBuilder builder = new IndexBuilder(scratch.toString(), 64)) {
      transactions.forEach(transaction -> builder.add(transaction, null));
      assertThat(scratch).isNotEmptyFile();
      atOnce.become(builder);
    }
    assertThat(scratch).doesNotExist();
    IndexStore oneByOne = IndexStore.make(null);
    transactions.forEach(oneByOne::apply);
    assertAlike(atOnce, oneByOne);
    atOnce.close();
    oneByOne.abandon();
  }

  @Test
  void largeValuesDoNotShareOnePage() {
    List<Object[]> datoms = new ArrayList<>();
    for (long i = 0; i < 300; i++) {
      datoms.add(Samples.add(Samples.USER + i, SystemIds.DB_DOC, "x".repeat(i % 3 == 0 ? 20_000 : 10) + i));
    }
    Transaction transaction = Samples.tx(1000, datoms.toArray(new Object[0][]));
    IndexStore atOnce = IndexStore.make(null);
    try (IndexBuilder builder = new IndexBuilder(null)) {
      builder.add(transaction, null);
      atOnce.become(builder);
    }
    IndexStore oneByOne = IndexStore.make(null);
    oneByOne.apply(transaction);
    assertAlike(atOnce, oneByOne);
    assertThat(largestLeaf(atOnce.maps().current(IndexOrder.EAVT).getRootPage())).isLessThan(100_000);
    atOnce.abandon();
    oneByOne.abandon();
  }

  private static int largestLeaf(Page<Datom, Boolean> page) {
    int largest = page.isLeaf() ? page.getMemory() : 0;
    for (int i = 0; i < page.getRawChildPageCount(); i++) {
      largest = Math.max(largest, largestLeaf(page.getChildPage(i)));
    }
    return largest;
  }

  private static void assertAlike(IndexStore x, IndexStore y) {
    for (IndexOrder order : IndexOrder.values()) {
      assertThat(x.maps().current(order).keyList()).as("%s", order).isEqualTo(y.maps().current(order).keyList());
      assertThat(x.maps().past(order).keyList()).as("past %s", order).isEqualTo(y.maps().past(order).keyList());
    }
    assertThat(x.maps().digest().differences(y.maps().digest())).isEmpty();
    assertThat(x.schema()).isEqualTo(y.schema());
    assertThat(x.chain()).isEqualTo(y.chain());
    assertThat(x.t()).isEqualTo(y.t());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 500})
  void whatComparesAsEqualStaysInItsOrder(int attributes) {
    List<Datom> datoms = new ArrayList<>();
    Random random = new Random(3);
    for (long tx = 0; tx < 2_000; tx++) {
      datoms.add(new Datom(random.nextInt(20), 1 + random.nextInt(attributes), 1L, tx, true));
    }
    for (IndexOrder order : List.of(IndexOrder.EAVT, IndexOrder.AEVT)) {
      try (Scratch scratch = new Scratch(folder.resolve("sort").toString())) {
        Sorter sorter = order == IndexOrder.EAVT ? new DatomSorter(FactOrder.of(order), scratch, 300)
            : new AttributeSorter(FactOrder.of(order), scratch, 300);
        datoms.forEach(sorter::add);
        List<Datom> sorted = new ArrayList<>();
        sorter.sorted().forEachRemaining(sorted::add);
        assertThat(sorted).isEqualTo(datoms.stream().sorted(DatomOrder.of(order)).toList());
      }
      assertThat(Files.exists(folder.resolve("sort"))).isFalse();
    }
  }

  @Test
  void nothingSortsToNothing() {
    assertThat(new DatomSorter(DatomOrder.EAVT, null, 10).sorted()).isExhausted();
    assertThat(new AttributeSorter(DatomOrder.AEVT, null, 10).sorted()).isExhausted();
  }
}
