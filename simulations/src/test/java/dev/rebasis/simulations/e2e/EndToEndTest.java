package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.await;
import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole path over real sockets and folders: offline edits, reconnect, conflicts, restart, agreement. */
@Alone
@ExtendWith(InsideCheck.class)
class EndToEndTest {
  @TempDir
  private Path folder;

  @ParameterizedTest(name = "json {0}")
  @ValueSource(booleans = {true, false})
  void clientsThatEditedOfflineAgreeWithTheServer(boolean json) {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient first = all.open("first", json);
      SyncClient second = all.open("second", json);
      SyncClient third = all.open("third", !json);
      get(all.server().transact("[{:order/number \"A-1\" :order/note \"new\" :order/quantity 1}]"));
      List.of(first, second, third).forEach(client -> get(client.sync()));

      first.goOffline();
      second.goOffline();
      Pending here = first.transact("[[:db/add [:order/number \"A-1\"] :order/note \"first\"]]");
      Pending there = second.transact("[[:db/add [:order/number \"A-1\"] :order/note \"second\"]]");
      Pending made = first.transact(
          "[{:db/id \"o\" :order/number \"A-2\" :order/due #inst \"2026-01-02\" :order/lines [{:line/product \"bolt\"}]}]");
      long local = made.resolve("o");
      Pending onIt = first.transact(List.of(List.of(
          dev.rebasis.data.Keyword.of(":db/add"), local, dev.rebasis.data.Keyword.of(":order/quantity"), 7L)));
      assertThat(first.db().q("[:find ?q :where [?o :order/number \"A-2\"] [?o :order/quantity ?q]]"))
          .containsExactly(List.of(7L));

      first.goOnline();
      assertThat(get(here.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      second.goOnline();
      Outcome merged = get(there.outcome());
      assertThat(merged.kind()).isEqualTo(OutcomeKind.MERGED);
      assertThat(merged.conflicts()).hasSize(1);
      assertThat(get(onIt.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(first.sameEntity(local, made.resolve("o"))).isTrue();

      all.assertAgreement();
      assertThat(third.db().q("[:find ?note :where [?o :order/number \"A-1\"] [?o :order/note ?note]]"))
          .containsExactly(List.of("second"));
    }
  }

  @Test
  void aRestartOfTheServerOnItsFolderAndPortCostsNothing() {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient client = all.open("client", false);
      get(client.transact("[{:order/number \"B-1\" :order/quantity 1}]").outcome());
      Set<String> before = EndToEnd.datoms(client.confirmed());
      int port = all.stopServer();
      await(client, ConnectionState.OFFLINE);
      Pending pending = client.transact("[[:db/add [:order/number \"B-1\"] :order/quantity 2]]");
      all.startServerAgain(port);
      client.goOnline();
      assertThat(get(pending.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(EndToEnd.datoms(client.confirmed())).hasSizeGreaterThan(before.size());
      all.assertAgreement();
      assertThat(all.serverNumber("[:find ?q . :where [_ :order/quantity ?q]]")).isEqualTo(2);
    }
  }

  @Test
  void aClientThatWasClosedWithPendingWorkFinishesItWhenItIsOpenedAgain() {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient client = all.open("client", false);
      get(client.sync());
      client.goOffline();
      for (int i = 0; i < 50; i++) {
        client.transact("[{:order/number \"P-" + i + "\" :order/quantity " + i + "}]");
      }
      all.close("client");
      SyncClient again = all.open("client", true);
      assertThat(again.db().<Long>query("[:find (count ?o) . :where [?o :order/number]]")).isEqualTo(50);
      get(again.sync());
      assertThat(again.status().pendingCount()).isZero();
      all.assertAgreement();
      assertThat(all.serverNumber("[:find (count ?o) . :where [?o :order/number]]")).isEqualTo(50);
    }
  }

  @Test
  void anOldDatabaseValueStaysAsItWasWhileSyncingGoesOn() {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient client = all.open("client", false);
      get(all.server().transact("[{:order/number \"V-1\" :order/quantity 0}]"));
      Database old = get(client.sync());
      Set<String> before = EndToEnd.datoms(old);
      for (int i = 1; i <= 30; i++) {
        get(all.server().transact("[[:db/add [:order/number \"V-1\"] :order/quantity " + i + "]]"));
      }
      Database now = get(client.sync());
      assertThat(EndToEnd.datoms(old)).isEqualTo(before);
      assertThat(now.q("[:find ?q :where [_ :order/quantity ?q]]")).containsExactly(List.of(30L));
    }
  }

  @Test
  void theLogOfAClosedClientIsReadWithPlainJdbc() throws SQLException {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient client = all.open("client", false);
      get(client.transact("[{:order/number \"J-1\" :order/quantity 1}]").outcome());
      get(client.sync());
      client.goOffline();
      client.transact("[[:db/add [:order/number \"J-1\"] :order/quantity 2]]");
      all.close("client");
    }
    try (Connection log = DriverManager.getConnection(
        "jdbc:h2:file:" + folder.resolve("client").resolve("log") + ";ACCESS_MODE_DATA=r", "reader", "");
        Statement statement = log.createStatement()) {
      assertThat(count(statement, "confirmed")).isPositive();
      assertThat(count(statement, "datom")).isPositive();
      assertThat(count(statement, "pending")).isEqualTo(1);
      try (ResultSet remarks = statement.executeQuery(
          "SELECT table_name FROM information_schema.tables WHERE table_schema = 'PUBLIC' AND remarks IS NULL")) {
        assertThat(remarks.next()).as("every table is explained by a comment").isFalse();
      }
    }
  }

  private static long count(Statement statement, String table) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
