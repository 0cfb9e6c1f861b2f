package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Terms;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.ReadRule;
import dev.rebasis.server.access.TokenFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what a read rule does not show does not exist for its users: they are not sent it, cannot find out about it by scopes or
 * transactions, and cannot change it or refer to it. Method: the attacker's side of real sockets, and pairs of requests that
 * differ only in whether what they ask for exists: the answers must be alike.
 */
@Timeout(120)
class ReadRulesTest {
  private static final String BOSS = "boss-token-0123456789";
  private static final String ANN = "ann-token-0123456789";
  private static final String BOB = "bob-token-0123456789";
  private static final String CLERK = "clerk-token-0123456789";
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/kind :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  private static final String RULES = """
      {:roles {:boss {}
               :sales {:read "[:find ?o :in $ ?user :where [?o :order/owner ?user]]"}
               :clerk {:read "[:find ?o :in $ ?user :where [?o :order/owner ?user]]" :unique [:order/number]}}}""";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private long seq;
  private long annsOrder;
  private long bobsOrder;

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

  private TestSocket hello(String token, long store, List<ScopeSpec> scopes) {
    TestSocket socket = TestSocket.connect(http, server.uri(), "rebasis.cbor", token);
    socket.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, store), 0, null, 0, 1_000_000, null,
        scopes, scopes));
    return socket;
  }

  private TestSocket welcome(String token, long store) throws Exception {
    TestSocket socket = hello(token, store, null);
    assertThat(socket.next(Message.Welcome.class).features()).contains("part");
    return socket;
  }

  private Intent intent(String forms, String... tempids) {
    return intent(server.t(), forms, tempids);
  }

  private Intent intent(long basisT, String forms, String... tempids) {
    Map<String, Long> numbers = new TreeMap<>(Map.of(Intent.TX_TEMPID, ++seq * 10));
    for (String tempid : tempids) {
      numbers.put(tempid, seq * 10 + numbers.size());
    }
    return new Intent(
        new UUID(5, seq), seq, basisT, Instant.EPOCH, new ArrayList<>((List<?>) Edn.read(forms)), numbers);
  }

  private static PushOutcome push(TestSocket socket, Intent intent) throws Exception {
    socket.send(new Message.Push(List.of(intent)));
    return socket.next(Message.Outcomes.class).outcomes().get(0);
  }

  /** All that a session sends until it has caught up. */
  private List<Datom> streamed(TestSocket socket) throws Exception {
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

  private static List<Object> values(List<Datom> datoms) {
    return datoms.stream().map(Datom::v).toList();
  }

  @Test
  void onlyWhatTheRuleShowsIsStreamedAndLoaded() throws Exception {
    try (TestSocket ann = welcome(ANN, 1); TestSocket bob = welcome(BOB, 2)) {
      assertThat(values(streamed(ann))).contains("A1", "tea").doesNotContain("B1", 777L, "gold", "bobs secret");
      assertThat(values(streamed(bob))).contains("B1", "gold").doesNotContain("A1", "tea");
      server.transact("[[:db/add " + bobsOrder + " :order/owner \"ann\"]]").join();
      assertThat(values(streamed(ann))).contains("B1", 777L, "gold", "bobs secret");
    }
    HttpResponse<byte[]> load = http.send(HttpRequest.newBuilder(URI.create(server.uri() + "/snapshot"))
        .header("Authorization", "Bearer " + BOB).build(), HttpResponse.BodyHandlers.ofByteArray());
    WireCodec cbor = WireCodec.cbor(Limits.client());
    List<Datom> loaded = new ArrayList<>();
    for (ByteBuffer rest = ByteBuffer.wrap(load.body()); rest.hasRemaining(); ) {
      byte[] message = new byte[rest.getInt()];
      rest.get(message);
      if (cbor.decode(message) instanceof Message.Transactions batch) {
        batch.transactions().forEach(transaction -> loaded.addAll(transaction.datoms()));
      }
    }
    assertThat(values(loaded)).doesNotContain("A1", "B1", "tea", "gold");
  }

  @Test
  void scopesFindNothingBeyondTheRule() throws Exception {
    List<String> attempts = List.of(
        "[:find ?o :where [?o :order/number]]",
        "[:find ?o :in $ [?o ...] :where [?o :order/number]]",
        "[:find ?o :where [?a :order/number \"A1\"] [?o :order/owner] [?b :order/quantity 777]]",
        "[:find ?l :where [_ :order/lines ?l]]");
    long store = 10;
    for (String query : attempts) {
      List<Object> inputs = query.contains("...") ? List.of(List.of(bobsOrder)) : List.of();
      try (TestSocket ann = hello(ANN, ++store, List.of(new ScopeSpec("s", Edn.read(query), inputs,
          (List<?>) Edn.read("[* {:order/_next [*]} {:order/next [*]}]"))))) {
        ann.next(Message.Welcome.class);
        assertThat(values(streamed(ann))).as(query).doesNotContain("B1", 777L, "gold", "bobs secret");
      }
    }
    // Whether a comparison with what is not seen holds must not show in what is found either.
    try (TestSocket ann = hello(ANN, ++store, List.of(new ScopeSpec("s",
        Edn.read("[:find ?o :where [?o :order/owner \"ann\"] [?x :order/quantity 777]]"), List.of(), null)))) {
      ann.next(Message.Welcome.class);
      assertThat(values(streamed(ann))).doesNotContain("A1");
    }
  }

  @Test
  void queriesThatCallWhatTheyMayNot_areRefused() throws Exception {
    long store = 30;
    for (String query : List.of(
        "[:find ?x :where [(slurp \"/etc/passwd\") ?x]]", "[:find ?x :where [(java.lang.System/exit 1) ?x]]",
        "[:find ?x :where [(datomic.api/q [:find ?e :where [?e]] $) ?x]]", "[:find ?x :in $ % :where (rule ?x)]",
        "[:find ?x :where (or [?x :order/number] [?y :order/owner])]", "[:find ?x :where (or-join [] [?x :order/number])]",
        "[:find (pull ?x [*]) :where [?x :order/number]]", "[:find ?x ?y :where [?x :order/number ?y]]")) {
      try (TestSocket ann = hello(ANN, ++store, List.of(new ScopeSpec("s", Edn.read(query), List.of(), null)))) {
        Message.Failed failed = ann.next(Message.Failed.class);
        assertThat(failed.code().toString()).as(query).isEqualTo(":rebasis.error/scope");
      }
    }
    assertThat(server.t()).isPositive();
  }

  /** Pushes two that differ in one thing and checks that their answers do not. */
  private void sameAnswer(TestSocket socket, Intent ofWhatIs, Intent ofWhatIsNot) throws Exception {
    PushOutcome is = push(socket, ofWhatIs);
    PushOutcome isNot = push(socket, ofWhatIsNot);
    assertThat(is.kind()).isEqualTo(isNot.kind()).isNotIn(OutcomeKind.ACCEPTED, OutcomeKind.MERGED);
    assertThat(is.code()).isEqualTo(isNot.code());
    assertThat(is.message().replaceAll("[AB]\\d", "X").replaceAll("\\d{6,}", "N"))
        .isEqualTo(isNot.message().replaceAll("[AB]\\d", "X").replaceAll("\\d{6,}", "N"));
    assertThat(is.t() == 0).isEqualTo(isNot.t() == 0);
  }

  @Test
  void whatIsNotSeenCannotBeChangedNamedOrProbed() throws Exception {
    long nobody = bobsOrder + 4_000;
    try (TestSocket ann = welcome(ANN, 1)) {
      streamed(ann);
      sameAnswer(ann, intent("[[:db/add " + bobsOrder + " :order/quantity 1]]"),
          intent("[[:db/add " + nobody + " :order/quantity 1]]"));
      sameAnswer(ann, intent("[[:db/retract " + bobsOrder + " :order/quantity 777]]"),
          intent("[[:db/retract " + nobody + " :order/quantity 777]]"));
      sameAnswer(ann, intent("[[:db/retractEntity " + bobsOrder + "]]"), intent("[[:db/retractEntity " + nobody + "]]"));
      sameAnswer(ann, intent("[[:db/cas " + bobsOrder + " :order/quantity 5 6]]"),
          intent("[[:db/cas " + nobody + " :order/quantity 5 6]]"));
      sameAnswer(ann, intent("[[:db/cas " + bobsOrder + " :order/quantity 777 6]]"),
          intent("[[:db/cas " + nobody + " :order/quantity 777 6]]"));
      sameAnswer(ann, intent("[[:db/add " + annsOrder + " :order/next " + bobsOrder + "]]"),
          intent("[[:db/add " + annsOrder + " :order/next " + nobody + "]]"));
      sameAnswer(ann, intent("[[:db/add [:order/number \"B1\"] :order/quantity 1]]"),
          intent("[[:db/add [:order/number \"B9\"] :order/quantity 1]]"));
      sameAnswer(ann, intent("[{:db/id \"x\" :order/number \"B1\" :order/quantity 1 :order/owner \"ann\"}]", "x"),
          intent("[{:db/id \"x\" :order/number \"B9\" :order/quantity 1 :order/owner \"ann\"}]", "x"));
      sameAnswer(ann, intent("[[:db/add " + annsOrder + " :order/number \"B1\"]]"),
          intent("[[:db/add " + annsOrder + " :order/number \"B9\"]]"));
      Intent premise = intent("[[:db/add " + annsOrder + " :order/quantity 8]]");
      PushOutcome refused = push(ann, new Intent(premise.id(), premise.seq(), premise.basisT(), premise.madeAt(),
          premise.forms(), premise.tempids(), Terms.NONE.withPremises(List.of(new Terms.Premise(
              Edn.read("[:find ?q . :where [_ :order/quantity ?q]]"), List.of(), "x")))));
      assertThat(refused.code().toString()).isEqualTo(":rebasis.error/forbidden");
      assertThat(push(ann, intent("[[:db/add " + annsOrder + " :order/quantity 5]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(push(ann, intent("[{:db/id \"x\" :order/number \"A1\" :order/quantity 6}]", "x")).kind())
          .as("an upsert of what is seen").isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(server.database().entity(bobsOrder).get(":order/quantity")).isEqualTo(777L);
    assertThat(server.database().entity(annsOrder).get(":order/next")).isNull();
  }

  @Test
  void whatRefersToAnUnseenEntityCanBeChangedAndRetracted() throws Exception {
    server.transact("[[:db/add " + annsOrder + " :order/next " + bobsOrder + "]]").join();
    try (TestSocket ann = welcome(ANN, 1)) {
      assertThat(values(streamed(ann))).as("as a bare id").contains(bobsOrder).doesNotContain("B1");
      sameAnswer(ann, intent("[[:db/retract " + bobsOrder + " :order/next " + annsOrder + "]]"),
          intent("[[:db/retract " + (bobsOrder + 100) + " :order/next " + annsOrder + "]]"));
      assertThat(push(ann, intent("[[:db/add " + annsOrder + " :order/next " + annsOrder + "]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      server.transact("[[:db/add " + annsOrder + " :order/next " + bobsOrder + "]]").join();
      streamed(ann);
      assertThat(push(ann, intent("[[:db/retractEntity " + annsOrder + "]]")).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(server.database().entity(annsOrder).get(":order/number")).isNull();
    assertThat(server.database().entity(bobsOrder).get(":order/quantity")).isEqualTo(777L);
  }

  @Test
  void whatHasANameCanBeReferredTo_andNotChanged() throws Exception {
    try (TestSocket ann = welcome(ANN, 1)) {
      assertThat(values(streamed(ann)).toString()).contains(":kind/urgent").doesNotContain("everybody");
      assertThat(push(ann, intent("[[:db/add " + annsOrder + " :order/kind :kind/urgent]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      for (String forms : List.of("[[:db/add :kind/urgent :order/note \"mine\"]]",
          "[[:db/cas :kind/urgent :order/note \"x\" \"mine\"]]", "[[:db/retractEntity :kind/urgent]]")) {
        PushOutcome outcome = push(ann, intent(forms));
        assertThat(outcome.kind()).as(forms).isEqualTo(OutcomeKind.REJECTED);
        assertThat(outcome.message()).doesNotContain("everybody");
      }
    }
    assertThat(server.database().entity(datomic.Util.read(":kind/urgent")).get(":order/note")).isEqualTo("of everybody's kind");
  }

  @Test
  void aConflictOnWhatIsNotSeen_tellsNoValue() throws Exception {
    long basis = server.t();
    server.transact("[[:db/add " + bobsOrder + " :order/note \"changed secret\"]]").join();
    try (TestSocket ann = welcome(ANN, 1)) {
      PushOutcome outcome = push(ann, intent(basis, "[[:db/add " + bobsOrder + " :order/note \"mine\"]]"));
      assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(outcome.message()).doesNotContain("secret");
      assertThat(values(streamed(ann)).toString()).doesNotContain("secret");
    }
  }

  @Test
  void withTheOperatorsLeave_newValuesMayBeGivenOut_andTakenOnesNot() throws Exception {
    try (TestSocket ann = welcome(CLERK, 1)) {
      assertThat(push(ann, intent("[{:db/id \"x\" :order/number \"N1\" :order/owner \"ann\"}]", "x")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      PushOutcome taken = push(ann, intent("[{:db/id \"x\" :order/number \"B1\" :order/owner \"ann\"}]", "x"));
      assertThat(taken.kind()).isEqualTo(OutcomeKind.REJECTED);
    }
    assertThat(server.database().entity(bobsOrder).get(":order/owner")).isEqualTo("bob");
  }

  @Test
  void localIdsAndTransactionsOfOthersAreOfNoUse() throws Exception {
    try (TestSocket bob = welcome(BOB, 2); TestSocket ann = welcome(ANN, 1)) {
      Intent bobs = intent("[{:db/id \"x\" :order/owner \"bob\" :order/note \"bobs new secret\"}]", "x");
      assertThat(push(bob, bobs).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      PushOutcome replayed = push(ann, bobs);
      assertThat(replayed.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(replayed.made()).isEmpty();
      long local = bobs.tempids().get("x");
      PushOutcome stolen = push(ann, intent("[[:db/add " + -local + " :order/note \"stolen\"]]"));
      assertThat(stolen.kind()).isNotIn(OutcomeKind.ACCEPTED, OutcomeKind.MERGED);
      assertThat(values(streamed(ann)).toString()).doesNotContain("bobs new secret");
    }
    assertThat(datomic.Peer.query("[:find ?n :where [_ :order/note ?n]]", server.database()).toString())
        .contains("bobs new secret").doesNotContain("stolen");
  }

  @Test
  void rulesThatChangeWhileConnected_withdrawWhatMayNoLongerBeSeen() throws Exception {
    try (TestSocket ann = welcome(ANN, 1)) {
      streamed(ann);
      server.access(AccessRules.parse(RULES.replace("[?o :order/owner ?user]", "[?o :order/owner \"bob\"] [(= ?user \\\"ann\\\")]")
          .replace("\"bob\"", "\\\"bob\\\"")));
      Message.ScopeChange change = ann.next(Message.ScopeChange.class);
      assertThat(change.ref()).isZero();
      assertThat(change.change().withdrawn()).contains(annsOrder, bobsOrder);
      assertThat(values(change.change().datoms())).contains("B1", "gold").doesNotContain("A1", "tea");
      server.access(AccessRules.parse("{:roles {:boss {}}}"));
      assertThat(ann.next(Message.Failed.class).fatal()).isTrue();
    }
  }

  @Test
  void whoTakesNothingWhileTheRulesChange_isSentNothingByTheFormerOnes() throws Exception {
    try (TestSocket ann = TestSocket.connect(http, server.uri(), "rebasis.cbor", ANN)) {
      ann.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 1), 0, null, 0, 0));
      ann.next(Message.Welcome.class);
      server.access(AccessRules.parse(RULES.replace("[?o :order/owner ?user]", "[?o :order/note ?user]")));
      List<Message> rest = ann.untilClosed();
      assertThat(rest).noneMatch(message -> message instanceof Message.Transactions || message instanceof Message.ScopeChange);
      Message.Failed failed = (Message.Failed) rest.get(rest.size() - 1);
      assertThat(failed.fatal()).as("credit that comes later brings nothing more").isTrue();
      assertThat(failed.code().toString()).isEqualTo(":rebasis.error/rules-changed");
    }
  }

  @Test
  void aPredicateShowsSingleEntities() throws Exception {
    ReadRule.Predicate small = (user, facts) -> facts.values().stream().flatMap(Set::stream)
        .anyMatch(value -> value instanceof Long n && n < 100 || value.equals("gold"));
    server.access(new AccessRules(Map.of("sales", new AccessRules.Role(
        Set.of(), null, List.of(), List.of(ReadRule.predicate(small)), Set.of())), null));
    try (TestSocket ann = welcome(ANN, 1)) {
      assertThat(values(streamed(ann))).contains("A1", "gold").doesNotContain("B1", 777L, "tea");
      server.transact("[[:db/add " + bobsOrder + " :order/quantity 7]]").join();
      assertThat(values(streamed(ann))).contains("B1", 7L);
    }
  }

  @Test
  void manyLargeAndDeepScopes_areRefused_andOthersAreServed() throws Exception {
    ScopeSpec good = new ScopeSpec("s", Edn.read("[:find ?o :where [?o :order/owner]]"), List.of(), null);
    List<ScopeSpec> many = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      many.add(new ScopeSpec("s" + i, good.query(), List.of(), null));
    }
    try (TestSocket ann = hello(ANN, 1, many)) {
      assertThat(ann.next(Message.Failed.class).message()).contains("at most");
    }
    Object deep = Edn.read("[?o :order/owner]");
    for (int i = 0; i < 100; i++) {
      deep = List.of(Symbol.of("not"), deep);
    }
    Object query = List.of(Keyword.of(":find"), Symbol.of("?o"),
        Keyword.of(":where"), deep);
    try (TestSocket ann = hello(ANN, 2, List.of(new ScopeSpec("s", query, List.of(), null)))) {
      assertThat(ann.next(Message.Failed.class).message()).contains("nested");
    }
    try (TestSocket ann = TestSocket.connect(http, server.uri(), "rebasis.cbor", ANN)) {
      // Without credit nothing can be sent, so each request waits; the last is one too many, and ends the session.
      ann.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 3), 0, null, 0, 0, null,
          List.of(good), List.of(good)));
      for (int i = 1; i <= 17; i++) {
        ann.send(new Message.Scope(i, List.of(good)));
      }
      assertThat(ann.next(Message.Failed.class).fatal()).isTrue();
    }
    try (TestSocket bob = welcome(BOB, 4)) {
      assertThat(values(streamed(bob))).contains("B1");
    }
  }

  @Test
  void aClientThatCannotHoldAPart_isNotLetIn() throws Exception {
    try (TestSocket ann = TestSocket.connect(http, server.uri(), "rebasis.cbor", ANN)) {
      ann.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 1_000_000));
      assertThat(ann.next(Message.Failed.class).code().toString()).isEqualTo(":rebasis.error/unsupported-version");
    }
    try (TestSocket boss = TestSocket.connect(http, server.uri(), "rebasis.cbor", BOSS)) {
      boss.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 2), 0, null, 0, 1_000_000));
      assertThat(boss.next(Message.Welcome.class).version()).isEqualTo(ProtocolVersion.CURRENT);
    }
    assertThat(EntityIds.isSchema(annsOrder)).isFalse();
  }

  @Test
  void anOldProtocolIsSpokenOnlyIfTheOperatorSaysSo() throws Exception {
    try (TestSocket boss = TestSocket.connect(http, server.uri(), "rebasis.cbor", BOSS)) {
      boss.send(new Message.Hello(3, Set.of(), new UUID(1, 2), 0, null, 0, 1_000_000));
      assertThat(boss.next(Message.Failed.class).code().toString()).isEqualTo(":rebasis.error/unsupported-version");
    }
    ServerLimits lenient = new ServerLimits(64 << 10, 10, 10, 0, Duration.ZERO, 8, 2, 3, null, 0, 64 << 20);
    try (RebasisServer other = RebasisServer.builder().inMemory().database("old").limits(lenient).start();
        TestSocket old = TestSocket.connect(http, other.uri(), "rebasis.cbor")) {
      old.send(new Message.Hello(3, Set.of(), new UUID(1, 2), 0, null, 0, 1_000_000));
      assertThat(old.next(Message.Welcome.class).version()).isEqualTo(3);
    }
  }
}
