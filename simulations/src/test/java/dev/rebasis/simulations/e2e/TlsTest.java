package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.cli.CommandRun;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a client syncs with a server that speaks TLS under a certificate of its own, if it was told to trust that, and tells
 * nothing to any other. Method: a real server with a key made for the test; loads, a session, requests where a proxy lets no
 * WebSocket through, the command line.
 */
class TlsTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));

  @TempDir
  private Path folder;
  private KeyStore keys;
  private String certificate;
  private String key;
  private Path trusted;

  @BeforeEach
  void makeKeys() throws Exception {
    Path store = folder.resolve("keys.p12");
    Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair", "-keyalg", "EC", "-alias", "s", "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost",
        "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "changeit", "-validity", "2")
        .redirectErrorStream(true).start();
    assertThat(new String(keytool.getInputStream().readAllBytes())).doesNotContain("rror");
    assertThat(keytool.waitFor()).isZero();
    keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    certificate = pem("CERTIFICATE", keys.getCertificate("s").getEncoded());
    key = pem("PRIVATE KEY", keys.getKey("s", "changeit".toCharArray()).getEncoded());
    trusted = Files.writeString(folder.resolve("trusted.pem"), certificate);
  }

  private static String pem(String what, byte[] encoded) {
    return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(encoded) + "\n-----END " + what + "-----\n";
  }

  private RebasisServer server() {
    return RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA).tls(certificate, key).start();
  }

  private ClientBuilder client(RebasisServer server) {
    return SyncClient.builder().inMemory().server(server.uri()).tuning(QUICK);
  }

  @Test
  void aClientThatTrustsTheCertificateLoadsAndSyncs() {
    try (RebasisServer server = server()) {
      StringBuilder many = new StringBuilder("[");
      for (int i = 0; i < 12_000; i++) {
        many.append("{:order/number \"N-").append(i).append("\" :order/quantity 1}");
      }
      get(server.transact(many.append("]").toString()));
      CompletableFuture<Status> loading = new CompletableFuture<>();
      try (SyncClient client = client(server).trust(trusted).open()) {
        client.onStateChange(status -> {
          if (status.load() != null) {
            loading.complete(status);
          }
        });
        get(client.sync());
        assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
        assertThat(get(loading).load().datomsMax()).isGreaterThan(20_000);
        Pending made = client.transact("[{:order/number \"mine\"}]");
        assertThat(get(made.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      }
    }
  }

  @Test
  void whereNoWebSocketComesThroughItGoesByRequestsOverTls() throws Exception {
    try (RebasisServer server = server(); WebSocketHater network = new WebSocketHater(server.port(), WebSocketHater.Mood.REFUSES, tls());
        SyncClient client = SyncClient.builder().inMemory().server(network.uri("/db/orders")).tuning(QUICK).trust(trusted).open()) {
      get(client.sync());
      Pending made = client.transact("[{:order/number \"mine\"}]");
      assertThat(get(made.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      CompletableFuture<Boolean> heard = new CompletableFuture<>();
      client.onTxReport(report -> {
        if (!client.db().q("[:find ?o :where [?o :order/number \"theirs\"]]").isEmpty()) {
          heard.complete(true);
        }
      });
      // Nobody asks: it comes by the poll that waits.
      get(server.transact("[{:order/number \"theirs\"}]"));
      assertThat(get(heard)).isTrue();
      assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
      assertThat(network.webSockets()).isEqualTo(1);
      assertThat(network.exchanges()).isPositive();
    }
  }

  /** The server's own key for a proxy, which trusts the server. */
  private SSLContext tls() throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, "changeit".toCharArray());
    KeyStore others = KeyStore.getInstance("PKCS12");
    others.load(null, null);
    others.setCertificateEntry("s", keys.getCertificate("s"));
    TrustManagerFactory trusting = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusting.init(others);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(own.getKeyManagers(), trusting.getTrustManagers(), null);
    return tls;
  }

  @Test
  void aClientThatDoesNotIsToldSoAndGoesOnOffline() {
    try (RebasisServer server = server(); SyncClient client = client(server).open()) {
      CompletableFuture<RebasisException> told = new CompletableFuture<>();
      client.onStateChange(status -> note(status, told));
      note(client.status(), told);
      assertThat(get(told).getMessage()).contains("127.0.0.1", "--trust FILE");
      Pending made = client.transact("[{:db/id \"x\" :db/doc \"waits\"}]");
      assertThat(made.outcome()).isNotDone();
    }
  }

  @Test
  void whoSpeaksTlsToAServerThatDoesNot_orTheOtherWayRound_isToldSo() {
    try (RebasisServer secure = server();
        RebasisServer plain = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA).start()) {
      assertThat(secure.uri().getScheme()).isEqualTo("https");
      assertThat(firstError(secure.uri().toString().replace("https:", "http:"))).contains("If it speaks TLS");
      assertThat(firstError(plain.uri().toString().replace("http:", "https:"))).contains("If it does not speak TLS");
    }
  }

  private static String firstError(String address) {
    try (SyncClient client = SyncClient.builder().inMemory().server(URI.create(address)).tuning(QUICK).open()) {
      CompletableFuture<RebasisException> told = new CompletableFuture<>();
      client.onStateChange(status -> note(status, told));
      note(client.status(), told);
      return get(told).getMessage();
    }
  }

  private static void note(Status status, CompletableFuture<RebasisException> told) {
    if (status.lastError() != null) {
      told.complete(status.lastError());
    }
  }

  @Test
  void theCommandLineTrustsWhatItIsTold() throws IOException {
    try (RebasisServer server = server()) {
      String store = folder.resolve("store").toString();
      assertThat(CommandRun.of("client", "sync", "--create", "--store", store, "--server", server.uri().toString(), "--trust",
          trusted.toString()).done()).contains("0 pending");
      CommandRun.of("client", "sync", "--store", store, "--server", server.uri().toString(), "--timeout", "1").refused("127.0.0.1");
      Path none = Files.writeString(folder.resolve("none.pem"), "no certificate");
      CommandRun.of("client", "sync", "--store", store, "--server", server.uri().toString(), "--trust", none.toString())
          .refused("Name a file of certificates in PEM");
    }
    assertThatThrownBy(() -> SyncClient.builder().trust(folder.resolve("missing.pem"))).hasMessageContaining("missing.pem");
  }
}
