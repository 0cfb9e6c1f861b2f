package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: where the network lets no WebSocket through, a client syncs by plain requests without being told to, both ways and
 * in both codecs, and goes back to a WebSocket when there is one. Method: a real server, a real client, and a proxy that
 * refuses or cuts WebSockets.
 */
@Alone
@ExtendWith(InsideCheck.class)
class ExchangeTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));

  @TempDir
  private Path folder;
  private RebasisServer server;

  @BeforeEach
  void startServer() {
    server = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA).start();
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private Opened opened;

  @BeforeEach
  void watch(Opened everything) {
    opened = everything;
  }

  private SyncClient open(WebSocketHater network, boolean json, Tuning tuning) {
    ClientBuilder builder =
        SyncClient.builder().store(folder.resolve("client")).server(network.uri("/db/orders")).tuning(tuning);
    return opened.watched("client", (json ? builder.readableMessages() : builder).open());
  }

  private void assertAgreement(SyncClient client) {
    Database confirmed = get(client.sync());
    assertThat(confirmed.basisT()).isEqualTo(server.t());
    assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aClientBehindAProxyThatRefusesUpgradesSyncsBothWays(boolean json) throws IOException {
    try (WebSocketHater network = new WebSocketHater(server.port(), WebSocketHater.Mood.REFUSES);
        SyncClient client = open(network, json, QUICK)) {
      get(client.sync());
      List<Pending> made = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        made.add(client.transact("[{:order/number \"A-" + i + "\" :order/quantity " + i + "}]"));
      }
      for (Pending one : made) {
        assertThat(get(one.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      }
      CompletableFuture<Boolean> heard = new CompletableFuture<>();
      client.onTxReport(report -> {
        if (!client.db().q("[:find ?o :where [?o :order/number \"from the server\"]]").isEmpty()) {
          heard.complete(true);
        }
      });
      // Nobody asks: it comes by the poll that waits.
      get(server.transact("[{:order/number \"from the server\"}]"));
      assertThat(get(heard)).isTrue();
      assertAgreement(client);
      assertThat(client.status().state()).isEqualTo(ConnectionState.LIVE);
      assertThat(network.webSockets()).isEqualTo(1);
      assertThat(network.exchanges()).isPositive();
      // The same session logic: the next session goes by exchange at once.
      client.goOffline();
      client.transact("[{:order/number \"made offline\"}]");
      client.goOnline();
      assertAgreement(client);
      assertThat(network.webSockets()).isEqualTo(1);
    }
  }

  @Test
  void aLoadAndAnExchangeGoTogether() throws IOException {
    for (int i = 0; i < 22; i++) {
      StringBuilder forms = new StringBuilder("[");
      for (int k = 0; k < 1_000; k++) {
        forms.append("{:order/number \"N-").append(i).append('-').append(k).append("\"}");
      }
      get(server.transact(forms.append("]").toString()));
    }
    try (WebSocketHater network = new WebSocketHater(server.port(), WebSocketHater.Mood.REFUSES);
        SyncClient client = open(network, false, QUICK)) {
      Pending made = client.transact("[{:db/id \"x\" :db/doc \"made while it loads\"}]");
      assertThat(get(made.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertAgreement(client);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 500})
  void aNetworkThatCutsWebSocketsAgainAndAgainIsLeftForRequestsAndTriedAgainLater(int bytes) throws IOException {
    try (WebSocketHater network = new WebSocketHater(server.port(), WebSocketHater.Mood.FRIENDLY)) {
      network.mood(WebSocketHater.Mood.CUTS);
      network.cutAfter(bytes);
      comesThroughAndGoesBack(network);
    }
  }

  private void comesThroughAndGoesBack(WebSocketHater network) throws IOException {
    try (SyncClient client = open(network, false, QUICK.withWebSocketAgain(Duration.ofSeconds(2)))) {
      get(client.sync());
      Pending made = client.transact("[{:order/number \"A-1\"}]");
      assertThat(get(made.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertAgreement(client);
      assertThat(network.exchanges()).isPositive();
      network.mood(WebSocketHater.Mood.FRIENDLY);
      boolean back = false;
      for (int i = 0; i < 2_000 && !back; i++) {
        get(server.transact("[{:order/number \"B-" + i + "\"}]"));
        assertAgreement(client);
        int webSockets = network.webSockets();
        int exchanges = network.exchanges();
        client.goOffline();
        client.goOnline();
        assertAgreement(client);
        back = network.webSockets() > webSockets && network.exchanges() == exchanges;
      }
      assertThat(back).isTrue();
    }
  }

  @Test
  void limitsHoldByExchangeTooAndTheClientIsTold() throws IOException {
    server.close();
    server = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA)
        .limits(new ServerLimits(64 << 10, 1, 1, 0, Duration.ZERO, 8, 2)).start();
    try (WebSocketHater network = new WebSocketHater(server.port(), WebSocketHater.Mood.REFUSES);
        SyncClient client = open(network, false, QUICK)) {
      get(client.sync());
      try (SyncClient second = opened.watched("second",
          SyncClient.builder().inMemory().server(network.uri("/db/orders")).tuning(QUICK).open())) {
        CompletableFuture<Keyword> refused = new CompletableFuture<>();
        second.onStateChange(status -> {
          if (status.lastError() != null) {
            refused.complete(status.lastError().code());
          }
        });
        assertThat(get(refused)).isEqualTo(Keyword.of(":rebasis.error/too-many-sessions"));
      }
      // Together they are larger than the server takes: they go in several messages.
      List<Pending> made = new ArrayList<>();
      client.goOffline();
      for (int i = 0; i < 40; i++) {
        made.add(client.transact("[{:order/number \"A-" + i + "\" :order/note \"" + "x".repeat(8_000) + "\"}]"));
      }
      client.goOnline();
      for (Pending one : made) {
        assertThat(get(one.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      }
      assertAgreement(client);
    }
  }
}
