package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.server.DatabaseConfig;
import dev.rebasis.server.ServerConfig;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.access.User;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: who asks for much and does not read it holds a place for a bounded time, whole answers in memory are as many as there
 * are places, and one user cannot take them all. Method: raw sockets with small buffers that read the first byte and no more,
 * and a server whose time is told by the test.
 */
class SlowReadersTest {
  private static final String QUERY =
      "/db/main/q?query=" + URLEncoder.encode("[:find ?d :where [?e :note/text ?d] [?e :note/large true]]", StandardCharsets.UTF_8);
  private static final String SNAPSHOT = "/db/main/snapshot";
  private static final int NOTES = 60;
  private static final int NOTE_CHARS = 120_000;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Random random = new Random(1);
  private ServerRuntime server;

  private void start(int loads, Authenticator who) {
    ServerLimits limits = new ServerLimits(4 << 20, 100, 100, 0, Duration.ZERO, loads, 1);
    DatabaseConfig database = new DatabaseConfig("main", null, null, List.of(new DatabaseConfig.SchemaText("s",
        "[{:db/ident :note/large :db/valueType :db.type/boolean :db/cardinality :db.cardinality/one}"
            // Not :db/doc, whose every word Datomic would index.
            + " {:db/ident :note/text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]")),
        AccessRules.parse("{:roles {} :otherwise {}}"), Rules.BUILT_IN, List.of());
    server = ServerRuntime.start(new ServerConfig("127.0.0.1", 0, List.of(database), who, null, false, fatal -> { }, limits));
    fill(NOTES);
  }

  /** More than the buffers of a connection take, and nothing that gets smaller by compressing. */
  private void fill(int notes) {
    for (int i = 0; i < notes; i++) {
      StringBuilder text = new StringBuilder(NOTE_CHARS);
      while (text.length() < NOTE_CHARS) {
        text.append((char) ('!' + random.nextInt(90)));
      }
      server.transact("main", List.of(Map.of(Keyword.of(":db/id"), "n", Keyword.of(":note/text"),
          text.toString().replace('"', 'q').replace('\\', 'b'), Keyword.of(":note/large"), true))).join();
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Socket readerThatStops(String page, String token) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
    socket.getOutputStream().write(("GET " + page + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII));
    assertThat(socket.getInputStream().read()).isEqualTo('H');
    return socket;
  }

  private HttpResponse<byte[]> get(String page, String token) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + page))
        .header("Authorization", "Bearer " + token).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"load", "query"})
  void aPlaceIsFreeAgainOnceASlowReaderIsCutOff(String kind) throws Exception {
    String page = kind.equals("load") ? SNAPSHOT : QUERY;
    start(1, Authenticator.anyone());
    try (Socket slow = readerThatStops(page, "x")) {
      assertThat(get(page, "x").statusCode()).as("the only place is held").isEqualTo(503);
      server.tick(Instant.now().plusSeconds(20));
      assertThat(get(page, "x").statusCode()).as("everybody is granted some time").isEqualTo(503);
      server.tick(Instant.now().plusSeconds(3 * 3_600));
      HttpResponse<byte[]> another = get(page, "x");
      // The thread that wrote has to hear of it first.
      while (another.statusCode() == 503) {
        another = get(page, "x");
      }
      assertThat(another.statusCode()).isEqualTo(200);
      assertThat(another.body().length).isGreaterThan(NOTES * NOTE_CHARS);
      assertThat(rest(slow)).isLessThan(NOTES * NOTE_CHARS);
    }
  }

  private static long rest(Socket socket) {
    long bytes = 0;
    try {
      for (int read = 0; read >= 0; read = socket.getInputStream().read(new byte[1 << 16])) {
        bytes += read;
      }
    } catch (IOException e) {
      assertThat(e).as("it was cut").hasMessageContaining("reset");
    }
    return bytes;
  }

  @Test
  void oneUserDoesNotGetAllPlaces() throws Exception {
    start(4, token -> new User(token, Set.of(), null));
    try (Socket slow = readerThatStops(SNAPSHOT, "ann")) {
      HttpResponse<byte[]> refused = get(SNAPSHOT, "ann");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("ann").contains("Come back");
      assertThat(get(SNAPSHOT, "bob").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anAnswerThatIsTooLargeIsRefusedAndThePlaceIsFree() throws Exception {
    start(1, Authenticator.anyone());
    fill(20);
    List<HttpResponse<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      answers.add(get(QUERY, "x"));
    }
    assertThat(answers).allSatisfy(answer -> {
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains(":rebasis.error/answer-too-large");
    });
  }
}
