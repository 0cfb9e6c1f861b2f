package dev.rebasis.client.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.client.internal.db.Scan;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.h2.store.fs.FileUtils;

/**
 * The index against naive sets. Method: random confirmed transactions go into the log and the index, in files; at random
 * moments the index is persisted, read, or the store closed and opened again, with room for none, few or many transactions
 * that wait beside the trees; then every order, range, way, history and the schema are compared with the model's, and snapshots
 * taken on the way must still be what they were.
 */
class DatomIndexPropertyTest {
  private static final AtomicInteger STORES = new AtomicInteger();
  /** Of so many facts one is looked up by itself; more tries are worth more than all of them. */
  private static final int STEP = 4;

  @Property(tries = 15)
  void answersLikeNaiveSets(@ForAll long seed) {
    String prefix = "memFS:/index-property-" + STORES.incrementAndGet() + "-";
    RandomTransactions transactions = new RandomTransactions(seed);
    Random random = new Random(seed + 1);
    StoreFiles files = StoreFiles.filePath(prefix, random.nextInt(4) != 0);
    ClientLog log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    DatomIndex index = open(files, log, random);
    List<IndexSnapshot> held = new ArrayList<>();
    List<List<Datom>> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Transaction transaction = i == 0 ? transactions.first()
          : random.nextInt(5) == 0 ? transactions.nextOfKnown() : transactions.next();
      log.write(List.of(new LogEntry.Confirmed(List.of(transaction))), false);
      index.apply(List.of(transaction));
      switch (random.nextInt(12)) {
        case 0 -> index.persist();
        case 1 -> {
          held.add(index.snapshot());
          expected.add(transactions.model().history(IndexOrder.EAVT));
        }
        case 3 -> assertThat(index.snapshot().datoms(IndexOrder.AVET))
            .containsExactlyElementsOf(transactions.model().datoms(IndexOrder.AVET));
        case 4 -> assertThat(digestOf(index.snapshot()).differences(index.digest())).isEmpty();
        case 2 -> {
          held.clear();
          expected.clear();
          index.close();
          log.close();
          log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
          index = open(files, log, random);
        }
        default -> { }
      }
    }
    compare(index.snapshot(), transactions.model());
    compareWays(index.snapshot(), transactions.model(), random);
    for (int i = 0; i < held.size(); i++) {
      assertThat(held.get(i).history(IndexOrder.EAVT)).containsExactlyElementsOf(expected.get(i));
    }
    index.close();
    log.close();
    FileUtils.newDirectoryStream("memFS:/").stream().filter(file -> file.startsWith(prefix)).forEach(FileUtils::delete);
  }

  @Property(tries = 25)
  void aLoadGivesTheSameAsTransactionsOneByOne(@ForAll long seed) {
    String prefix = "memFS:/index-load-" + STORES.incrementAndGet() + "-";
    RandomTransactions transactions = new RandomTransactions(seed);
    Random random = new Random(seed + 1);
    StoreFiles files = StoreFiles.filePath(prefix, random.nextBoolean());
    ClientLog log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    DatomIndex index = DatomIndex.open(files, log);
    IndexSnapshot before = index.snapshot();
    List<Datom> atFirst = new ArrayList<>();
    before.history(IndexOrder.EAVT).forEach(atFirst::add);
    for (int i = 0; i < 60; i++) {
      Transaction transaction = i == 0 ? transactions.first() : transactions.next();
      log.write(List.of(new LogEntry.Confirmed(List.of(transaction))), false);
      index.load(List.of(transaction));
      if (random.nextInt(30) == 0) {
        assertThat(index.snapshot().basisT()).as("nobody sees a part of a load").isZero();
        index.persist();
      }
    }
    index.loaded();
    compare(index.snapshot(), transactions.model());
    assertThat(index.position()).isEqualTo(log.position());
    assertThat(before.history(IndexOrder.EAVT)).containsExactlyElementsOf(atFirst);
    for (int i = 0; i < 30; i++) {
      // What was filled at once is changed like any other.
      Transaction transaction = transactions.next();
      log.write(List.of(new LogEntry.Confirmed(List.of(transaction))), false);
      index.apply(List.of(transaction));
    }
    compare(index.snapshot(), transactions.model());
    assertThat(digestOf(index.snapshot()).differences(index.digest())).isEmpty();
    index.close();
    log.close();
    log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    index = DatomIndex.open(files, log);
    compare(index.snapshot(), transactions.model());
    index.close();
    log.close();
    FileUtils.newDirectoryStream("memFS:/").stream().filter(file -> file.startsWith(prefix)).forEach(FileUtils::delete);
  }

  private static DatomIndex open(StoreFiles files, ClientLog log, Random random) {
    int waiting = List.of(1, 12, 60, RecentTransactions.DATOMS_MAX).get(random.nextInt(4));
    return DatomIndex.open(files, log, new RecentTransactions(waiting));
  }

  private static Digest digestOf(IndexSnapshot snapshot) {
    Digest digest = new Digest();
    snapshot.datoms(IndexOrder.EAVT).forEach(digest::add);
    return digest;
  }

  /** Walks of any length of prefix, to its end or to that of the order, forwards and backwards. */
  private static void compareWays(IndexSnapshot snapshot, IndexModel model, Random random) {
    for (IndexOrder order : IndexOrder.values()) {
      List<Datom> ever = model.history(order);
      for (int i = 0; i < 40 && !ever.isEmpty(); i++) {
        Datom datom = ever.get(random.nextInt(ever.size()));
        Object[] components = Arrays.copyOf(new Prefix(order, datom, 4).components(), 1 + random.nextInt(4));
        boolean history = random.nextBoolean();
        Scan scan = new Scan(Prefix.of(order, components), random.nextBoolean(), history, random.nextBoolean());
        Comparator<Datom> forwards = history ? DatomOrder.of(order) : FactOrder.of(order);
        Comparator<Datom> way = scan.backwards() ? forwards.reversed() : forwards;
        List<Datom> expected = new ArrayList<>(history ? ever : model.datoms(order));
        expected.removeIf(one -> !scan.reaches(one) || way.compare(one, scan.begin()) < 0);
        expected.sort(way);
        assertThat(snapshot.scan(scan)).as("%s", scan).containsExactlyElementsOf(expected);
      }
    }
  }

  private static void compare(IndexSnapshot snapshot, IndexModel model) {
    assertThat(snapshot.schema()).isEqualTo(model.schema());
    for (IndexOrder order : IndexOrder.values()) {
      assertThat(snapshot.datoms(order)).as("%s", order).containsExactlyElementsOf(model.datoms(order));
      assertThat(snapshot.history(order)).as("history %s", order).containsExactlyElementsOf(model.history(order));
      List<Datom> ever = model.history(order);
      for (int i = ever.size() % STEP; i < ever.size(); i += STEP) {
        Object[] all = new Prefix(order, ever.get(i), 4).components();
        for (int length = 1; length <= 3; length++) {
          Object[] components = Arrays.copyOf(all, length);
          List<Datom> datoms = model.datoms(order, components);
          assertThat(snapshot.datoms(order, components)).containsExactlyElementsOf(datoms);
          assertThat(snapshot.history(order, components)).containsExactlyElementsOf(model.history(order, components));
          assertThat(snapshot.estimate(order, components)).isGreaterThanOrEqualTo(datoms.isEmpty() ? 0 : 1);
        }
      }
    }
  }
}
