package dev.rebasis.client.internal.audit;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.retract;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.index.RandomTransactions;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The audit must pass what is right and see what is wrong: each kind of difference is made here on purpose. */
class StoreAuditTest {
  private final RandomTransactions transactions = new RandomTransactions(7);
  private ClientLog log;
  private DatomIndex index;

  @BeforeEach
  void fill() {
    StoreFiles files = StoreFiles.inMemory();
    log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    index = DatomIndex.open(files, log);
    List<Transaction> batch = new ArrayList<>(List.of(transactions.first()));
    for (int i = 0; i < 200; i++) {
      batch.add(transactions.next());
    }
    log.write(List.of(new LogEntry.Confirmed(batch)), false);
    index.apply(batch);
  }

  @AfterEach
  void close() {
    index.close();
    log.close();
  }

  @Test
  void findsNothingWhereNothingIsWrong() {
    assertThat(StoreAudit.differences(log, index.snapshot())).isEmpty();
  }

  @Test
  void comparesAnOldSnapshotWithTheLogOfItsT() {
    IndexSnapshot old = index.snapshot();
    Transaction more = transactions.next();
    log.write(List.of(new LogEntry.Confirmed(List.of(more))), false);
    index.apply(List.of(more));
    assertThat(StoreAudit.differences(log, old)).isEmpty();
  }

  @Test
  void leavesOutWhatTheLogForgetsBeforeTheIndexDoes() {
    long gone = USER + 9999;
    Transaction came = tx(5000, add(gone, RandomTransactions.NAME, "soon gone"));
    Transaction left = new Transaction(5002, List.of(), List.of(gone));
    log.write(List.of(new LogEntry.Confirmed(List.of(came, left))), false);
    index.apply(List.of(came));
    assertThat(StoreAudit.differences(log, index.snapshot(), List.of(left))).isEmpty();
    assertThat(StoreAudit.differences(log, index.snapshot())).anyMatch(s -> s.contains("soon gone"));
    index.apply(List.of(tx(5001, add(USER + 9998, RandomTransactions.NAME, "not logged"))));
    assertThat(StoreAudit.differences(log, index.snapshot(), List.of(left)))
        .anyMatch(s -> s.contains("not logged")).noneMatch(s -> s.contains("soon gone"));
  }

  @Test
  void leavesOutWhatTheLogAddsToTheNewestTransactionBeforeTheIndexDoes() {
    Transaction first = tx(5000);
    Transaction more = new Transaction(
        5000, tx(5000, add(USER + 9999, RandomTransactions.NAME, "came in")).datoms(), List.of(USER + 9999));
    log.write(List.of(new LogEntry.Confirmed(List.of(first))), false);
    index.apply(List.of(first));
    log.write(List.of(new LogEntry.Confirmed(List.of(more))), false);
    assertThat(StoreAudit.differences(log, index.snapshot(), List.of(more))).isEmpty();
    assertThat(StoreAudit.differences(log, index.snapshot())).anyMatch(s -> s.contains("came in"));
  }

  @Test
  void seesAnIndexThatHasMoreThanTheLog() {
    index.apply(List.of(tx(5000, add(USER + 9999, RandomTransactions.NAME, "nobody"))));
    assertThat(StoreAudit.differences(log, index.snapshot()))
        .anyMatch(s -> s.startsWith("The index stands at T 5000"))
        .anyMatch(s -> s.startsWith("EAVT has") && s.contains("nobody"))
        .anyMatch(s -> s.startsWith("AVET has") && s.contains("nobody"))
        .anyMatch(s -> s.startsWith("history of AEVT has") && s.contains("nobody"));
  }

  @Test
  void seesAnIndexThatHasLessThanTheLog() {
    log.write(List.of(new LogEntry.Confirmed(List.of(tx(5000, add(USER + 9999, RandomTransactions.NAME, "somebody"))))), false);
    index.apply(List.of(tx(5000)));
    assertThat(StoreAudit.differences(log, index.snapshot()))
        .anyMatch(s -> s.startsWith("EAVT lacks") && s.contains("somebody"))
        .anyMatch(s -> s.startsWith("AVET lacks") && s.contains("somebody"));
  }

  @Test
  void seesAnOverlayThatIsNotTheReplayOfItsPendingTransactions() {
    List<Datom> pending = List.of(new Datom(-1, RandomTransactions.NAME, "pending", -2, true));
    DatabaseValue with = value(Overlay.EMPTY.apply(pending, index.snapshot().schema()));
    DatabaseValue without = value(Overlay.EMPTY);
    assertThat(StoreAudit.differences(with, List.of(pending))).isEmpty();
    assertThat(StoreAudit.differences(without, List.of(pending)))
        .anyMatch(s -> s.startsWith("EAVT with pending lacks") && s.contains("pending"));
    assertThat(StoreAudit.differences(with, List.of()))
        .anyMatch(s -> s.startsWith("AVET with pending has") && s.contains("pending"));
  }

  @Test
  void seesAnotherSchema() {
    index.apply(List.of(tx(5000, retract(RandomTransactions.TAG, SystemIds.DB_INDEX, true))));
    assertThat(StoreAudit.differences(log, index.snapshot())).anyMatch(s -> s.startsWith("The schema has"));
  }

  @Test
  void seesLocalIdsThatTheLogDoesNotGive() {
    log.write(List.of(new LogEntry.Made(Map.of(1L, USER + 1, 2L, USER + 2))), true);
    assertThat(StoreAudit.differences(log, MadeIds.NONE.with(Map.of(1L, USER + 1)))).isEmpty();
    assertThat(StoreAudit.differences(log, MadeIds.NONE.with(Map.of(2L, USER + 1)))).singleElement().asString()
        .contains("The local id -2 stands for " + (USER + 1));
    log.write(List.of(new LogEntry.Made(Map.of(0L, USER + 1))), true);
    assertThat(StoreAudit.differences(log, MadeIds.NONE)).singleElement().asString().contains("the local number 0");
  }

  private DatabaseValue value(Overlay overlay) {
    return DatabaseValue.of(index.snapshot(), overlay, id -> id, index.position(), new QueryEngine());
  }
}
