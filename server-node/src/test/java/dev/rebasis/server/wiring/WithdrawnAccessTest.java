package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what was taken away is away at once, whatever the client had begun before; and nobody takes what is another's. Method: the
 * attacker's side of real sockets, in the order that suits the attacker.
 */
@Timeout(120)
class WithdrawnAccessTest {
  private static final String BOSS = "boss-token-0123456789";
  private static final String OPERATOR = "operator-token-0123456789";
  private static final String SCHEMA = """
      [{:db/ident :person/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :person/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :person/salary :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""";
  private static final String RULES = "{:roles {:boss {} :operator {:write [:person/note]}}}";
  private static final String HIDING = "{:roles {:boss {:hide [:person/salary :person/note]}}}";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private long ann;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("people").schema("s", SCHEMA)
        .limits(new ServerLimits(64 << 10, 50, 3, 0, Duration.ZERO, 2, 2))
        .authenticator(TokenFile.parse("tokens", List.of(BOSS + " ann boss", OPERATOR + " olga operator")))
        .access(AccessRules.parse(RULES)).start();
    ann = server.transact("[{:db/id \"ann\" :person/name \"ann\" :person/salary 9000}]").join().tempids().get("ann");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Message.Hello hello(int version, long store) {
    return new Message.Hello(version, Set.of("part"), new UUID(1, store), 0, null, 0, 1_000_000);
  }

  @Test
  void whoWaitsWithTheHello_isJudgedByTheRulesOfThen() throws Exception {
    try (TestSocket early = TestSocket.connect(http, server.uri(), "rebasis.cbor", BOSS);
        TestSocket gone = TestSocket.connect(http, server.uri(), "rebasis.cbor", OPERATOR)) {
      server.access(AccessRules.parse(HIDING));
      early.send(hello(ProtocolVersion.CURRENT, 1));
      early.send(new Message.Sync(1, 0));
      StringBuilder text = new StringBuilder();
      for (Message message = early.next(Message.class); !(message instanceof Message.Synced); message = early.next(Message.class)) {
        text.append(message);
      }
      assertThat(text.toString()).contains("ann").doesNotContain("9000");
      assertThat(gone.next(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/forbidden"));
    }
  }

  @Test
  void aLoadUnderWayIsCut_andNothingMoreOfItIsSent() throws Exception {
    // Six batches of some megabytes each: what is on its way when the rules change cannot be called back, the last one is not.
    Random random = new Random(1);
    for (int i = 0; i < 120; i++) {
      List<String> forms = new ArrayList<>();
      for (int j = 0; j < 200; j++) {
        byte[] noise = new byte[500];
        random.nextBytes(noise);
        forms.add("{:person/note \"" + java.util.HexFormat.of().formatHex(noise) + "\"}");
      }
      server.transact("[" + String.join(" ", forms) + "]").join();
    }
    server.transact("[{:person/name \"the last one\" :person/salary 47114711471147}]").join();
    assertLoadIsCutBy(() -> server.authenticator(TokenFile.parse("tokens", List.of(BOSS + " ann boss"))));
    assertLoadIsCutBy(() -> server.access(AccessRules.parse(HIDING)));
    assertThat(http.send(request("/snapshot", BOSS).build(), HttpResponse.BodyHandlers.ofByteArray()).statusCode()).isEqualTo(200);
  }

  private void assertLoadIsCutBy(Runnable change) throws Exception {
    HttpResponse<java.io.InputStream> load = http.send(request("/snapshot", BOSS).build(), HttpResponse.BodyHandlers.ofInputStream());
    DataInputStream body = new DataInputStream(load.body());
    byte[] first = body.readNBytes(body.readInt());
    change.run();
    WireCodec cbor = WireCodec.cbor(Limits.client());
    Message message = cbor.decode(first);
    boolean whole = false;
    try {
      while (!(message instanceof Message.Basis)) {
        assertThat(message.toString()).doesNotContain("47114711471147");
        message = cbor.decode(body.readNBytes(body.readInt()));
      }
      whole = true;
    } catch (IOException cut) {
      assertThat(cut).isNotNull();
    }
    assertThat(whole).as("the load came to its end").isFalse();
  }

  private HttpRequest.Builder request(String page, String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.uri() + page));
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  @Test
  void aRevokedDeviceLoadsNothing() throws Exception {
    String page = "/snapshot?store=" + new UUID(1, 5);
    try (Attacker device = Attacker.welcome(http, server, BOSS, 5)) {
      assertThat(http.send(request(page, BOSS).build(), HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      server.transact("[[:db/add [:rebasis.client/store #uuid \"" + new UUID(1, 5) + "\"] :rebasis.client/revoked true]]").join();
      HttpResponse<String> refused = http.send(request(page, BOSS).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains(":rebasis.error/device-revoked").doesNotContain("9000");
    }
  }

  @Test
  void aLoadForAStoreWithoutASessionIsRefused() throws Exception {
    String page = "/snapshot?store=" + new UUID(1, 5);
    HttpResponse<String> refused = http.send(request(page, BOSS).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains(":rebasis.error/load-without-session").doesNotContain("9000");
  }

  @Test
  void aUserCannotFillTheDatabaseWithNewStores() throws Exception {
    for (int store = 0; store < 13; store++) {
      Attacker.welcome(http, server, BOSS, 100 + store).close();
    }
    long t = server.t();
    try (Attacker further = Attacker.hello(http, server, BOSS, 200, null)) {
      Message.Failed failed = further.socket.next(Message.Failed.class);
      assertThat(failed.code()).isEqualTo(Keyword.of(":rebasis.error/too-many-stores"));
      assertThat(failed.retryAfterMillis()).isPositive();
    }
    assertThat(server.t()).isEqualTo(t);
    Attacker.welcome(http, server, BOSS, 100).close();
    Attacker.welcome(http, server, OPERATOR, 201).close();
  }

  @Test
  void anOldProtocolDoesNotStepPastTheTokenOfAStore() throws Exception {
    try (Attacker owner = Attacker.welcome(http, server, BOSS, 6)) {
      assertThat(owner.push("[[:db/add " + ann + " :person/note \"mine\"]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
      try (TestSocket thief = TestSocket.connect(http, server.uri(), "rebasis.cbor", BOSS)) {
        thief.send(hello(3, 6));
        assertThat(thief.next(Message.Failed.class).code().toString()).isEqualTo(":rebasis.error/unsupported-version");
      }
      assertThat(owner.push("[[:db/add " + ann + " :person/note \"still mine\"]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
  }

  @Test
  void onlyAnOperatorAsksForExcision_andNobodyForgesIt() throws Exception {
    try (Attacker boss = Attacker.welcome(http, server, BOSS, 7)) {
      for (String forms : List.of("[{:db/id \"x\" :db/excise :person/name}]", "[[:db/add \"x\" :db/excise " + ann + "]]",
          "[{:db/id \"x\" :db.excise/beforeT 1000}]", "[[:db/add " + ann + " :rebasis/excised true]]",
          "[[:db/add :rebasis/policy :db/doc \"mine\"]]")) {
        assertThat(boss.push(forms, "x").code()).as(forms).isEqualTo(Keyword.of(":rebasis.error/reserved-fact"));
      }
    }
    server.access(AccessRules.parse("{:roles {:boss {} :operator {}}}"));
    try (Attacker olga = Attacker.welcome(http, server, OPERATOR, 8)) {
      assertThat(olga.push("[{:db/id \"x\" :db/excise " + ann + " :db.excise/attrs [:person/note]}]", "x").kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(http.send(request("/excise", OPERATOR).build(), HttpResponse.BodyHandlers.ofString()).body())
        .contains("\"target\":\"" + ann + "\"").contains("\"attributes\":[\":person/note\"]").contains("\"user\":\"olga\"");
    assertThat(http.send(request("/excise", BOSS).build(), HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(403);
  }

  /** Has something of the boss's parked. */
  private UUID parked(Attacker boss, String more) throws Exception {
    Intent intent = boss.intent("[[:db/retractEntity " + ann + "] " + more + "]", "x");
    server.transact("[[:db/add " + ann + " :person/note \"new " + server.t() + "\"]]").join();
    assertThat(boss.push(intent, Map.of()).kind()).isEqualTo(OutcomeKind.PARKED);
    return intent.id();
  }

  @Test
  void theOperatorsRetryIsDecidedByTheOperatorsRules() throws Exception {
    try (Attacker boss = Attacker.welcome(http, server, BOSS, 9)) {
      UUID wide = parked(boss, "[:db/add \"x\" :person/salary 1]");
      UUID excising = parked(boss, "[:db/add \"x\" :db/excise :person/name]");
      String answer = retry(wide);
      assertThat(answer).contains("rejected").contains("may not write");
      server.access(AccessRules.parse("{:roles {:boss {} :operator {}}}"));
      assertThat(retry(excising)).contains("rejected").contains("in a transaction of their own");
      assertThat(server.database().entity(ann).get(":person/name")).isEqualTo("ann");
      assertThat(retry(wide)).contains("accepted");
    }
    Object retries = datomic.Peer.query("[:find ?user . :where [?tx :rebasis.tx/retries] [?tx :rebasis.tx/user ?user]]",
        server.database());
    assertThat(retries).isEqualTo("olga");
  }

  private String retry(UUID id) throws Exception {
    return http.send(request("/parked/" + id + "/retry", OPERATOR).POST(HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void withoutTokens_aPageOfAnotherAddressIsRefused() throws Exception {
    try (RebasisServer open = RebasisServer.builder().inMemory().database("open").start()) {
      String own = "http://" + open.uri().getAuthority();
      for (String page : List.of("/excise", "/exchange", "/snapshot", "/q")) {
        for (String origin : List.of("http://evil.example", "null", "http://evil.example:" + open.uri().getPort(), own, "")) {
          HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(open.uri() + page));
          if (page.equals("/excise") || page.equals("/exchange")) {
            request.POST(HttpRequest.BodyPublishers.noBody());
          }
          if (!origin.isEmpty()) {
            request.header("Origin", origin);
          }
          String answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
          boolean foreign = answer.contains(":rebasis.error/foreign-origin");
          assertThat(foreign).as(page + " of '" + origin + "': " + answer).isEqualTo(!origin.equals(own) && !origin.isEmpty());
        }
      }
    }
  }
}
