package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.RebasisServer;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        String metrics = get(http, server, "/metrics").body();
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

  @Test
  void tlsWithPemFiles() throws Exception {
    Path store = folder.resolve("store.p12");
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
    Certificate certificate = keys.getCertificate("s");
    Key key = keys.getKey("s", "changeit".toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("s", certificate);
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    HttpClient secure = HttpClient.newBuilder().sslContext(context).build();
    try (RebasisServer server = RebasisServer.builder().inMemory()
        .tls(pem("CERTIFICATE", certificate.getEncoded()), pem("PRIVATE KEY", key.getEncoded())).start()) {
      assertThat(server.uri().getScheme()).isEqualTo("https");
      assertThat(get(secure, server, "/health").statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(http, server, "/health")).isInstanceOf(java.io.IOException.class);
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
