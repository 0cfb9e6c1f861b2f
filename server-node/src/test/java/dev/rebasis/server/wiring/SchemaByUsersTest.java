package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: who is bound by a rule cannot change what the rule means by changing the schema that it is said in. Method: users of each
 * kind of rule push every kind of change of the schema.
 */
@Timeout(60)
class SchemaByUsersTest {
  private static final String READ = "[:find ?o :in $ ?user :where [?o :order/owner ?user]]";
  private static final Keyword FORBIDDEN = Keyword.of(":rebasis.error/forbidden");
  private static final List<String> ROLES = List.of("boss", "read", "hide", "rules", "write", "names", "operator");
  private static final List<String> CHANGES = List.of(
      "[[:db/add :order/next :db/isComponent true]]",
      "[[:db/retract :order/lines :db/isComponent true]]",
      "[[:db/add :order/quantity :db/ident :order/amount]]",
      "[[:db/retract :order/number :db/unique :db.unique/identity]]",
      "[[:db/add :order/owner :db/cardinality :db.cardinality/many]]",
      "[[:db/add :order/quantity :db/index true]]",
      "[[:db/add :order/note :db/noHistory true]]",
      "[{:db/id \"x\" :db/ident :order/pair :db/valueType :db.type/tuple :db/tupleAttrs [:order/note :order/quantity]"
          + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}]",
      "[{:db/id \"x\" :db/ident :order/new :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true}]",
      "[{:db/id \"x\" :db/ident :order/new :db/valueType :db.type/long :db/cardinality :db.cardinality/one"
          + " :db.attr/preds clojure.core/pos?}]",
      "[[:db/add ORDER :db/ident :order/mine]]",
      "[[:db/add :order/next :order/owner \"ann\"]]",
      "[[:db/add :db.part/db :order/next ORDER]]",
      "[{:db/id \"x\" :db.entity/attrs [:order/number]}]");

  /** What nobody may say. */
  private static final List<String> NOT_HERE =
      CHANGES.stream().filter(change -> change.contains(":db.attr/preds") || change.contains(":db.entity/attrs")).toList();

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private String order;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("orders").schema("s", """
        [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
          :db/unique :db.unique/identity}
         {:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
         {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
         {:db/ident :order/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
         {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""")
        .authenticator(TokenFile.parse("tokens", ROLES.stream().map(role -> token(role) + " ann " + role).toList()))
        .access(AccessRules.parse("""
            {:roles {:boss {}
                     :read {:read "READ" :unique [:order/number]}
                     :hide {:hide [:order/note]}
                     :rules {:rules [["[:find ?o :in $ $before ?user :where [?o :order/quantity ?q] [(< ?q 0)]]" "Negative."]]}
                     :write {:write [:order/quantity :order/owner :order/next]}
                     :names {:read "READ" :write [:db/isComponent :db.alter/attribute :order/note]}
                     :operator {:read "READ"}}}""".replace("READ", READ))).start();
    Map<String, Long> ids = server.transact("""
        [{:db/id "a" :order/number "A1" :order/owner "ann" :order/next "b"}
         {:db/id "b" :order/number "B1" :order/owner "bob" :order/note "bobs secret"}]""").join().tempids();
    order = ids.get("a").toString();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String token(String role) {
    return role + "-token-0123456789";
  }

  private Attacker as(String role) throws InterruptedException {
    return Attacker.welcome(http, server, token(role), 1 + ROLES.indexOf(role));
  }

  private long schemaFacts() {
    return ((Number) datomic.Peer.query("[:find (count ?v) . :with ?e ?a :where [?e :db/ident] [?e ?a ?v]]",
        server.database())).longValue();
  }

  @Test
  void whoIsBoundByARuleChangesNoSchema() throws Exception {
    long before = schemaFacts();
    for (String role : List.of("read", "hide", "rules")) {
      try (Attacker user = as(role)) {
        for (String change : CHANGES) {
          PushOutcome outcome = user.push(change.replace("ORDER", order), "x");
          assertThat(outcome.kind()).as(role + " " + change).isEqualTo(OutcomeKind.REJECTED);
          assertThat(outcome.code()).as(role + " " + change).isEqualTo(NOT_HERE.contains(change)
              ? Keyword.of(":rebasis.error/unsupported") : FORBIDDEN);
          if (!role.equals("rules")) {
            assertThat(user.streamedText()).doesNotContain("bobs secret");
          }
        }
        assertThat(user.push("[[:db/add " + order + " :order/quantity 3]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
      }
    }
    assertThat(schemaFacts()).isEqualTo(before);
  }

  @Test
  void whatIsSoAlready_mayBeSaidByAnyone() throws Exception {
    for (String role : List.of("read", "hide", "rules")) {
      try (Attacker user = as(role)) {
        PushOutcome outcome = user.push("""
            [{:db/id "x" :db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many
              :db/isComponent true}
             [:db/add :order/number :db/unique :db.unique/identity]]""", "x");
        assertThat(outcome.kind()).as(role + ": " + outcome.message()).isEqualTo(OutcomeKind.ACCEPTED);
      }
    }
  }

  @Test
  void whatAnOperatorTakesUpOfABoundUser_isJudgedByTheRulesAndNotByTheRole() throws Exception {
    try (Attacker user = as("rules")) {
      Intent intent = user.intent("[[:db/retractEntity " + order + "] [:db/add :order/next :db/isComponent true]]");
      server.transact("[[:db/add " + order + " :order/quantity 3]]").join();
      assertThat(user.push(intent, Map.of()).kind()).as("others had changed the order").isEqualTo(OutcomeKind.PARKED);
      long before = schemaFacts();
      assertThat(retry(intent.id())).contains("rejected").contains("in another's words");
      assertThat(schemaFacts()).isEqualTo(before);
      assertThat(server.database().entity(Long.valueOf(order)).get(":order/owner")).isEqualTo("ann");
      server.access(AccessRules.parse("{:roles {:operator {}}}"));
      assertThat(retry(intent.id())).contains("accepted");
      assertThat((Object) datomic.Peer.query("[:find ?v . :where [:order/next :db/isComponent ?v]]", server.database())).isEqualTo(true);
    }
  }

  private String retry(UUID parked) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create(server.uri() + "/parked/" + parked + "/retry"))
        .header("Authorization", "Bearer " + token("operator")).POST(HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void aListOfWhatMayBeWritten_namesSchemaToo() throws Exception {
    try (Attacker user = as("write")) {
      assertThat(user.push(CHANGES.get(0)).code()).isEqualTo(FORBIDDEN);
      assertThat(user.push("[[:db/add " + order + " :order/quantity 3]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    try (Attacker user = as("names")) {
      assertThat(user.push("[[:db/add :order/quantity :db/ident :order/amount]]").code())
          .isEqualTo(FORBIDDEN);
      PushOutcome named = user.push(CHANGES.get(0));
      assertThat(named.kind()).as(named.message()).isEqualTo(OutcomeKind.ACCEPTED);
    }
  }

  @Test
  void whoIsBoundByNothing_andTheOperator_change() throws Exception {
    try (Attacker boss = as("boss"); Attacker operator = as("operator")) {
      assertThat(boss.push("[[:db/add :order/quantity :db/ident :order/amount]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(operator.push(CHANGES.get(0)).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat((Object) datomic.Peer.query("[:find ?v . :where [:order/next :db/isComponent ?v]]", server.database())).isEqualTo(true);
  }
}
