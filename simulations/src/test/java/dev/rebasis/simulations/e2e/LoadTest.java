package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Scope;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.digest.Digest;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a client that lacks much has, after a load, the server's current datoms one by one, whatever was cut on the way,
 * shows nothing of it before, and keeps what was made here. Method: a real server and a real client; a proxy that cuts
 * every load after some kilobytes; a client that is closed in the middle of a load and opened again.
 */
@Alone
@ExtendWith(InsideCheck.class)
class LoadTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));

  @TempDir
  private Path folder;
  private RebasisServer server;
  private Opened opened;

  @BeforeEach
  void startServer(Opened everything) {
    opened = everything;
    server = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA).start();
    fill(0, 18);
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  /** So many transactions of 1,000 orders each, with values that come and go. */
  private void fill(int from, int to) {
    for (int i = from; i < to; i++) {
      StringBuilder forms = new StringBuilder("[");
      for (int k = 0; k < 1_000; k++) {
        forms.append("{:order/number \"N-").append(i / 2).append('-').append(k).append("\" :order/note \"note ")
            .append(i).append("\"}");
      }
      get(server.transact(forms.append("]").toString()));
      get(server.transact("[[:db/retractEntity [:order/number \"N-" + i / 2 + "-7\"]]]"));
    }
  }

  private SyncClient open(URI uri) {
    return opened.watched("client",
        SyncClient.builder().store(folder.resolve("client")).server(uri).tuning(QUICK).open());
  }

  private void assertAgreement(SyncClient client) {
    Database confirmed = get(client.sync());
    assertThat(confirmed.basisT()).isEqualTo(server.t());
    assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
  }

  @Test
  void aNewClientLoadsAndIsWrittenToMeanwhile() {
    ConcurrentLinkedQueue<Status> seen = new ConcurrentLinkedQueue<>();
    CompletableFuture<TxReport> loaded = new CompletableFuture<>();
    try (SyncClient client = open(server.uri())) {
      client.onStateChange(seen::add);
      client.onTxReport(report -> {
        if (report.kind() == TxReport.Kind.LOADED) {
          loaded.complete(report);
        }
      });
      Pending made = client.transact("[{:db/id \"x\" :db/doc \"made while it loads\"}]");
      assertThat(get(made.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertAgreement(client);
      assertThat(get(loaded).after().basisT()).isGreaterThan(1_000);
    }
    List<Status.Load> loads = seen.stream().map(Status::load).filter(load -> load != null).toList();
    assertProgress(loads, facts());
    // Nothing of the load was seen before its end.
    assertThat(seen).allMatch(status -> status.load() == null || status.basisT() == 0);
  }

  /** What is current, but for what every database begins with and for facts about transactions. */
  private long facts() {
    long facts = 0;
    for (datomic.Datom datom : server.database().datoms(datomic.Database.EAVT)) {
      long e = ((Number) datom.e()).longValue();
      facts += e != 0 && !EntityIds.isTx(e) && EntityIds.tOf((Long) datom.tx()) >= Digest.FIRST_T ? 1 : 0;
    }
    return facts;
  }

  /** They count up to about the number of what is current. */
  private static void assertProgress(List<Status.Load> loads, long current) {
    assertThat(loads).isNotEmpty();
    assertThat(loads).extracting(Status.Load::datoms).isSorted();
    assertThat(loads).allSatisfy(load -> assertThat(load.datomsMax()).isBetween(current - 20, current + 20));
    assertThat(loads).allSatisfy(load -> assertThat(load.datoms()).isLessThanOrEqualTo(current));
  }

  @Test
  void aPartCountsUpToItsOwnFacts() {
    ConcurrentLinkedQueue<Status> seen = new ConcurrentLinkedQueue<>();
    Scope some = Scope.query("[:find ?o :where (or [?o :order/note \"note 3\"] [?o :order/note \"note 15\"])]");
    try (SyncClient client = opened.watched("client", SyncClient.builder().store(folder.resolve("client")).server(server.uri())
        .tuning(QUICK).scope(some).open())) {
      client.onStateChange(seen::add);
      get(client.sync());
      assertThat(client.db().q("[:find ?o :where [?o :order/number]]")).hasSize(2 * 999);
    }
    List<Status.Load> loads = seen.stream().map(Status::load).filter(load -> load != null).toList();
    assertThat(loads).isNotEmpty();
    assertThat(loads).extracting(Status.Load::datoms).isSorted();
    assertThat(loads).allSatisfy(load -> assertThat(load.datomsMax()).isBetween(4L * 999, 4L * 999 + 1_000));
  }

  @Test
  void aClientThatWasAwayForLongKeepsWhatWasMadeHere() {
    long before;
    try (SyncClient client = open(server.uri())) {
      before = get(client.sync()).basisT();
      client.goOffline();
      client.transact("[[:db/add [:order/number \"N-3-5\"] :order/quantity 5]]");
      client.transact("[{:order/number \"made here\" :order/note \"n\"}]");
    }
    fill(6, 20);
    try (SyncClient client = open(server.uri())) {
      assertThat(client.confirmed().basisT()).isEqualTo(before);
      assertThat(client.pending()).hasSize(2);
      List<Pending> pending = client.pending();
      pending.forEach(one -> assertThat(get(one.outcome()).kind().isCommitted()).isTrue());
      assertAgreement(client);
      // What came and went while it was away is not here, and the client does not pretend that it is.
      assertThatThrownBy(() -> client.confirmed().history().datoms(IndexOrder.EAVT).iterator().hasNext())
          .hasMessageContaining("history of this database is complete from T");
      assertThat(client.db().q("[:find ?q :where [?o :order/number \"N-3-5\"] [?o :order/quantity ?q]]"))
          .containsExactly(List.of(5L));
    }
  }

  @Test
  void aFileFillsAStoreThatThenFollowsTheServer() throws Exception {
    Path file = folder.resolve("orders.snapshot");
    HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/db/orders/snapshot"))
            .header("Accept-Encoding", "gzip").build(),
        HttpResponse.BodyHandlers.ofFile(file));
    long t = server.t();
    try (SyncClient client = opened.watched("client",
        SyncClient.builder().store(folder.resolve("client")).snapshot(file).open())) {
      assertThat(client.confirmed().basisT()).isEqualTo(t);
      assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
    }
    fill(18, 20);
    try (SyncClient client = open(server.uri())) {
      Pending made = client.transact("[[:db/add [:order/number \"N-3-5\"] :order/quantity 5]]");
      assertThat(get(made.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertAgreement(client);
      assertThat(get(client.verify()).differences()).isEmpty();
    }
  }

  @Test
  void aLoadThatIsCutAgainAndAgainComesToItsEnd() throws IOException {
    ConcurrentLinkedQueue<Status.Load> loads = new ConcurrentLinkedQueue<>();
    try (CuttingProxy proxy = new CuttingProxy(server.port(), "/snapshot", 14_000);
        SyncClient client = open(proxy.uri("/db/orders"))) {
      client.onStateChange(status -> {
        if (status.load() != null) {
          loads.add(status.load());
        }
      });
      Pending made = client.transact("[{:db/id \"x\" :db/doc \"made while it loads\"}]");
      assertThat(get(made.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertAgreement(client);
      assertThat(proxy.cuts()).isGreaterThan(1);
      // With what came before each cut; the total is not forgotten either.
      assertProgress(List.copyOf(loads), facts());
      assertThat(loads).extracting(Status.Load::datoms).anyMatch(datoms -> datoms > facts() / 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "gzip"})
  void aLoadComesCompressedInEitherWay(String encoding) throws IOException {
    try (CuttingProxy proxy = new CuttingProxy(server.port(), "/snapshot", Long.MAX_VALUE)) {
      proxy.ask(encoding);
      try (SyncClient client = open(proxy.uri("/db/orders"))) {
        assertAgreement(client);
      }
      assertThat(proxy.accepted()).as("with zstd-jni on the class path").containsOnly("zstd, gzip");
      assertThat(proxy.answered()).containsOnly(encoding);
    }
  }

  @Test
  void aTransactionAsLargeAsMayBeIsLoaded() {
    String text = "x".repeat(4 << 20);
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < 7; i++) {
      forms.append("{:order/number \"L-").append(i).append("\" :order/note \"").append(text).append("\"}");
    }
    get(server.transact(forms.append("]").toString()));
    try (SyncClient client = open(server.uri())) {
      assertAgreement(client);
    }
    assertThatThrownBy(() -> get(server.transact("[{:order/note \"" + text + "y\"}]"))).hasMessageContaining("Keep it elsewhere");
  }

  @Test
  void aClientThatIsClosedInTheMiddleGoesOnAndShowedNothing() throws Exception {
    try (CuttingProxy proxy = new CuttingProxy(server.port(), "/snapshot", 16_000)) {
      int lives = 0;
      for (boolean done = false; !done; lives++) {
        CompletableFuture<Boolean> cut = new CompletableFuture<>();
        try (SyncClient client = open(proxy.uri("/db/orders"))) {
          assertThat(client.confirmed().basisT()).isZero();
          if (lives == 0) {
            client.transact("[{:db/id \"x\" :db/doc \"made before it was closed\"}]");
          }
          client.onStateChange(status -> {
            if (status.basisT() > 0) {
              cut.complete(true);
            } else if (status.lastError() != null
                && status.lastError().code().toString().equals(":rebasis.error/load-failed")) {
              cut.complete(false);
            }
          });
          done = get(cut) || lives > 4;
        }
      }
      proxy.heal();
      assertThat(lives).isGreaterThan(1);
      try (SyncClient client = open(proxy.uri("/db/orders"))) {
        assertAgreement(client);
        assertThat(client.pending()).isEmpty();
        assertThat(client.db().q("[:find ?e :where [?e :db/doc \"made before it was closed\"]]")).hasSize(1);
      }
    }
  }
}
