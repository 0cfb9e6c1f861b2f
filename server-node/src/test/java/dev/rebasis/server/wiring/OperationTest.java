package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.TokenFile;
import dev.rebasis.server.cli.DevicesCommand;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What monitors see, and TLS. */
class OperationTest {
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path folder;

  private static HttpResponse<String> get(HttpClient http, RebasisServer server, String path) throws Exception {
    return http.send(HttpRequest.newBuilder(server.uri().resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void readinessAndMetricsSayHowItIs() throws Exception {
    try (RebasisServer server = RebasisServer.builder().inMemory().start()) {
      assertThat(get(http, server, "/ready").statusCode()).isEqualTo(200);
      try (TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.cbor")) {
        c.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 0));
        c.next(Message.Welcome.class);
        Intent intent = new Intent(new UUID(2, 2), 1, server.t(), Instant.EPOCH, List.of(Map.of(Keyword.of(":db/id"), "x",
            Keyword.of(":db/doc"), "pushed")), Map.of(Intent.TX_TEMPID, 10L, "x", 11L));
        c.send(new Message.Push(List.of(intent)));
        assertThat(c.next(Message.Outcomes.class).outcomes().get(0).kind()).isEqualTo(OutcomeKind.ACCEPTED);
        String metrics = get(http, server, "/metrics").body();
        assertThat(metrics).contains("rebasis_push_outcomes_total{database=\"main\",kind=\"accepted\"} 1.0",
            "rebasis_session_lag{client=\"1\",database=\"main\"} ");
        assertThat(metrics).containsPattern("rebasis_log_force_seconds_count\\{database=\"main\"\\} [1-9]");
        assertThat(metrics).containsPattern("rebasis_log_force_seconds_bucket\\{database=\"main\",le=\"1.0\"\\} [1-9]");
        assertThat(metrics).contains("rebasis_sessions{database=\"main\"} 1.0", "rebasis_push_outcomes_total{database=\"main\",kind=\"parked\"} 0.0",
            "rebasis_given_up{database=\"main\"} 0.0", "rebasis_log_forces_total", "jvm_memory_used_bytes", "# HELP rebasis_t ");
        assertThat(metrics).containsPattern("rebasis_t\\{database=\"main\"\\} " + server.t() + "\\.0");
        assertThat(metrics).containsPattern("rebasis_session_lag_max\\{database=\"main\"\\} [1-9]");
      }
      server.stopBeingReady();
      assertThat(get(http, server, "/ready").statusCode()).isEqualTo(503);
      assertThat(get(http, server, "/ready").body()).contains("about to stop");
      assertThat(get(http, server, "/health").statusCode()).isEqualTo(200);
    }
  }

  /** A key with a certificate of its own. */
  private record Keys(Certificate certificate, Key key) {
    String certificates() throws Exception {
      return pem("CERTIFICATE", certificate.getEncoded());
    }

    String privateKey() {
      return pem("PRIVATE KEY", key.getEncoded());
    }

    /** Of clients that trust nothing else. */
    HttpClient client() throws Exception {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("s", certificate);
      TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return HttpClient.newBuilder().sslContext(context).build();
    }
  }

  private Keys keys(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair", "-keyalg", "EC", "-alias", "s", "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost",
        "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "changeit", "-validity", "2")
        .redirectErrorStream(true).start();
    keytool.getInputStream().readAllBytes();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    return new Keys(keys.getCertificate("s"), keys.getKey("s", "changeit".toCharArray()));
  }

  @Test
  void tlsWithPemFilesThatAreChangedWhileItRuns() throws Exception {
    Keys first = keys("first");
    Keys second = keys("second");
    try (RebasisServer server = RebasisServer.builder().inMemory().tls(first.certificates(), first.privateKey()).start()) {
      assertThat(server.uri().getScheme()).isEqualTo("https");
      assertThat(get(first.client(), server, "/health").statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(http, server, "/health")).isInstanceOf(java.io.IOException.class);
      assertThatThrownBy(() -> get(second.client(), server, "/health")).isInstanceOf(java.io.IOException.class);
      assertThat(devices(server, "--trust", Files.writeString(folder.resolve("first.pem"), first.certificates()))).isEqualTo("[]");
      assertThat(devices(server, "--trust", Files.writeString(folder.resolve("second.pem"), second.certificates()))).contains("Cannot ask");
      assertThat(devices(server)).contains("Cannot ask");
      assertThat(devices(server, "--trust", folder.resolve("none.pem"))).contains("cannot be read from");
      assertThatThrownBy(() -> server.tls(second.certificates(), first.privateKey())).isInstanceOf(RebasisException.class)
          .hasMessageContaining("does not belong");
      assertThat(get(first.client(), server, "/health").statusCode()).as("nothing has changed").isEqualTo(200);
      server.tls(second.certificates(), second.privateKey());
      assertThat(get(second.client(), server, "/health").statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(first.client(), server, "/health")).isInstanceOf(java.io.IOException.class);
    }
  }

  /** What {@code rebasis devices list} says, or why it cannot. */
  private static String devices(RebasisServer server, Object... options) {
    List<String> line = new ArrayList<>(List.of("list", "--server", server.uri().toString()));
    Stream.of(options).map(Object::toString).forEach(line::add);
    StringWriter said = new StringWriter();
    new CommandLine(new DevicesCommand()).setOut(new PrintWriter(said)).setExecutionExceptionHandler((e, command, parsed) -> {
      said.write(e.getMessage());
      return 1;
    }).execute(line.toArray(String[]::new));
    return said.toString().strip();
  }

  @Test
  void otherTokensHoldForThoseWhoAreConnectedToo() throws Exception {
    String ann = "ann-token-0123456789";
    String bob = "bob-token-0123456789";
    try (RebasisServer server = RebasisServer.builder().inMemory()
        .authenticator(TokenFile.parse("tokens", List.of(ann + " ann", bob + " bob"))).start();
        TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.cbor", ann)) {
      c.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 0));
      c.next(Message.Welcome.class);
      server.authenticator(TokenFile.parse("tokens", List.of(bob + " bob")));
      assertThat(c.next(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/tokens-changed"));
      c.closeCode();
      assertThatThrownBy(() -> TestSocket.connect(http, server.uri(), "rebasis.cbor", ann))
          .hasCauseInstanceOf(WebSocketHandshakeException.class);
      TestSocket.connect(http, server.uri(), "rebasis.cbor", bob).close();
    }
  }

  private static String pem(String what, byte[] encoded) {
    return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(encoded) + "\n-----END " + what
        + "-----\n";
  }

  @Test
  void keysThatAreNoneAreRefusedWithASentence() {
    for (String key : new String[] {"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}) {
      assertThatThrownBy(() -> RebasisServer.builder().inMemory().tls("no certificate", key).start())
          .isInstanceOf(RebasisException.class).hasMessageContaining("TLS");
    }
  }
}
