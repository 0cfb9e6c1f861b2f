package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a hidden attribute is none, however it is named, and what happens to its values shows in no answer. Method: the
 * attacker's side of real sockets: every form in every spelling, in pairs that differ in what the database holds; the answers
 * must be alike, and nothing may be changed.
 */
@Timeout(120)
class HiddenNamesTest {
  private static final String BOSS = "boss-token-0123456789";
  private static final String SALES = "sales-token-0123456789";
  private static final String OTHER = "other-token-0123456789";
  private static final String SCHEMA = """
      [{:db/ident :person/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :person/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :person/floor :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :person/room :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :person/friend :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :person/rival :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :person/secret :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :person/salary :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""";
  private static final String TUPLES = """
      [{:db/ident :person/place+salary :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one
        :db/tupleAttrs [:person/floor :person/salary]}
       {:db/ident :person/room+salary :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one
        :db/tupleAttrs [:person/room :person/salary] :db/unique :db.unique/value}]""";
  private static final String RULES =
      "{:roles {:boss {} :sales {:hide [:person/salary :person/secret :person/rival]}}}";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private long salary;
  private long secret;
  private long ann;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("people").schema("s", SCHEMA)
        .authenticator(TokenFile.parse("tokens", List.of(BOSS + " ann boss", SALES + " bob sales", OTHER + " cid sales")))
        .access(AccessRules.parse(RULES)).start();
    server.transact(TUPLES).join();
    ann = server.transact("""
        [{:db/id "ann" :person/name "ann" :person/salary 9000 :person/secret "s3cret" :person/floor 1}
         {:person/name "zoe" :person/floor 1} {:person/name "rival" :person/rival "ann"}]""").join().tempids().get("ann");
    salary = (Long) server.database().entid(datomic.Util.read(":person/salary"));
    secret = (Long) server.database().entid(datomic.Util.read(":person/secret"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String plain(PushOutcome outcome) {
    return outcome.kind() + " " + outcome.code() + " "
        + outcome.message().replaceAll("\\d{6,}", "N").replaceAll("9000 1|9000|1 2|s3cret|wrong|ann|zoe", "V");
  }

  @Test
  void inNoSpellingDoesAFormReachWhatIsHidden() throws Exception {
    // Each with a hidden name and a value that is there, and the same with one that is not.
    List<String[]> pairs = List.of(
        new String[] {"[[:db/cas [:person/name \"ann\"] SALARY 9000 1]]", "[[:db/cas [:person/name \"ann\"] SALARY 1 2]]"},
        new String[] {"[[:db/cas [:person/name \"ann\"] SALARY 9000 1]]", "[[:db/cas [:person/name \"zoe\"] SALARY 9000 1]]"},
        new String[] {"[[:db/add [:person/name \"ann\"] SALARY 9000]]", "[[:db/add [:person/name \"zoe\"] SALARY 9000]]"},
        new String[] {"[[:db/retract [:person/name \"ann\"] SALARY 9000]]", "[[:db/retract [:person/name \"zoe\"] SALARY 9000]]"},
        new String[] {"[[:db/retract [:person/name \"ann\"] SALARY]]", "[[:db/retract [:person/name \"zoe\"] SALARY]]"},
        new String[] {"[[:db/add [SECRET \"s3cret\"] :person/note \"f\"]]", "[[:db/add [SECRET \"wrong\"] :person/note \"f\"]]"},
        new String[] {"[[:db/add \"x\" SECRET \"s3cret\"]]", "[[:db/add \"x\" SECRET \"wrong\"]]"},
        new String[] {"[{:db/id \"x\" SECRET \"s3cret\" :person/note \"f\"}]", "[{:db/id \"x\" SECRET \"wrong\" :person/note \"f\"}]"},
        new String[] {"[{:db/id \"x\" :person/name \"q\" :person/friend [SECRET \"s3cret\"]}]",
            "[{:db/id \"x\" :person/name \"q\" :person/friend [SECRET \"wrong\"]}]"});
    long store = 10;
    for (String[] spelling : spellings()) {
      try (Attacker bob = Attacker.welcome(http, server, SALES, ++store)) {
        Map<Long, Long> known = Map.of(7_000_001L, salary, 7_000_002L, secret);
        for (String[] pair : pairs) {
          List<String> answers = new ArrayList<>();
          for (String forms : pair) {
            Intent intent = bob.intent(forms.replace("SALARY", spelling[0]).replace("SECRET", spelling[1]), "x");
            PushOutcome outcome = bob.push(intent, known);
            assertThat(outcome.kind().isCommitted()).as(intent.forms().toString()).isFalse();
            assertThat(outcome.message()).as(intent.forms().toString()).doesNotContain("found");
            answers.add(plain(outcome));
          }
          assertThat(answers.get(0)).as(spelling[0] + " " + pair[0]).isEqualTo(answers.get(1));
        }
        assertThat(bob.streamedText()).doesNotContain("found 9000", "found nil");
      }
    }
    datomic.Entity entity = server.database().entity(ann);
    assertThat(entity.get(":person/salary")).isEqualTo(9000L);
    assertThat(entity.get(":person/note")).isNull();
  }

  private List<String[]> spellings() {
    return List.of(new String[] {":person/salary", ":person/secret"},
        new String[] {"\":person/salary\"", "\":person/secret\""},
        new String[] {"" + salary, "" + secret}, new String[] {salary + "N", secret + "N"},
        new String[] {"-7000001", "-7000002"}, new String[] {"-7000001N", "-7000002N"});
  }

  @Test
  void theAttributeItselfCannotBeChanged() throws Exception {
    try (Attacker bob = Attacker.welcome(http, server, SALES, 1)) {
      for (String forms : List.of("[[:db/add " + salary + " :db/doc \"x\"]]", "[[:db/add -7 :db/doc \"x\"]]",
          "[{:db/id \":person/salary\" :db/doc \"x\"}]", "[[:db/add -7 :db/ident :person/pay]]",
          "[{:db/id \"x\" :db/ident \":person/salary\" :db/doc \"x\"}]", "[[:db/retractEntity -7]]",
          "[[:db/add -7 :db/index true]]")) {
        PushOutcome outcome = bob.push(bob.intent(forms, "x"), Map.of(7L, salary));
        assertThat(outcome.kind()).as(forms).isEqualTo(OutcomeKind.REJECTED);
      }
    }
    assertThat(server.database().entity(salary).get(":db/doc")).isNull();
    assertThat(server.database().ident(salary).toString()).isEqualTo(":person/salary");
  }

  @Test
  void retractingAnEntityLeavesItsHiddenFacts_andTellsNothingOfThem() throws Exception {
    try (Attacker bob = Attacker.welcome(http, server, SALES, 1)) {
      long basis = server.t();
      server.transact("[[:db/add [:person/name \"ann\"] :person/salary 9100]"
          + "[:db/add [:person/name \"rival\"] :person/rival [:person/name \"zoe\"]]]").join();
      long zoe = (Long) server.database().entid(datomic.Util.list(datomic.Util.read(":person/name"), "zoe"));
      for (long person : List.of(ann, zoe)) {
        PushOutcome outcome = bob.push(bob.intent(basis, "[[:db/retractEntity " + person + "]]"), Map.of());
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
      }
      datomic.Entity left = server.database().entity(ann);
      assertThat(left.get(":person/name")).isNull();
      assertThat(left.get(":person/salary")).as("what is not seen is not overwritten").isEqualTo(9100L);
    }
  }

  @Test
  void tuplesWithAHiddenPartAreHidden_andTheirOtherPartsCanBeWritten() throws Exception {
    try (Attacker bob = Attacker.welcome(http, server, SALES, 1)) {
      assertThat(bob.streamedText()).doesNotContain("9000");
      assertThat(bob.push("[[:db/add [:person/name \"ann\"] :person/floor 4]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(server.database().entity(ann).get(":person/place+salary").toString()).isEqualTo("[4 9000]");
      assertThat(bob.streamedText()).doesNotContain("9000");
      assertThat(bob.push("[{:db/id \"x\" :person/name \"q\" :person/floor 1}]", "x").kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(bob.push("[[:db/add \"x\" :person/place+salary [1 9000]]]", "x").kind()).isEqualTo(OutcomeKind.REJECTED);
    }
  }

  @Test
  void whetherAUniqueTupleWithAHiddenPartIsTaken_isNotTold() throws Exception {
    server.transact("[{:person/name \"eve\" :person/room 7 :person/salary 9000}]").join();
    try (Attacker bob = Attacker.welcome(http, server, SALES, 1)) {
      PushOutcome taken = bob.push("[[:db/add [:person/name \"ann\"] :person/room 7]]");
      PushOutcome free = bob.push("[[:db/add [:person/name \"ann\"] :person/room 8]]");
      assertThat(taken.code()).isEqualTo(Keyword.of(":rebasis.error/forbidden")).isEqualTo(free.code());
      assertThat(taken.message()).isEqualTo(free.message());
    }
  }
}
