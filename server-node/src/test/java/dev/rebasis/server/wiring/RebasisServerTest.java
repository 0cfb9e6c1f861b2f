package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.RebasisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole server over real sockets and files. */
class RebasisServerTest {
  private static final String SCHEMA = """
      ; a comment
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}]
      [{:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"rebasis.json", "rebasis.cbor"})
  void aPushTravelsOutAndBack(String subprotocol) throws Exception {
    try (RebasisServer server = start(); TestSocket c = TestSocket.connect(http, server.uri(), subprotocol)) {
      c.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 1_000_000));
      Message.Welcome welcome = c.next(Message.Welcome.class);
      assertThat(welcome.client()).isEqualTo(1);
      Intent intent = intent(1, "[{:db/id \"a\" :order/number \"A-1\" :order/note \"n\"}]");
      c.send(new Message.Push(List.of(intent)));
      List<Object> values = new ArrayList<>();
      long last = 0;
      while (!values.contains("A-1")) {
        Message.Transactions batch = c.next(Message.Transactions.class);
        assertThat(batch.follows()).isEqualTo(last);
        last = batch.transactions().get(batch.transactions().size() - 1).t();
        batch.transactions().forEach(tx -> tx.datoms().forEach(datom -> values.add(datom.v())));
      }
      assertThat(values).contains(Keyword.of(":order/number"), Keyword.of(":rebasis.tx/id"));
      PushOutcome outcome = c.next(Message.Outcomes.class).outcomes().get(0);
      assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(outcome.t()).isEqualTo(last).isEqualTo(server.t());
      c.send(new Message.Sync(5, 0));
      assertThat(c.next(Message.Synced.class)).isEqualTo(new Message.Synced(5, last));
    }
  }

  @Test
  void aRestartKeepsEverythingAndSaysBye() throws Exception {
    UUID database;
    long t;
    TestSocket c;
    try (RebasisServer server = start()) {
      c = TestSocket.connect(http, server.uri(), "rebasis.cbor");
      c.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 1_000_000));
      database = c.next(Message.Welcome.class).database();
      server.transact("[{:order/number \"kept\"}]").join();
      t = server.t();
    }
    assertThat(c.next(Message.Bye.class).reason()).contains("shutting down");
    assertThat(c.closeCode()).isEqualTo(1000);
    try (RebasisServer server = start(); TestSocket d = TestSocket.connect(http, server.uri(), "rebasis.cbor")) {
      assertThat(server.t()).isEqualTo(t);
      d.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 1, database, t, 1_000_000));
      Message.Welcome welcome = d.next(Message.Welcome.class);
      assertThat(welcome.basisT()).isEqualTo(t);
      assertThat(welcome.client()).isEqualTo(1);
      assertThat((Object) datomic.Peer.query("[:find ?e . :where [?e :order/number \"kept\"]]", server.database())).isNotNull();
    }
  }

  @Test
  void garbageGetsATypedErrorAndTheServerGoesOn() throws Exception {
    try (RebasisServer server = start()) {
      try (TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.cbor")) {
        c.sendRaw(new byte[] {1, 2, 3});
        assertThat(c.next(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/malformed-message"));
        assertThat(c.closeCode()).isEqualTo(1008);
      }
      try (TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.json")) {
        c.sendRaw(new byte[] {1, 2, 3});
        assertThat(c.next(Message.Failed.class).fatal()).isTrue();
      }
      try (TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.cbor")) {
        c.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 1_000_000));
        assertThat(c.next(Message.Welcome.class).client()).isEqualTo(1);
      }
    }
  }

  @Test
  void aMessageThatIsTooLargeClosesOnlyItsSession() throws Exception {
    try (RebasisServer server = start()) {
      try (TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.cbor")) {
        // The last frame, a small one, passes the limit: with one large frame the server closes while we still send it.
        byte[] mebibyte = new byte[1 << 20];
        c.sendRawInFrames(mebibyte, mebibyte, mebibyte, mebibyte, new byte[16]);
        assertThat(c.closeCode()).isEqualTo(1009);
      }
      assertThat(get(server, "/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void pagesSayWhatThisIs() throws Exception {
    try (RebasisServer server = start()) {
      assertThat(get(server, "/").body()).contains("\"server\":\"rebasis\"").contains("orders");
      HttpResponse<String> health = get(server, "/health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.headers().firstValue("content-type")).hasValue("application/json");
      assertThat(health.body()).contains("\"status\":\"up\"").contains("\"t\":" + server.t());
      assertThat(get(server, "/db/orders/sync").statusCode()).isEqualTo(426);
      assertThat(get(server, "/nowhere").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void anUnknownDatabaseOrSubprotocolIsRefused() throws Exception {
    try (RebasisServer server = start()) {
      URI other = URI.create(server.uri().toString().replace("orders", "others"));
      assertThatThrownBy(() -> TestSocket.connect(http, other, "rebasis.cbor")).hasStackTraceContaining("404");
      assertThatThrownBy(() -> TestSocket.connect(http, server.uri(), "rebasis.xml")).hasStackTraceContaining("400");
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      RebasisServer.Builder builder = RebasisServer.builder().data(folder).port(taken.getLocalPort());
      assertThatThrownBy(builder::start).isInstanceOf(RebasisException.class)
          .hasMessageContaining(Integer.toString(taken.getLocalPort())).hasMessageContaining("--port");
    }
    // Nothing is left locked.
    RebasisServer.builder().data(folder).start().close();
  }

  @Test
  void aFolderInUseNamesItsHolder() {
    try (RebasisServer server = start()) {
      assertThat(server.port()).isPositive();
      assertThatThrownBy(this::start).isInstanceOf(RebasisException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> RebasisServer.builder().data(file.resolve("data")).start())
        .isInstanceOf(RebasisException.class).hasMessageContaining("--data");
  }

  @Test
  void aSchemaWithAnErrorIsNamedWithItsPlaceAndCause() {
    RebasisServer.Builder builder = RebasisServer.builder().data(folder)
        .schema("good.edn", SCHEMA)
        .schema("bad.edn", "[{:order/number \"x\"}] [[:db/add \"x\" :order/wrong 1]]");
    assertThatThrownBy(builder::start).isInstanceOf(RebasisException.class)
        .hasMessageContaining("Transaction 2").hasMessageContaining("bad.edn").hasMessageContaining(":order/wrong");
    assertThatThrownBy(RebasisServer.builder().schema("open.edn", "[{:a")::start)
        .hasMessageContaining("open.edn").hasMessageContaining("EDN");
    assertThatThrownBy(RebasisServer.builder().schema("map.edn", "{:a 1}")::start)
        .hasMessageContaining("map.edn").hasMessageContaining("vector");
  }

  @Test
  void aSchemaIsInstalledOnceOverRestarts() {
    long t;
    try (RebasisServer server = start()) {
      t = server.t();
    }
    try (RebasisServer server = start()) {
      assertThat(server.t()).isEqualTo(t);
    }
  }

  @Test
  void programsBesideTheServerGetTheirErrors() {
    try (RebasisServer server = start()) {
      assertThat(server.transact("[{:db/id \"x\" :order/number \"1\"}]").join().tempids()).containsKey("x");
      assertThatThrownBy(() -> server.transact("[[:db/add \"x\" :no/such 1]]").join())
          .hasCauseInstanceOf(RebasisException.class).hasMessageContaining(":no/such");
      assertThatThrownBy(() -> server.transact("[[").join()).hasCauseInstanceOf(RebasisException.class);
    }
  }

  private RebasisServer start() {
    return RebasisServer.builder().data(folder).database("orders").schema("orders.edn", SCHEMA).start();
  }

  private HttpResponse<String> get(RebasisServer server, String path) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @SuppressWarnings("unchecked")
  private static Intent intent(long seq, String edn) {
    return new Intent(new UUID(9, seq), seq, 0, Instant.EPOCH, (List<Object>) Edn.read(edn),
        Map.of(Intent.TX_TEMPID, 2 * seq, "a", 2 * seq + 1));
  }
}
