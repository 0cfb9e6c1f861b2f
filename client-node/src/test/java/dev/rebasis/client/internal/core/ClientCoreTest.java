package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.TxReportQueue;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.fake.FakeTransport;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.SystemIds;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What a program sees of a client while connections come and go and stores are reopened. */
class ClientCoreTest extends ClientRig {
  @Test
  void whatWasMadeOfflineIsConfirmedInOrder() {
    server.transact(SCHEMA);
    transport.cut();
    SyncClient client = client("one", transport);
    assertThat(client.status().state()).isEqualTo(ConnectionState.OFFLINE);
    assertThat(client.status().reconnectIn()).isPositive();
    assertThat(client.status().lastError().code()).isEqualTo(Keyword.of(":rebasis.error/server-unreachable"));
    transport.heal();
    environment.advance(60_000);
    assertThat(client.status().state()).isEqualTo(ConnectionState.LIVE);
    client.goOffline();

    Pending made = client.transact("[{:db/id \"x\" :k \"A\" :n 1}]");
    long local = made.resolve("x");
    Pending changed = client.transact(List.of(List.of(":db/add", local, ":n", 2L)));
    assertThat(local).isNegative();
    assertThat(changed.outcome()).isNotDone();
    client.goOnline();

    assertThat(made.outcome().join().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(changed.outcome().join().t()).isGreaterThan(made.outcome().join().t());
    long id = made.resolve("x");
    assertThat(id).isPositive();
    assertThat(client.sameEntity(id, local)).isTrue();
    assertThat(client.db().entity(local).id()).isEqualTo(id);
    assertThat(value(client.confirmed(), "A", ":n")).isEqualTo(2L);
    assertThat(client.pending()).isEmpty();
    assertThat(datoms(client.db())).isEqualTo(server.datoms());
    Status.Counters counters = client.status().counters();
    assertThat(counters.accepted()).isEqualTo(2);
    assertThat(counters.bytesSent()).isPositive();
    assertThat(counters.bytesReceived()).isPositive();
  }

  @Test
  void intentsAreInTheLogBeforeTheyAreSentAndGoneFromItOnceDecided() {
    SyncClient client = online();
    List<Integer> pendingWhenPushed = new ArrayList<>();
    transport.onMessage(message -> {
      if (message instanceof Message.Push) {
        pendingWhenPushed.add(rows("one", "pending"));
      }
    });
    client.transact("[{:k \"A\" :n 1}]");
    assertThat(pendingWhenPushed).containsExactly(1);
    assertThat(rows("one", "pending")).isZero();
    assertThat(rows("one", "outcome")).isEqualTo(1);
  }

  private int rows(String name, String table) {
    ClientCore core = (ClientCore) open.get(open.size() - 1);
    try (var connection = core.log().readOnlyConnection(() -> { });
        var row = connection.createStatement().executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getInt(1);
    } catch (java.sql.SQLException e) {
      throw new AssertionError(name, e);
    }
  }

  @Test
  void lostAcknowledgementGivesTheSameIdsOnce() {
    SyncClient client = online();
    transport.deliverOnly(message -> false);
    Pending made = client.transact("[{:db/id \"x\" :k \"A\" :n 1}]");
    assertThat(made.outcome()).isNotDone();
    client.close();

    transport.cut();
    transport.heal();
    // The client starts again, and finds what the server has decided in its catch-up, which comes late.
    transport.deliverOnly(message -> !(message instanceof Message.Transactions));
    SyncClient again = client("one", transport);
    assertThat(again.pending()).hasSize(1);
    transport.heal();
    again.goOffline();
    again.goOnline();
    assertThat(again.pending()).isEmpty();
    assertThat(again.status().counters().duplicate()).as("it is not sent a second time").isZero();
    assertThat(server.datoms().stream().filter(datom -> "A".equals(datom.v()))).hasSize(1);
    assertThat(again.db().entity(made.resolve("x"))).isNotNull();
    assertThat(datoms(again.db())).isEqualTo(server.datoms());
  }

  @Test
  void losingWriteIsRecordedAsAConflict() {
    SyncClient client = online();
    client.transact("[{:k \"A\" :n 1}]");
    transport.cut();
    Pending mine = client.transact("[[:db/add [:k \"A\"] :n 2]]");
    server.transact("[[:db/add [:k \"A\"] :n 3]]");
    transport.heal();
    environment.advance(60_000);
    Outcome outcome = mine.outcome().join();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(outcome.conflicts()).hasSize(1);
    assertThat(outcome.conflicts().get(0).base()).containsExactly(1L);
    assertThat(outcome.conflicts().get(0).local()).containsExactly(2L);
    assertThat(outcome.conflicts().get(0).remote()).containsExactly(3L);
    assertThat(value(client.confirmed(), "A", ":n")).isEqualTo(2L);
    List<ConflictRecord> before = client.conflicts();
    assertThat(before).hasSize(1);
    assertThat(before.get(0).outcome()).isEqualTo(outcome);
    client.close();
    assertThat(client("one", null).conflicts()).isEqualTo(before);
  }

  @Test
  void rejectedTransactionLeavesTheViewAndIsKept() {
    SyncClient client = online();
    client.transact("[{:k \"A\" :n 1}]");
    transport.cut();
    Pending cas = client.transact("[[:db/cas [:k \"A\"] :n 1 2]]");
    Pending next = client.transact("[[:db/add [:k \"A\"] :tag \"t\"]]");
    assertThat(value(client.db(), "A", ":n")).isEqualTo(2L);
    server.transact("[[:db/add [:k \"A\"] :n 7]]");
    transport.heal();
    environment.advance(60_000);
    assertThat(cas.outcome().join().kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(cas.outcome().join().message()).contains("7");
    assertThat(next.outcome().join().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(value(client.db(), "A", ":n")).isEqualTo(7L);
    assertThat(client.conflicts()).extracting(record -> record.id()).containsExactly(cas.id());
    assertThat(client.status().counters().rejected()).isEqualTo(1);
  }

  @Test
  void pendingWriteStaysVisibleWhileOthersAreConfirmed() {
    SyncClient client = online();
    client.transact("[{:k \"A\" :n 1}]");
    transport.deliverOnly(message -> !(message instanceof Message.Outcomes));
    client.goOffline();
    client.transact("[[:db/add [:k \"A\"] :tag \"mine\"]]");
    server.transact("[[:db/add [:k \"A\"] :n 5]]");
    List<Object> seen = new ArrayList<>();
    client.onTxReport(report -> seen.add(report.kind() + " "
        + value(client.db(), "A", ":tag") + " " + value(client.db(), "A", ":n")));
    client.goOnline();
    assertThat(seen).containsExactly("CONFIRMED [mine] 5", "CONFIRMED [mine] 5");
  }

  @Test
  void syncCompletesWithEverythingThatTheServerHad() {
    SyncClient client = online();
    transport.cut();
    client.transact("[{:k \"A\" :n 1}]");
    server.transact("[{:k \"B\" :n 2}]");
    CompletableFuture<Database> synced = client.sync();
    assertThat(synced).isNotDone();
    transport.heal();
    environment.advance(60_000);
    assertThat(value(synced.join(), "B", ":n")).isEqualTo(2L);
    assertThat(client.pending()).isEmpty();
    assertThat(client.sync(server.t()).join().basisT()).isEqualTo(server.t());
    assertThat(client.sync(server.t() + 1_000)).isNotDone();
    assertThatThrownBy(() -> client.sync(0)).isInstanceOf(RebasisException.class);
  }

  @Test
  void anotherDatabaseIsRefusedAndEverythingKept() {
    SyncClient client = online();
    client.transact("[{:k \"A\" :n 1}]");
    client.close();
    try (FakeServer other = new FakeServer()) {
      SyncClient astray = client("one", new FakeTransport(other, new UUID(6, 6)));
      assertThat(astray.status().lastError().code()).isEqualTo(Keyword.of(":rebasis.error/other-database"));
      assertThatThrownBy(() -> astray.sync().join()).isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(RebasisException.class).hasMessageContaining(DATABASE.toString());
      assertThat(value(astray.db(), "A", ":n")).isEqualTo(1L);
      astray.transact("[[:db/add [:k \"A\"] :n 2]]");
      astray.close();
    }
    SyncClient home = client("one", transport);
    assertThat(value(home.confirmed(), "A", ":n")).isEqualTo(2L);
  }

  @Test
  void reportsTellEveryStepInOrder() throws InterruptedException {
    SyncClient client = online();
    TxReportQueue queue = client.txReports();
    List<ConnectionState> states = new ArrayList<>();
    client.onStateChange(status -> states.add(status.state()));
    List<Outcome> outcomes = new ArrayList<>();
    client.onOutcome(outcomes::add);
    Pending made = client.transact("[{:k \"A\" :n 1}]");
    TxReport optimistic = queue.poll(Duration.ZERO);
    TxReport confirmed = queue.poll(Duration.ZERO);
    assertThat(optimistic.kind()).isEqualTo(TxReport.Kind.OPTIMISTIC);
    assertThat(optimistic.pending().id()).isEqualTo(made.id());
    assertThat(optimistic.before().entid(LookupRef.of(":k", "A"))).isNull();
    assertThat(value(optimistic.after(), "A", ":n")).isEqualTo(1L);
    assertThat(optimistic.datoms()).extracting(Datom::a).contains(SystemIds.DB_TX_INSTANT);
    assertThat(confirmed.kind()).isEqualTo(TxReport.Kind.CONFIRMED);
    assertThat(confirmed.after().basisT()).isEqualTo(server.t());
    assertThat(queue.poll(Duration.ZERO)).isNull();
    assertThat(outcomes).extracting(Outcome::id).containsExactly(made.id());
    client.goOffline();
    assertThat(states).containsExactly(ConnectionState.OFFLINE);
    queue.close();
    client.transact("[{:k \"B\" :n 1}]");
    assertThat(queue.poll(Duration.ZERO)).isNull();
  }

  @Test
  void listenerThatThrowsHarmsNobody() {
    SyncClient client = online();
    List<UUID> told = new ArrayList<>();
    client.onOutcome(outcome -> {
      throw new IllegalStateException("of the listener's own making");
    });
    client.onOutcome(outcome -> {
      throw new AssertionError("an error, of the listener's own making too");
    });
    SyncClient.Subscription subscription = client.onOutcome(outcome -> told.add(outcome.id()));
    Pending made = client.transact("[{:k \"A\"}]");
    assertThat(told).containsExactly(made.id());
    subscription.close();
    client.transact("[{:k \"B\"}]");
    assertThat(told).hasSize(1);
  }

  @Test
  void anErrorStopsTheClientWithAReasonAndNothingWaitsForEver() {
    SyncClient client = online();
    Pending kept = client.transact("[{:k \"A\"}]");
    transport.onMessage(message -> {
      throw new OutOfMemoryError("planned by the test");
    });
    Pending made = client.transact("[{:k \"B\"}]");
    assertThat(kept.outcome()).isCompleted();
    assertThat(made.outcome()).isCompletedExceptionally();
    assertThatThrownBy(() -> client.transact("[{:k \"C\"}]")).isInstanceOfSatisfying(RebasisException.class, e -> {
      assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/out-of-memory"));
      assertThat(e).hasMessageContaining("-Xmx");
    });
  }

  // ---- the end

  @Test
  void closeFailsWhatWaitsAndKeepsWhatIsPending() {
    SyncClient client = online();
    transport.cut();
    Pending made = client.transact("[{:k \"A\"}]");
    CompletableFuture<Database> sync = client.sync();
    Database old = client.db();
    client.close();
    client.close();
    assertThat(made.outcome()).isCompletedExceptionally();
    assertThat(sync).isCompletedExceptionally();
    assertThat(environment.isClosed()).isTrue();
    assertThat(catchThrowableOfType(RebasisException.class, client::db).code())
        .isEqualTo(Keyword.of(":rebasis.error/client-closed"));
    assertThatThrownBy(() -> client.transact("[{:k \"B\"}]")).isInstanceOf(RebasisException.class);
    assertThat(catchThrowableOfType(RebasisException.class, () -> datoms(old)).code())
        .isEqualTo(Keyword.of(":rebasis.error/database-expired"));
    assertThat(client.status().pendingCount()).isEqualTo(1);
    assertThat(client("one", null).pending()).hasSize(1);
  }

  @Test
  void storageFailureLeavesWhatIsShownReadableAndKeepsWhatWasAcknowledged() {
    SyncClient client = online();
    transport.cut();
    Pending kept = client.transact("[{:k \"A\" :n 1}]");
    // What a full disk does to the log's connection, done by hand.
    ((ClientCore) client).log().close();
    assertThatThrownBy(() -> client.transact("[{:k \"B\" :n 1}]")).isInstanceOf(RebasisException.class);
    RebasisException later = catchThrowableOfType(RebasisException.class, client::goOnline);
    assertThat(later.code()).isEqualTo(Keyword.of(":rebasis.error/store-failed"));
    assertThat(later).hasMessageContaining("open the store again");
    assertThatThrownBy(() -> client.transact("[{:k \"C\"}]")).isSameAs(later);
    assertThatThrownBy(client::sync).isSameAs(later);
    assertThatThrownBy(client::conflicts).as("the log cannot say all that it should").isSameAs(later);
    assertThat(client.pending()).extracting(Pending::id).containsExactly(kept.id());
    assertThat(client.db().entid(LookupRef.of(":k", "B"))).as("what is not on the disk is not shown").isNull();
    assertThat(client.status().lastError()).isSameAs(later);
    assertThat(client.status().state()).isEqualTo(ConnectionState.OFFLINE);
    assertThat(kept.outcome()).isCompletedExceptionally();
    client.close();
    SyncClient again = client("one", null);
    assertThat(again.pending()).extracting(Pending::id).containsExactly(kept.id());
    assertThat(again.db().entid(LookupRef.of(":k", "B"))).isNull();
  }

  @Test
  void storeOpenElsewhereIsRefusedByName() {
    client("one", null);
    RebasisException inUse = catchThrowableOfType(RebasisException.class, () -> client("one", null));
    assertThat(inUse.code()).isEqualTo(Keyword.of(":rebasis.error/store-in-use"));
    assertThat(inUse).hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
    assertThat(environment.isClosed()).isTrue();
  }

  @Test
  void unknownTempidIsAnError() {
    SyncClient client = client("local", null);
    Pending made = client.transact("[[:db/add \"x\" :db/doc \"d\"]]");
    assertThat(made.resolve("datomic.tx")).isNegative();
    assertThatThrownBy(() -> made.resolve("y")).isInstanceOf(RebasisException.class).hasMessageContaining("\"y\"");
  }
}
