package dev.rebasis.client.internal.index;

import static dev.rebasis.client.internal.Samples.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.h2.store.fs.FileUtils;
import org.junit.jupiter.api.Test;

/**
 * Goal: what leaves a client's scopes is forgotten by log and index, what comes in is there, and the index that is made again
 * from the log is the same. Method: random transactions that withdraw entities and bring older datoms of others, some of them
 * amending the one before; the store is closed and opened in between, also without its index, and compared with naive sets.
 */
class WithdrawalPropertyTest {
  private static final AtomicInteger STORES = new AtomicInteger();

  @Property(tries = 6)
  void whatIsWithdrawnIsForgotten_andTheLogMakesTheSameIndex(@ForAll long seed) {
    String prefix = "memFS:/withdrawal-" + STORES.incrementAndGet() + "-";
    RandomTransactions transactions = new RandomTransactions(seed);
    Random random = new Random(seed + 1);
    StoreFiles files = StoreFiles.filePath(prefix, true);
    ClientLog log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    if (random.nextBoolean()) {
      log.write(List.of(new LogEntry.Part(List.of(new ScopeSpec("s", List.of(), List.of(), null)), true)), true);
    }
    DatomIndex index = DatomIndex.open(files, log, new RecentTransactions(1 + random.nextInt(80)));
    List<Transaction> batch = new ArrayList<>(List.of(transactions.first()));
    for (int i = 0; i < 40; i++) {
      Transaction next = transactions.next();
      batch.add(next);
      for (int more = random.nextInt(3); more > 0; more--) {
        Transaction amending = amendment(next.t(), random);
        transactions.model().apply(amending);
        batch.add(amending);
      }
      if (random.nextInt(3) > 0) {
        continue;
      }
      // In one write or in several: the log and the index must not care.
      if (random.nextBoolean()) {
        log.write(List.of(new LogEntry.Confirmed(batch)), false);
      } else {
        for (Transaction one : batch) {
          log.write(List.of(new LogEntry.Confirmed(List.of(one))), false);
        }
      }
      index.apply(batch);
      batch.clear();
      if (random.nextInt(6) == 0) {
        index.persist();
      } else if (random.nextInt(4) == 0) {
        index.close();
        log.close();
        if (random.nextBoolean()) {
          FileUtils.delete(files.indexFile());
        }
        log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
        index = DatomIndex.open(files, log, new RecentTransactions(1 + random.nextInt(80)));
      }
      check(index.snapshot(), transactions.model(), log);
    }
    index.close();
    log.close();
    FileUtils.newDirectoryStream("memFS:/").stream().filter(file -> file.startsWith(prefix)).forEach(FileUtils::delete);
  }

  private static Transaction amendment(long t, Random random) {
    List<Long> withdrawn = new ArrayList<>();
    List<Datom> entered = new ArrayList<>();
    for (int i = random.nextInt(2); i >= 0; i--) {
      long e = USER + 1001 + random.nextInt(4) * 100L + random.nextInt(12);
      if (!withdrawn.contains(e)) {
        withdrawn.add(e);
        if (random.nextBoolean()) {
          long tx = EntityIds.txOf(Math.max(1000, t - 2L * random.nextInt(10)));
          entered.add(new Datom(e, RandomTransactions.NAME, "came" + e, tx, true));
          entered.add(new Datom(e, RandomTransactions.AGE, (long) random.nextInt(9), tx, true));
        }
      }
    }
    return new Transaction(t, List.copyOf(entered), List.copyOf(withdrawn));
  }

  private static void check(IndexSnapshot snapshot, IndexModel model, ClientLog log) {
    for (IndexOrder order : IndexOrder.values()) {
      assertThat(snapshot.datoms(order)).as("%s", order).containsExactlyElementsOf(model.datoms(order));
      assertThat(snapshot.history(order)).as("history %s", order).containsExactlyElementsOf(model.history(order));
    }
    assertThat(StoreAudit.differences(log, snapshot)).isEmpty();
    assertThat(log.historyFrom()).isEqualTo(snapshot.historyFrom());
  }

  @Test
  void aT_mayComeAgainOnlyToAmend() {
    StoreFiles files = StoreFiles.inMemory();
    try (ClientLog log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids())) {
      RandomTransactions transactions = new RandomTransactions(1);
      Transaction first = transactions.first();
      log.write(List.of(new LogEntry.Confirmed(List.of(first))), false);
      assertThatThrownBy(() -> log.write(List.of(new LogEntry.Confirmed(List.of(first))), false))
          .isInstanceOf(IllegalArgumentException.class);
      Transaction past = new Transaction(first.t() - 2, List.of(), List.of(USER));
      assertThatThrownBy(() -> log.write(List.of(new LogEntry.Confirmed(List.of(past))), false))
          .isInstanceOf(IllegalArgumentException.class);
      log.write(List.of(new LogEntry.Confirmed(List.of(new Transaction(first.t(), List.of(), List.of(USER))))), false);
      assertThat(log.position()).isEqualTo(first.t());
    }
  }
}
