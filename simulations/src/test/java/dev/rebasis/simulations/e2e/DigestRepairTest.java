package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Scope;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.Verification;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.core.ClientEnvironment;
import dev.rebasis.client.internal.core.WantedScopes;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.cli.CommandRun;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a client that holds another datom than the server, at the same T, is found, named by its attribute, and repaired
 * without losing what is pending. Method: a connection that loses or changes one datom, once.
 */
@Alone
@ExtendWith(InsideCheck.class)
class DigestRepairTest {
  @TempDir
  private Path folder;
  private RebasisServer server;
  private Opened opened;

  @BeforeEach
  void startServer(Opened everything) {
    opened = everything;
    server = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA).start();
    get(server.transact("[{:order/number \"A-1\" :order/note \"first\" :order/quantity 1}]"));
    get(server.transact("[{:order/number \"A-1\" :order/note \"second\"} {:order/number \"A-2\" :order/tags [:t/a :t/b]}]"));
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private SyncClient open(UnaryOperator<Datom> change) {
    return open(change, WantedScopes.AS_HELD);
  }

  private SyncClient open(UnaryOperator<Datom> change, WantedScopes scopes) {
    return open(TamperedTransport.environment(server.uri(), change), scopes);
  }

  private SyncClient open(ClientEnvironment environment, WantedScopes scopes) {
    Tuning quick = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
    return opened.watched("client", ClientCore.open(
        new ClientConfig(StoreFiles.folder(folder.resolve("client")), Durability.POWER_LOSS, quick, QueryExtensions.NONE,
            Rules.BUILT_IN, Map.of(), scopes), environment));
  }

  /** Does it to the first datom that has this value. */
  private static UnaryOperator<Datom> once(Object value, UnaryOperator<Datom> change) {
    AtomicInteger left = new AtomicInteger(1);
    return datom -> datom.v().equals(value) && datom.added() && left.getAndDecrement() > 0 ? change.apply(datom) : datom;
  }

  @Test
  void aClientThatIsAsItShouldBeIsToldSo() {
    try (SyncClient client = open(datom -> datom)) {
      get(client.sync());
      Verification verification = get(client.verify());
      assertThat(verification.isSame()).isTrue();
      assertThat(verification.t()).isEqualTo(server.t());
      get(client.transact("[[:db/add [:order/number \"A-1\"] :order/note \"third\"]"
          + "[:db/retract [:order/number \"A-2\"] :order/tags :t/a]]").outcome());
      get(client.transact("[[:db/retractEntity [:order/number \"A-1\"]]]").outcome());
      assertThat(get(client.verify()).isSame()).isTrue();
    }
    try (SyncClient client = open(datom -> datom)) {
      get(server.transact("[[:db/retract [:order/number \"A-2\"] :order/tags :t/b]]"));
      assertThat(get(client.verify()).isSame()).as("with the digest that was stored with the index").isTrue();
    }
  }

  @Test
  void aDatomThatWasLostIsFoundNamedAndBroughtBack() {
    assertRepaired(once("second", datom -> null), ":order/note");
  }

  @Test
  void aDatomThatWasChangedIsFoundNamedAndMended() {
    assertRepaired(once(Keyword.of(":t/b"), datom ->
        new Datom(datom.e(), datom.a(), Keyword.of(":t/c"), datom.tx(), true)), ":order/tags");
  }

  @Test
  void aClientThatHoldsAPartIsRepairedToo() {
    get(server.transact("[{:order/number \"B-1\" :order/note \"of nobody's scope\"}]"));
    CompletableFuture<String> told = new CompletableFuture<>();
    WantedScopes part = WantedScopes.of(List.of(
        Scope.query("[:find ?o :where [?o :order/number ?n] [(= ?n \"A-1\")]]").spec()));
    try (SyncClient client = open(once("second", datom -> null), part)) {
      client.onStateChange(status -> {
        if (status.lastError() != null && status.lastError().code().toString().equals(":rebasis.error/differs")) {
          told.complete(status.lastError().getMessage());
        }
      });
      assertThat(get(told)).contains("of 1 attributes");
      Pending pending = client.transact("[{:order/number \"A-1\" :order/quantity 5}]");
      assertThat(get(pending.outcome()).kind().isCommitted()).isTrue();
      get(client.sync());
      assertThat(get(client.verify()).isSame()).isTrue();
      assertThat(client.db().q("[:find ?n ?q :where [?o :order/note ?n] [?o :order/quantity ?q]]").toString())
          .contains("second").contains("5").doesNotContain("nobody");
    }
  }

  private void assertRepaired(UnaryOperator<Datom> fault, String attribute) {
    CompletableFuture<TxReport> loaded = new CompletableFuture<>();
    CompletableFuture<String> told = new CompletableFuture<>();
    try (SyncClient client = open(fault)) {
      client.onTxReport(report -> {
        if (report.kind() == TxReport.Kind.LOADED) {
          loaded.complete(report);
        }
      });
      client.onStateChange(status -> {
        if (status.lastError() != null && status.lastError().code().toString().equals(":rebasis.error/differs")) {
          told.complete(status.lastError().getMessage());
        }
      });
      // Nobody asks: the client compares as soon as it has caught up.
      assertThat(get(told)).contains("of 1 attributes");
      client.goOffline();
      Pending pending = client.transact("[{:db/id \"x\" :db/doc \"made meanwhile\"}]");
      client.goOnline();
      assertThat(get(pending.outcome()).kind().isCommitted()).isTrue();
      get(loaded);
      get(client.sync());
      assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
      assertThat(get(client.verify()).isSame()).isTrue();
      assertNamed(client.status().lastDifference(), attribute);
    }
  }

  private void assertNamed(Verification found, String attribute) {
    assertThat(found.differences()).singleElement().satisfies(difference -> {
      assertThat(difference.attribute()).isEqualTo(Keyword.of(attribute));
      long there = ((Collection<?>) datomic.Peer.query("[:find ?e ?v :in $ ?a :where [?e ?a ?v]]", server.database(),
          datomic.Util.read(attribute))).size();
      assertThat(difference.there()).isEqualTo(there);
      assertThat(difference.here()).as("lost, or another in its place").isBetween(there - 1, there);
    });
  }

  @Test
  void theCommandTellsWhatTheClientFoundAndMendedByItself() {
    UnaryOperator<Datom> lost = once("second", datom -> null);
    try (SyncClient client = open(TamperedTransport.environment(server.uri(), Credentials.none(),
        message -> message instanceof Message.Verified ? null : TamperedTransport.changed(message, lost)), WantedScopes.AS_HELD)) {
      get(client.sync());
      assertThat(client.db().q("[:find ?n :where [_ :order/note ?n]]")).as("the store has lost a datom").isEmpty();
    }
    CommandRun run = CommandRun.of("client", "verify", "--store", folder.resolve("client").toString(), "--server",
        server.uri().toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains(":order/note: 0 current datoms here, 1 on the server").contains("NOT THE SERVER'S: 1 attributes");
    assertThat(CommandRun.of("client", "verify", "--store", folder.resolve("client").toString(), "--server",
        server.uri().toString()).done()).contains("the same as the server at T ");
  }
}
