package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what a push says beside its forms (known ids, groups, retried transactions) gives no sight of what the rules do not
 * show. Method: the attacker's side of real sockets, under a read rule.
 */
@Timeout(120)
class ForgedPushTest {
  private static final String ANN = "ann-token-0123456789";
  private static final String BOB = "bob-token-0123456789";
  private static final String DAN = "dan-token-0123456789";
  private static final Keyword FORBIDDEN = Keyword.of(":rebasis.error/forbidden");
  private static final String SCHEMA = """
      [{:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";
  private static final String RULES = """
      {:roles {:sales {:read "[:find ?o :in $ ?user :where [?o :order/owner ?user]]"}
               :reader {:write []}}}""";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private long annsOrder;
  private long bobsOrder;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("orders").schema("s", SCHEMA)
        .authenticator(TokenFile.parse("tokens", List.of(ANN + " ann sales", BOB + " bob sales", DAN + " dan reader")))
        .access(AccessRules.parse(RULES)).start();
    Map<String, Long> ids = server.transact("[{:db/id \"a\" :order/owner \"ann\" :order/quantity 1}"
        + "{:db/id \"b\" :order/owner \"bob\" :order/quantity 777}]").join().tempids();
    annsOrder = ids.get("a");
    bobsOrder = ids.get("b");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aKnownIdGivesNoSightOfAnOrderOfAnother() throws Exception {
    try (Attacker ann = Attacker.welcome(http, server, ANN, 1)) {
      Map<Long, Long> known = Map.of(5L, bobsOrder, 6L, bobsOrder + 4_000);
      for (String forms : List.of("[[:db/cas -5 :order/quantity 1 2]]", "[[:db/cas -5 :order/quantity 777 2]]",
          "[[:db/add -5 :order/quantity 2]]", "[[:db/add " + annsOrder + " :order/next -5]]",
          "[[:db/retractEntity -5]]", "[[:db/retract -5 :order/quantity 777]]")) {
        PushOutcome is = ann.push(ann.intent(forms), known);
        PushOutcome isNot = ann.push(ann.intent(forms.replace("-5", "-6")), known);
        assertThat(is.code()).as(forms).isEqualTo(FORBIDDEN).isEqualTo(isNot.code());
        assertThat(is.message()).as(forms).isEqualTo(isNot.message()).doesNotContain("777");
        assertThat(is.t()).as(forms).isZero();
      }
      assertThat(ann.push(ann.intent("[[:db/add -7 :order/quantity 8]]"), Map.of(7L, annsOrder)).kind())
          .as("what is seen may be known").isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(server.database().entity(bobsOrder).get(":order/quantity")).isEqualTo(777L);
    assertThat(server.database().entity(annsOrder).get(":order/next")).isNull();
  }

  private static Intent inGroup(Intent intent, UUID group, int size, int index) {
    return Attacker.with(intent, Terms.NONE.withGroup(new Terms.Group(group, size, index)));
  }

  /** One change of a quantity for each order that is named, bound together. */
  private static List<PushOutcome> pushGroup(Attacker who, long... orders) throws Exception {
    UUID group = UUID.randomUUID();
    List<Intent> intents = new ArrayList<>();
    for (long order : orders) {
      intents.add(inGroup(who.intent("[[:db/add " + order + " :order/quantity " + (5 + intents.size()) + "]]"), group,
          orders.length, intents.size()));
    }
    return who.pushAll(intents, Map.of());
  }

  @Test
  void aGroupIsDecidedAsItWasTried_alsoWhereItsOwnEntitiesAreNotSeenByTheRules() throws Exception {
    try (Attacker ann = Attacker.welcome(http, server, ANN, 1)) {
      UUID group = new UUID(9, 9);
      // Made for bob, so that the rules do not show it to ann; the second one of the group refers to it all the same.
      Intent first = inGroup(ann.intent("[{:db/id \"x\" :order/owner \"bob\"}]", "x"), group, 2, 0);
      long x = first.tempids().get("x");
      Intent second = inGroup(ann.intent("[[:db/add " + -x + " :order/quantity 5]]"), group, 2, 1);
      assertThat(ann.pushAll(List.of(first, second), Map.of())).extracting(PushOutcome::kind)
          .containsOnly(OutcomeKind.ACCEPTED);
      assertThat(ann.push("[[:db/add " + -x + " :order/quantity 6]]").code())
          .as("once the group is decided, the rules say what is seen").isEqualTo(FORBIDDEN);
    }
  }

  @Test
  void aGroupWithAForbiddenMemberWritesNothing() throws Exception {
    try (Attacker ann = Attacker.welcome(http, server, ANN, 1)) {
      long t = server.t();
      List<PushOutcome> outcomes = pushGroup(ann, annsOrder, bobsOrder);
      assertThat(outcomes).extracting(PushOutcome::kind).containsOnly(OutcomeKind.REJECTED);
      assertThat(outcomes).extracting(PushOutcome::t).containsOnly(0L);
      assertThat(outcomes.get(1).code()).isEqualTo(FORBIDDEN);
      assertThat(server.t()).isEqualTo(t);
    }
  }

  @Test
  void onASharedDatabase_nobodyIsKeptOutForAForbiddenGroup() throws Exception {
    String uri = "datomic:mem://forged-" + UUID.randomUUID();
    try (RebasisServer shared = RebasisServer.builder().datomic(uri).database("orders").schema("s", SCHEMA)
            .authenticator(TokenFile.parse("tokens", List.of(ANN + " ann sales", DAN + " dan reader")))
            .access(AccessRules.parse(RULES)).start();
        Attacker dan = Attacker.welcome(http, shared, DAN, 3);
        Attacker ann = Attacker.welcome(http, shared, ANN, 1)) {
      long order = shared.transact("[{:db/id \"a\" :order/owner \"ann\"}]").join().tempids().get("a");
      long t = shared.t();
      List<PushOutcome> outcomes = pushGroup(dan, order, order);
      assertThat(outcomes).extracting(PushOutcome::kind).containsOnly(OutcomeKind.REJECTED);
      assertThat(shared.t()).as("nothing is written, not even that others are kept out").isEqualTo(t);
      assertThat(pushGroup(ann, order, order)).extracting(PushOutcome::kind).containsOnly(OutcomeKind.ACCEPTED);
    }
  }

  private UUID committedByBob() throws Exception {
    try (Attacker bob = Attacker.welcome(http, server, BOB, 2)) {
      Intent made = bob.intent("[{:db/id \"x\" :order/owner \"bob\"}]", "x");
      assertThat(bob.push(made, Map.of()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      return made.id();
    }
  }

  @Test
  void aTransactionOfAnotherCannotBeRetried_andNotBeFoundOut() throws Exception {
    UUID bobs = committedByBob();
    try (Attacker ann = Attacker.welcome(http, server, ANN, 1)) {
      for (UUID retried : List.of(bobs, new UUID(77, 77))) {
        Intent intent = ann.intent("[[:db/add " + annsOrder + " :order/quantity 3]]");
        PushOutcome outcome = ann.push(Attacker.with(intent, Terms.NONE.retrying(retried)), Map.of());
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
        assertThat(server.database().entity(datomic.Peer.toTx(outcome.t())).get(":rebasis.tx/retries"))
            .as("as if there were no such transaction").isNull();
      }
    }
  }

  @Test
  void whetherATransactionOfAnotherWasCommitted_isNotTold() throws Exception {
    UUID bobs = committedByBob();
    try (Attacker ann = Attacker.welcome(http, server, ANN, 1)) {
      Intent own = ann.intent("[[:db/add " + annsOrder + " :order/quantity 2]]");
      assertThat(ann.push(own, Map.of()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      for (UUID after : List.of(bobs, new UUID(77, 77), own.id())) {
        Intent intent = ann.intent("[[:db/add " + annsOrder + " :order/quantity 3]]");
        PushOutcome outcome = ann.push(Attacker.with(intent, Terms.NONE.withAfter(List.of(after))), Map.of());
        assertThat(outcome.kind()).isEqualTo(after.equals(own.id()) ? OutcomeKind.ACCEPTED : OutcomeKind.PARKED);
      }
    }
  }

  @Test
  void aUserWhoMayWriteNothing_writesNotEvenRecords() throws Exception {
    try (Attacker dan = Attacker.welcome(http, server, DAN, 3)) {
      long t = server.t();
      for (String forms : List.of("[[:db/cas " + annsOrder + " :order/quantity 5 6]]", "[]", "[[:db/add 1]]",
          "[[:db/add " + annsOrder + " :order/nothing 6]]")) {
        PushOutcome outcome = dan.push(forms);
        assertThat(outcome.code()).as(forms).isEqualTo(FORBIDDEN);
        assertThat(outcome.t()).isZero();
      }
      assertThat(server.t()).isEqualTo(t);
    }
  }
}
