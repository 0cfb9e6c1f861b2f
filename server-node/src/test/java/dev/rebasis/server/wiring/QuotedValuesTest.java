package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what the server records about transactions quotes values, and shows them only to who may see them. Method: the attacker's
 * side of real sockets: streams, loads, and scopes that ask for what is quoted, in pairs that differ in whether the question's
 * answer is yes.
 */
@Timeout(120)
class QuotedValuesTest {
  private static final String BOSS = "boss-token-0123456789";
  private static final String BOB = "bob-token-0123456789";
  private static final String CID = "cid-token-0123456789";
  private static final String SELLER = "seller-token-0123456789";
  private static final String SCHEMA = """
      [{:db/ident :person/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :person/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :person/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :person/secret :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :person/salary :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}]""";
  private static final String RULES = """
      {:roles {:boss {} :sales {:hide [:person/salary :person/secret]}
               :seller {:read "[:find ?p :in $ ?user :where [?p :person/owner ?user]]"}}}""";

  private static final String FOUND = "found";
  private static final String NOTHING = "nothing";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private long ann;
  private long zoe;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("people").schema("s", SCHEMA)
        .authenticator(TokenFile.parse("tokens", List.of(BOSS + " ann boss", BOB + " bob sales", CID + " cid sales",
            SELLER + " sam seller")))
        .access(AccessRules.parse(RULES)).start();
    Map<String, Long> ids = server.transact("""
        [{:db/id "ann" :person/name "ann" :person/salary 9000 :person/secret "s3cret" :person/owner "sam"}
         {:db/id "zoe" :person/name "zoe" :person/salary 5 :person/owner "else"}]""").join().tempids();
    ann = ids.get("ann");
    zoe = ids.get("zoe");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** A rejection, a merge and a parking of the boss's, all of which quote salaries. */
  private void quote() throws Exception {
    try (Attacker boss = Attacker.welcome(http, server, BOSS, 1)) {
      PushOutcome rejected = boss.push("[[:db/cas " + ann + " :person/salary 1 2]]");
      assertThat(rejected.message()).contains("9000");
      Intent late = boss.intent("[[:db/add " + ann + " :person/salary 8123]]");
      Intent retraction = boss.intent("[[:db/retractEntity " + zoe + "] [:db/add \"n\" :person/salary 8123]]", "n");
      server.transact("[[:db/add " + ann + " :person/salary 9100] [:db/add " + zoe + " :person/note \"new\"]]").join();
      assertThat(boss.push(late, Map.of()).kind()).isEqualTo(OutcomeKind.MERGED);
      assertThat(boss.push(retraction, Map.of()).kind()).isEqualTo(OutcomeKind.PARKED);
    }
  }

  @Test
  void whyOthersWereRefused_andWhatTheyPushed_isNotStreamedToWhoDoesNotSeeEverything() throws Exception {
    quote();
    try (Attacker bob = Attacker.welcome(http, server, BOB, 2); Attacker cid = Attacker.welcome(http, server, CID, 3)) {
      assertThat(bob.streamedText()).contains("ann").doesNotContain("9000", "8123", "9100");
      PushOutcome own = bob.push("[[:db/cas " + ann + " :person/owner \"x\" \"mine alone\"]]");
      assertThat(own.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(bob.streamedText()).as("what is one's own is told").contains(own.message());
      assertThat(cid.streamedText()).doesNotContain(own.message(), "mine alone");
      // The same to who comes back.
      try (Attacker again = Attacker.welcome(http, server, BOB, 4); Attacker other = Attacker.welcome(http, server, CID, 5)) {
        assertThat(other.streamedText()).doesNotContain(own.message(), "9000", "8123", "9100");
        assertThat(again.streamedText()).contains(own.message()).doesNotContain("9000", "8123", "9100");
      }
    }
    assertThat(loaded(BOB)).contains("ann").doesNotContain("9000", "8123", "9100");
    assertThat(loaded(BOSS)).contains("9000", "8123");
  }

  private String loaded(String token) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create(server.uri() + "/snapshot"))
        .header("Authorization", "Bearer " + token).header("Accept", "application/json").build(),
        HttpResponse.BodyHandlers.ofString()).body();
  }

  /** Whether a scope with this query brings its client the entity of that name; or why it is refused, but for the query's values. */
  private String answer(String token, long store, String query, List<Object> inputs) throws Exception {
    try (Attacker asking = Attacker.hello(http, server, token, store,
        List.of(new ScopeSpec("s", Edn.read(query), inputs, null)))) {
      if (asking.socket.next(Message.class) instanceof Message.Failed failed) {
        return failed.message().replaceAll("s3cret|wrong|zoe|nobody", "V");
      }
      return asking.streamed().stream().anyMatch(datom -> "ann".equals(datom.v())) ? FOUND : NOTHING;
    }
  }

  @Test
  void scopesDoNotReadWhatIsQuoted() throws Exception {
    quote();
    String forms = (String) datomic.Peer.query("[:find ?f . :where [_ :rebasis.tx/forms ?f]]", server.database());
    long store = 10;
    for (String clause : List.of("[_ :rebasis.conflict/local \"[8123]\"]", "[_ :rebasis.conflict/remote \"[9100]\"]",
        "[_ :rebasis.conflict/resolved]", "[_ :rebasis.tx/conflicts]", "[_ :rebasis.tx/message]",
        "[_ :rebasis.tx/forms " + Edn.write(forms) + "]", "[_ :rebasis.tx/message ?m] [(> ?m \"A\")]")) {
      String query = "[:find ?p :where [?p :person/name \"ann\"] " + clause + "]";
      assertThat(answer(BOSS, ++store, query, List.of())).as(query).isEqualTo(FOUND);
      assertThat(answer(BOB, ++store, query, List.of())).as(query).isEqualTo(NOTHING);
      assertThat(answer(SELLER, ++store, query, List.of())).as(query).isEqualTo(NOTHING);
    }
  }

  @Test
  void lookupRefsInScopesFindNothingThatIsNotSeen() throws Exception {
    long store = 100;
    for (String form : List.of("[REF :person/name _]", "(not [REF :person/note _])",
        "[(ground REF) ?x] (not [?x :person/note])", "(not-join [] [REF :person/note _])",
        "(or [REF :person/name _] [?p :person/none])")) {
      String query = "[:find ?p :where [?p :person/name \"ann\"] " + form + "]";
      for (String[] asked : List.of(new String[] {BOB, "[:person/secret \"s3cret\"]", "[:person/secret \"wrong\"]"},
          new String[] {SELLER, "[:person/name \"zoe\"]", "[:person/name \"nobody\"]"})) {
        assertThat(answer(asked[0], ++store, query.replace("REF", asked[1]), List.of())).as(query + " " + asked[1])
            .isEqualTo(answer(asked[0], ++store, query.replace("REF", asked[2]), List.of()));
        String input = query.replace("REF", "?ref").replace(":where", ":in $ ?ref :where");
        if (!input.contains("ground")) {
          assertThat(answer(asked[0], ++store, input, List.of(Edn.read(asked[1])))).as(input + " " + asked[1])
              .isEqualTo(answer(asked[0], ++store, input, List.of(Edn.read(asked[2]))));
        }
      }
    }
  }

  @Test
  void theRecordsOfAnotherUserOfTheSameStoreAreNotToldToTheNext() throws Exception {
    server.access(AccessRules.parse(
        RULES.replace(":sales {", ":sales {:read \"[:find ?p :where [?p :person/name]]\" ")));
    long basis = server.t();
    server.transact("[[:db/add " + ann + " :person/note \"theirs\"]]").join();
    try (Attacker bob = Attacker.welcome(http, server, BOB, 7)) {
      assertThat(bob.push(bob.intent(basis, "[[:db/add " + ann + " :person/note \"bobs\"]]"), Map.of()).kind())
          .isEqualTo(OutcomeKind.MERGED);
      assertThat(bob.streamedText()).as("the record of the conflict").contains("[\"theirs\"]");
      try (Attacker cid = bob.handedTo(http, CID)) {
        assertThat(cid.streamedText()).contains("bobs").doesNotContain("[\"theirs\"]");
      }
    }
  }
}
