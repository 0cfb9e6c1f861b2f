package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.Durability;
import dev.rebasis.client.LeftBehind;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a store can be copied while it is used, and kept from growing. Method: real stores on the disk, no server. */
class StoreLifeTest {
  @TempDir Path dir;

  private static SyncClient open(Path folder) {
    return SyncClient.builder().store(folder).open();
  }

  private static String doc(int n) {
    return "[{:db/id \"x\" :db/doc \"doc " + n + "\"}]";
  }

  @Test
  void aBackupHoldsAllThatWasAcknowledgedAndIsAStoreOfItsOwn() {
    Path copy = dir.resolve("copy");
    try (SyncClient client = open(dir.resolve("store"))) {
      for (int i = 1; i <= 100; i++) {
        client.transact(doc(i));
      }
      client.backup(copy);
      client.transact(doc(101));
      assertThat(client.pending()).hasSize(101);
      assertThat(catchThrowableOfType(RebasisException.class, () -> client.backup(copy)).code().toString())
          .isEqualTo(":rebasis.error/store-exists");
    }
    for (int life = 0; life < 3; life++) {
      try (SyncClient restored = open(copy)) {
        List<Pending> pending = restored.pending();
        assertThat(pending).hasSize(100 + life);
        assertThat(pending.get(99).forms().toString()).contains("doc 100");
        assertThat(((ClientCore) restored).audit()).isEmpty();
        restored.transact(doc(200 + life));
      }
    }
  }

  @Test
  void aClosedStoreHoldsRowsOfAllThatWasLoaded() throws SQLException {
    Path store = dir.resolve("store");
    List<Datom> datoms = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      datoms.add(new Datom(Samples.USER + i, SystemIds.DB_DOC, "doc " + i, EntityIds.txOf(1_000), true));
    }
    try (ClientLog log = ClientLog.open(StoreFiles.folder(store), Durability.POWER_LOSS, Samples.ids())) {
      log.write(List.of(new LogEntry.Confirmed(List.of(new Transaction(1_000, datoms)))), true);
    }
    assertThat(rows(store)).as("the load was cut short").isZero();
    try (SyncClient client = open(store)) {
      assertThat(client.db().entity(Samples.USER + 4_999).get(":db/doc")).isEqualTo("doc 4999");
    }
    assertThat(rows(store)).isEqualTo(5_000);
  }

  private static long rows(Path store) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:" + store.resolve("log") + ";ACCESS_MODE_DATA=r", "sa", "");
        Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery("SELECT count(*) FROM datom")) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void aFullStoreTakesNoMoreAndStaysReadable() {
    Path store = dir.resolve("store");
    try (SyncClient client = open(store)) {
      client.transact(doc(1));
    }
    try (SyncClient client =
        SyncClient.builder().store(store).tuning(Tuning.DEFAULT.withStoreBytesMax(1_000)).open()) {
      for (int i = 0; i < 3; i++) {
        RebasisException full = catchThrowableOfType(RebasisException.class, () -> client.transact(doc(2)));
        assertThat(full.code().toString()).isEqualTo(":rebasis.error/store-full");
      }
      assertThat(client.pending()).hasSize(1);
      assertThat(client.db().datoms(IndexOrder.EAVT)).anyMatch(datom -> "doc 1".equals(datom.v()));
    }
    try (SyncClient client = open(store)) {
      client.transact(doc(2));
      assertThat(client.pending()).hasSize(2);
    }
    assertThat(Files.exists(store)).isTrue();
  }

  /** A transaction that was acknowledged is never wiped unless somebody said so. Each round is a race of the two calls. */
  @Test
  void whatIsMadeWhileAStoreIsWipedIsRefusedOrKeepsIt() throws Exception {
    for (int round = 0; round < 20; round++) {
      Path store = dir.resolve("wiped-" + round);
      SyncClient client = open(store);
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<Boolean> made = CompletableFuture.supplyAsync(() -> {
        begun.countDown();
        return catchThrowableOfType(RebasisException.class, () -> client.transact(doc(1))) == null;
      });
      begun.await();
      RebasisException kept = catchThrowableOfType(RebasisException.class, () -> client.wipe(LeftBehind.NOTHING));
      assertThat(made.get()).as("round %s: %s", round, kept).isEqualTo(kept != null);
      assertThat(Files.exists(store)).isEqualTo(kept != null);
      client.close();
    }
  }
}
