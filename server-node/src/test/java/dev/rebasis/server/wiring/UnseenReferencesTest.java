package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.http.HttpClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: what refers to an entity that its user does not see can be changed and retracted, in unique attributes and tuples too, and
 * nobody learns by that what such an entity is. Method: a real session, and pairs of requests that differ in whether the entity is there.
 */
class UnseenReferencesTest {
  private static final String ANN = "ann-token-0123456789";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private TestSocket ann;
  private long seq;
  private long mine;
  private long bobs;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("orders").schema("s", """
        [{:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
         {:db/ident :order/place :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :order/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
         {:db/ident :order/slot :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
         {:db/ident :order/pair :db/valueType :db.type/tuple :db/tupleTypes [:db.type/ref :db.type/long]
          :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
         {:db/ident :order/two :db/valueType :db.type/tuple :db/tupleTypes [:db.type/ref :db.type/ref]
          :db/cardinality :db.cardinality/one}
         {:db/ident :order/many :db/valueType :db.type/tuple :db/tupleTypes [:db.type/ref :db.type/string]
          :db/cardinality :db.cardinality/many}
         {:db/ident :order/next+place :db/valueType :db.type/tuple :db/tupleAttrs [:order/next :order/place]
          :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}]""")
        .authenticator(TokenFile.parse("tokens", List.of(ANN + " ann sales")))
        .access(AccessRules.parse("{:roles {:sales {:read \"[:find ?o :in $ ?user :where [?o :order/owner ?user]]\""
            + " :unique [:order/slot :order/pair :order/next+place]}}}")).start();
    Map<String, Long> ids = server.transact("""
        [{:db/id "a" :order/owner "ann" :order/place 1} {:db/id "b" :order/owner "bob" :order/place 2}]""").join().tempids();
    mine = ids.get("a");
    bobs = ids.get("b");
    ann = TestSocket.connect(http, server.uri(), "rebasis.cbor", ANN);
    ann.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 1), 0, null, 0, 1_000_000));
  }

  @AfterEach
  void stop() {
    ann.close();
    server.close();
  }

  private PushOutcome push(String forms) throws Exception {
    ann.send(new Message.Push(List.of(new Intent(new UUID(5, ++seq), seq, server.t(), Instant.EPOCH,
        new ArrayList<>((List<?>) Edn.read(forms)), Map.of(Intent.TX_TEMPID, seq * 10)))));
    return ann.next(Message.Outcomes.class).outcomes().get(0);
  }

  private void accepted(String forms) throws Exception {
    PushOutcome outcome = push(forms);
    assertThat(outcome.kind()).as(forms + ": " + outcome.message()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  private void refused(String forms) throws Exception {
    PushOutcome outcome = push(forms);
    assertThat(outcome.kind()).as(forms).isEqualTo(OutcomeKind.REJECTED);
    assertThat(outcome.message()).as(forms).contains("may not see, or that is not there");
  }

  private void refer() {
    server.transact("[{:db/id " + mine + " :order/next " + bobs + " :order/slot " + bobs + " :order/pair [" + bobs + " 7]}]").join();
  }

  private Object value(String attribute) {
    Object value = server.database().entity(mine).get(attribute);
    return value instanceof datomic.Entity entity ? entity.get(":db/id") : value;
  }

  @Test
  void uniqueReferencesAndTuplesCanBeReplacedAndRetracted() throws Exception {
    refer();
    accepted("[[:db/add " + mine + " :order/slot " + mine + "]]");
    accepted("[[:db/add " + mine + " :order/pair [" + mine + " 7]]]");
    assertThat(List.of(value(":order/slot"), value(":order/pair"))).isEqualTo(List.of(mine, List.of(mine, 7L)));
    refer();
    for (String fact : List.of(":order/slot " + bobs, ":order/pair [" + bobs + " 7]", ":order/next " + bobs)) {
      accepted("[[:db/retract " + mine + " " + fact + "]]");
    }
    assertThat(value(":order/slot")).isNull();
    assertThat(value(":order/pair")).isNull();
    assertThat(value(":order/next")).isNull();
    refer();
    accepted("[[:db/retractEntity " + mine + "]]");
    assertThat(value(":order/owner")).isNull();
  }

  @Test
  void anotherPartOfATupleWithAnUnseenEntityCanBeChanged() throws Exception {
    refer();
    accepted("[[:db/add " + mine + " :order/place 5]]");
    assertThat(value(":order/next+place")).isEqualTo(List.of(bobs, 5L));
    accepted("[[:db/retract " + mine + " :order/place 5]]");
    accepted("[[:db/retract " + mine + " :order/next " + bobs + "]]");
    assertThat(value(":order/next+place")).isNull();
  }

  @Test
  void anotherTupleInTheSamePlaceMayKeepTheUnseenEntity_andNameNoOther() throws Exception {
    refer();
    server.transact("[{:db/id " + mine + " :order/two [" + bobs + " " + mine + "] :order/many [[" + bobs + " \"x\"]]}]").join();
    accepted("[[:db/add " + mine + " :order/pair [" + bobs + " 8]]]");
    accepted("[[:db/cas " + mine + " :order/pair [" + bobs + " 8] [" + bobs + " 9]]]");
    assertThat(value(":order/pair")).isEqualTo(List.of(bobs, 9L));
    accepted("[[:db/retract " + mine + " :order/many [" + bobs + " \"x\"]] [:db/add " + mine + " :order/many [" + bobs + " \"y\"]]]");
    for (long other : List.of(bobs + 1, bobs + 4_000)) {
      refused("[[:db/add " + mine + " :order/pair [" + other + " 8]]]");
      refused("[[:db/add " + mine + " :order/two [" + bobs + " " + other + "]]]");
      refused("[[:db/add " + mine + " :order/two [" + other + " " + mine + "]]]");
    }
    refused("[[:db/add " + mine + " :order/two [" + mine + " " + bobs + "]]]");
    refused("[[:db/add " + mine + " :order/many [" + bobs + " \"z\"]]]");
    refused("[[:db/add [:order/pair [" + bobs + " 9]] :order/place 5]]");
    refused("[[:db/retract " + mine + " :order/pair [" + bobs + " 9]] [:db/add " + mine + " :order/slot " + bobs + "]]");
  }

  @Test
  void whatIsNotHeldIsRefusedInTheSameWords_whetherItIsThereOrNot() throws Exception {
    server.transact("[[:db/add " + bobs + " :order/slot " + bobs + "] [:db/add " + bobs + " :order/next " + bobs + "]"
        + "[:db/add " + bobs + " :order/pair [" + bobs + " 7]]]").join();
    for (long other : List.of(bobs, bobs + 4_000)) {
      refused("[[:db/add " + mine + " :order/slot " + other + "]]");
      refused("[[:db/add " + mine + " :order/next " + other + "] [:db/add " + mine + " :order/place 5]]");
      refused("[[:db/add " + mine + " :order/pair [" + other + " 7]]]");
      refused("[[:db/add [:order/slot " + other + "] :order/place 5]]");
      refused("[[:db/add [:order/next+place [" + other + " 2]] :order/place 5]]");
      refused("[[:db/retract [:order/slot " + other + "] :order/slot " + other + "]]");
    }
    assertThat(value(":order/place")).isEqualTo(1L);
  }
}
