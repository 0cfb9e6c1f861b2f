package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import dev.rebasis.server.access.WriteRule;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: nobody gets in, sees, writes or learns what the rules do not allow. Method: the attacker's side of real sockets:
 * no token, wrong tokens, forms that name what is hidden in every way there is, ids of others; and whether answers differ
 * by what the database holds.
 */
class AccessTest {
  private static final String BOSS = "boss-token-0123456789";
  private static final String SALES = "sales-token-0123456789";
  private static final String OTHER_SALES = "other-sales-token-0123456789";
  private static final String READER = "reader-token-0123456789";
  private static final String STRANGER = "stranger-token-0123456789";
  private static final String SCHEMA = """
      [{:db/ident :person/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :person/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :person/boss :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :person/secret :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :person/salary :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""";
  private static final String RULES = """
      {:roles {:boss {}
               :sales {:hide [:person/salary :person/secret]
                       :rules [["[:find ?p :in $ $before ?user :where [?p :person/note ?n] [(= ?n \\"bad\\")]]" "No bad notes."]]}
               :reader {:write []}}}""";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private long seq;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("people").schema("s", SCHEMA)
        .authenticator(TokenFile.parse("tokens", List.of(BOSS + " ann boss", SALES + " bob sales",
            OTHER_SALES + " cid sales", READER + " dan reader", STRANGER + " eve nothing")))
        .access(AccessRules.parse(RULES)).start();
    server.transact("[{:person/name \"ann\" :person/salary 9000 :person/secret \"s3cret\" :person/note \"n\"}"
        + "{:person/name \"zoe\"}]").join();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private TestSocket connect(String token) {
    return TestSocket.connect(http, server.uri(), "rebasis.cbor", token);
  }

  private TestSocket welcome(String token, long store) throws Exception {
    TestSocket socket = connect(token);
    socket.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, store), 0, null, 0, 1_000_000));
    socket.next(Message.Welcome.class);
    return socket;
  }

  private Intent intent(String forms, String... tempids) {
    Map<String, Long> numbers = new TreeMap<>(Map.of(Intent.TX_TEMPID, ++seq * 10));
    for (String tempid : tempids) {
      numbers.put(tempid, seq * 10 + numbers.size());
    }
    @SuppressWarnings("unchecked")
    List<Object> list = (List<Object>) Edn.read(forms);
    return new Intent(new UUID(5, seq), seq, server.t(), Instant.EPOCH, list, numbers);
  }

  private static PushOutcome push(TestSocket socket, Intent intent) throws Exception {
    socket.send(new Message.Push(List.of(intent)));
    return socket.next(Message.Outcomes.class).outcomes().get(0);
  }

  private static int status(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return ((WebSocketHandshakeException) cause).getResponse().statusCode();
  }

  @Test
  void withoutAGoodTokenNobodyGetsIn() throws Exception {
    assertThat(status(catchThrowable(() -> connect(null)))).isEqualTo(401);
    assertThat(status(catchThrowable(() -> connect("wrong-token-0123456789")))).isEqualTo(401);
    assertThat(status(catchThrowable(() -> connect(STRANGER)))).isEqualTo(403);
    assertThat(snapshot(null).statusCode()).isEqualTo(401);
    assertThat(snapshot(STRANGER).statusCode()).isEqualTo(403);
    assertThat(snapshot(BOSS).statusCode()).isEqualTo(200);
  }

  private HttpResponse<byte[]> snapshot(String token) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.uri() + "/snapshot"));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  void hiddenAttributesAreInNoStream() throws Exception {
    assertThat(values(streamed(BOSS))).contains(9000L, "s3cret");
    List<Datom> seen = streamed(SALES);
    assertThat(values(seen)).contains("ann", "zoe").doesNotContain(9000L, "s3cret");
    WireCodec cbor = WireCodec.cbor(Limits.client());
    List<Datom> loaded = new ArrayList<>();
    DataInputStream body = new DataInputStream(new ByteArrayInputStream(snapshot(SALES).body()));
    while (cbor.decode(body.readNBytes(body.readInt())) instanceof Message.Transactions batch) {
      batch.transactions().forEach(tx -> loaded.addAll(tx.datoms()));
    }
    assertThat(values(loaded)).contains("ann", "zoe").doesNotContain(9000L, "s3cret");
  }

  private static List<Object> values(List<Datom> datoms) {
    return datoms.stream().map(Datom::v).toList();
  }

  private List<Datom> streamed(String token) throws Exception {
    List<Datom> datoms = new ArrayList<>();
    try (TestSocket socket = welcome(token, token.hashCode())) {
      for (long t = 0; t < server.t(); ) {
        Message.Transactions batch = socket.next(Message.Transactions.class);
        for (Transaction transaction : batch.transactions()) {
          datoms.addAll(transaction.datoms());
          t = transaction.t();
        }
      }
    }
    return datoms;
  }

  @Test
  void theDigestTellsNothingOfWhatIsHidden() throws Exception {
    try (TestSocket socket = welcome(SALES, 77)) {
      socket.send(new Message.Sync(1, 0));
      socket.next(Message.Synced.class);
      long t = server.t();
      socket.send(new Message.Verify(1, t, List.of()));
      Message.Verified verified = socket.next(Message.Verified.class);
      assertThat(verified.known()).isTrue();
      Set<Long> named = new java.util.HashSet<>();
      verified.different().forEach(d -> named.add(d.a()));
      Object salary = datomic.Peer.query("[:find ?a . :where [?a :db/ident :person/salary]]", server.database());
      Object name = datomic.Peer.query("[:find ?a . :where [?a :db/ident :person/name]]", server.database());
      assertThat(named).contains((Long) name).doesNotContain((Long) salary);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "[{:db/id \"x\" :person/salary 1}]",
    "[[:db/add [:person/name \"ann\"] :person/salary 1]]",
    "[[:db/cas [:person/name \"ann\"] :person/salary 9000 1]]",
    "[[:db/cas [:person/name \"ann\"] :person/salary 1 2]]",
    "[[:db/retract [:person/name \"ann\"] :person/salary 9000]]",
    "[[:db/retract [:person/name \"ann\"] :person/salary]]",
    "[[:db/add [:person/secret \"s3cret\"] :person/note \"found\"]]",
    "[[:db/add [:person/secret \"wrong\"] :person/note \"found\"]]",
    "[{:db/id \"x\" :person/secret \"s3cret\" :person/note \"upsert\"}]",
    "[{:db/id \"x\" :person/secret \"wrong\" :person/note \"upsert\"}]",
    "[{:person/name \"ann\" :db/id \"x\" :person/boss [:person/secret \"s3cret\"]}]",
    "[{:person/name \"ann\" :db/id \"x\" :person/boss {:db/id \"y\" :person/secret \"s3cret\"}}]",
    "[{:db/ident :person/salary :db/id \"x\" :db/doc \"mine\"}]",
    "[[:db/add :person/salary :db/ident :person/pay]]",
  })
  void whatIsHiddenCannotBeNamedAndTheAnswerTellsNothing(String forms) throws Exception {
    try (TestSocket socket = welcome(SALES, 3)) {
      PushOutcome outcome = push(socket, intent(forms, "x", "y"));
      assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/forbidden"));
      assertThat(outcome.message()).isEqualTo("It names an attribute that this user may not use.");
      assertThat(outcome.t()).isZero();
    }
  }

  @Test
  void attributesNamedByNumberAreFoundOutToo() throws Exception {
    Object secret = datomic.Peer.query("[:find ?a . :where [?a :db/ident :person/secret]]", server.database());
    try (TestSocket socket = welcome(SALES, 3)) {
      for (String forms : List.of("[[:db/add [" + secret + " \"s3cret\"] :person/note \"x\"]]",
          "[[:db/add \"x\" " + secret + " \"s3cret\"]]")) {
        assertThat(push(socket, intent(forms, "x")).code()).isEqualTo(Keyword.of(":rebasis.error/forbidden"));
      }
      // As a plain number it is nothing special.
      server.transact("[{:db/ident :person/age :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]").join();
      assertThat(push(socket, intent("[{:db/id \"x\" :person/name \"bea\" :person/age " + secret + "}]", "x")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
    }
  }

  @Test
  void retractingAnEntityDoesNotReachWhatIsHidden() throws Exception {
    try (TestSocket socket = welcome(SALES, 3)) {
      assertThat(push(socket, intent("[[:db/retractEntity [:person/name \"ann\"]]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(datomic.Peer.query("[:find ?s . :where [_ :person/salary ?s]]", server.database()).toString())
          .isEqualTo("9000");
      assertThat(push(socket, intent("[[:db/retractEntity [:person/name \"zoe\"]]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
    }
  }

  @Test
  void rulesLookAtTheResult() throws Exception {
    try (TestSocket socket = welcome(SALES, 3)) {
      PushOutcome refused = push(socket, intent("[[:db/add [:person/name \"ann\"] :person/note \"bad\"]]"));
      assertThat(refused.code()).isEqualTo(Keyword.of(":rebasis.error/forbidden"));
      assertThat(refused.message()).isEqualTo("No bad notes.");
      assertThat(push(socket, intent("[[:db/add [:person/name \"ann\"] :person/note \"good\"]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
    }
    try (TestSocket socket = welcome(READER, 4)) {
      assertThat(push(socket, intent("[[:db/add [:person/name \"ann\"] :person/note \"mine\"]]")).code())
          .isEqualTo(Keyword.of(":rebasis.error/forbidden"));
    }
    Object user = datomic.Peer.query("[:find ?u . :where [?p :person/note \"good\" ?tx] [?tx :rebasis.tx/user ?u]]",
        server.database());
    assertThat(user).isEqualTo("bob");
  }

  @Test
  void aRuleInJavaSeesBothValuesAndTheFacts() throws Exception {
    WriteRule noLess = (user, before, after, datoms) -> {
      for (Datom datom : datoms) {
        if (datom.a() == (Long) before.entid(":person/salary") && datom.added()) {
          Object was = before.entity(datom.e()).get(":person/salary");
          Object is = after.entity(datom.e()).get(":person/salary");
          if (was instanceof Long from && is instanceof Long to && to < from) {
            return user.name() + " may not take " + (from - to) + " away.";
          }
        }
      }
      return null;
    };
    server.access(new AccessRules(Map.of("boss", new AccessRules.Role(Set.of(), null, List.of(noLess))), null));
    try (TestSocket socket = welcome(BOSS, 3)) {
      PushOutcome refused = push(socket, intent("[[:db/add [:person/name \"ann\"] :person/salary 8000]]"));
      assertThat(refused.code()).isEqualTo(Keyword.of(":rebasis.error/forbidden"));
      assertThat(refused.message()).isEqualTo("ann may not take 1000 away.");
      assertThat(push(socket, intent("[[:db/add [:person/name \"ann\"] :person/salary 9500]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(push(socket, intent("[{:db/id \"n\" :person/name \"new\" :person/salary 1}]", "n")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
    }
    Object salary = datomic.Peer.query("[:find ?s . :where [?p :person/name \"ann\"] [?p :person/salary ?s]]", server.database());
    assertThat(salary).isEqualTo(9500L);
  }

  @Test
  void aRuleThatMakesNoSense_leavesWhatItIsAskedAboutUndecided_andTheServerUp() throws Exception {
    server.access(AccessRules.parse("{:roles {:boss {} :sales {:rules [[\"[:find ?p :in $ $before ?user :where"
        + " (or [?p :person/note] [?x :person/name])]\" \"x\"]]}}}"));
    try (TestSocket socket = welcome(SALES, 3); TestSocket boss = welcome(BOSS, 4)) {
      socket.send(new Message.Push(List.of(intent("[[:db/add [:person/name \"ann\"] :person/note \"good\"]]"))));
      assertThat(socket.next(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/broken"));
      assertThat(push(boss, intent("[[:db/add [:person/name \"ann\"] :person/note \"boss\"]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
    }
  }

  @Test
  void theIdOfAnotherUsersTransactionTellsNothing() throws Exception {
    Intent intent = intent("[{:db/id \"x\" :person/name \"of bob\"}]", "x");
    try (TestSocket bob = welcome(SALES, 3); TestSocket cid = welcome(OTHER_SALES, 4)) {
      assertThat(push(bob, intent).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      PushOutcome replayed = push(cid, intent);
      assertThat(replayed.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(replayed.duplicate()).isFalse();
      assertThat(replayed.made()).isEmpty();
      assertThat(replayed.t()).isZero();
      assertThat(push(bob, intent).duplicate()).isTrue();
      // Nor do another client's local ids name anything.
      PushOutcome stolen = push(cid, new Intent(new UUID(6, 6), 1, 0, Instant.EPOCH,
          List.of(List.of(Keyword.of(":db/add"), -intent.tempids().get("x"), Keyword.of(":person/note"), "stolen")),
          Map.of(Intent.TX_TEMPID, 999L)));
      assertThat(stolen.kind().isCommitted()).isFalse();
    }
  }

  @Test
  void aRevokedDeviceIsToldAndLetInNoMore() throws Exception {
    try (TestSocket socket = welcome(SALES, 3)) {
      server.transact("[[:db/add [:rebasis.client/store #uuid \"00000000-0000-0001-0000-000000000003\"]"
          + " :rebasis.client/revoked true]]").join();
      assertThat(socket.next(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/device-revoked"));
    }
    try (TestSocket socket = connect(SALES)) {
      socket.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 3), 0, null, 0, 1_000_000));
      assertThat(socket.next(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/device-revoked"));
    }
    try (TestSocket socket = welcome(SALES, 33)) {
      socket.send(new Message.Sync(1, 0));
      assertThat(socket.next(Message.Synced.class).t()).isEqualTo(server.t());
    }
  }
}
