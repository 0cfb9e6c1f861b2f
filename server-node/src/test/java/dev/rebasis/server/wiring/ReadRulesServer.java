package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.http.HttpClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server whose users see their own orders only, and the sockets of such users. Confined to one test at a time. */
abstract class ReadRulesServer {
  static final String BOSS = "boss-token-0123456789";
  static final String ANN = "ann-token-0123456789";
  static final String BOB = "bob-token-0123456789";
  static final String CLERK = "clerk-token-0123456789";
  static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/kind :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  static final String RULES = """
      {:roles {:boss {}
               :sales {:read "[:find ?o :in $ ?user :where [?o :order/owner ?user]]"}
               :clerk {:read "[:find ?o :in $ ?user :where [?o :order/owner ?user]]" :unique [:order/number]}}}""";

  final HttpClient http = HttpClient.newHttpClient();
  RebasisServer server;
  private long seq;
  long annsOrder;
  long bobsOrder;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("orders").schema("s", SCHEMA)
        .authenticator(TokenFile.parse("tokens", List.of(BOSS + " boss boss", ANN + " ann sales", BOB + " bob sales",
            CLERK + " ann clerk")))
        .access(AccessRules.parse(RULES)).start();
    Map<String, Long> ids = server.transact("""
        [{:db/ident :kind/urgent :order/note "of everybody's kind"}
         {:db/id "a" :order/number "A1" :order/owner "ann" :order/quantity 1 :order/lines [{:line/product "tea"}]}
         {:db/id "b" :order/number "B1" :order/owner "bob" :order/quantity 777 :order/note "bobs secret"
          :order/lines [{:line/product "gold"}]}]""").join().tempids();
    annsOrder = ids.get("a");
    bobsOrder = ids.get("b");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  final TestSocket hello(String token, long store, List<ScopeSpec> scopes) {
    TestSocket socket = TestSocket.connect(http, server.uri(), "rebasis.cbor", token);
    socket.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, store), 0, null, 0, 1_000_000, null,
        scopes, scopes));
    return socket;
  }

  final TestSocket welcome(String token, long store) throws Exception {
    TestSocket socket = hello(token, store, null);
    assertThat(socket.next(Message.Welcome.class).features()).contains("part");
    return socket;
  }

  final Intent intent(String forms, String... tempids) {
    return intent(server.t(), forms, tempids);
  }

  final Intent intent(long basisT, String forms, String... tempids) {
    Map<String, Long> numbers = new TreeMap<>(Map.of(Intent.TX_TEMPID, ++seq * 10));
    for (String tempid : tempids) {
      numbers.put(tempid, seq * 10 + numbers.size());
    }
    return new Intent(
        new UUID(5, seq), seq, basisT, Instant.EPOCH, new ArrayList<>((List<?>) Edn.read(forms)), numbers);
  }

  static PushOutcome push(TestSocket socket, Intent intent) throws Exception {
    socket.send(new Message.Push(List.of(intent)));
    return socket.next(Message.Outcomes.class).outcomes().get(0);
  }

  /** All that a session sends until it has caught up. */
  final List<Datom> streamed(TestSocket socket) throws Exception {
    socket.send(new Message.Sync(99, 0));
    List<Datom> datoms = new ArrayList<>();
    for (Message message = socket.next(Message.class); !(message instanceof Message.Synced);
        message = socket.next(Message.class)) {
      if (message instanceof Message.Transactions batch) {
        batch.transactions().forEach(transaction -> datoms.addAll(transaction.datoms()));
      } else if (message instanceof Message.ScopeChange change) {
        datoms.addAll(change.change().datoms());
      }
    }
    return datoms;
  }

  static List<Object> values(List<Datom> datoms) {
    return datoms.stream().map(Datom::v).toList();
  }
}
