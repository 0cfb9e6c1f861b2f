package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Peer;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.wiring.LogTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what was excised is gone from the log, its past included, and all else is as it was, down to ids and Ts. Method: a
 * real server writes facts about people in every kind of form; then a person, and the old values of an attribute, are excised.
 */
class ExciseTest {
  private static final String SCHEMA = "[{:db/ident :person/key :db/valueType :db.type/string :db/cardinality"
      + " :db.cardinality/one :db/unique :db.unique/identity}"
      + " {:db/ident :person/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}"
      + " {:db/ident :person/friend :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}"
      + " {:db/ident :person/visits :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]";

  @TempDir Path dir;

  private RebasisServer start() {
    return RebasisServer.builder().data(dir).schema("people", SCHEMA).onFatal(reason -> { }).start();
  }

  private static Object ask(RebasisServer server, String query) {
    return Peer.query(query, server.database());
  }

  @Test
  void anEntityIsForgottenWithItsPastAndTheRestKeepsItsIds() throws Exception {
    Object friendsBefore;
    Map<String, Long> ids;
    long t;
    try (RebasisServer server = start()) {
      ids = server.transact("[{:db/id \"a\" :person/key \"a\" :person/name \"Secret Ann\" :person/visits 1}"
          + " {:db/id \"b\" :person/key \"b\" :person/name \"Bob\" :person/friend \"a\"}]").join().tempids();
      server.transact("[{:person/key \"a\" :person/name \"Secret Anna\"} {:db/id \"c\" :person/key \"c\" :person/name \"Cy\"}]").join();
      server.transact("[[:db/cas [:person/key \"a\"] :person/visits 1 2]]").join();
      server.transact("[[:db/retract [:person/key \"a\"] :person/visits 2] {:person/key \"d\" :person/name \"Di\"}]").join();
      server.transact("[{:db/id \"x\" :db/excise " + ids.get("a") + "}]").join();
      friendsBefore = ask(server, "[:find ?e ?k :where [?e :person/key ?k] [(!= ?k \"a\")]]");
      t = server.t();
    }
    assertThat(new LogTool(dir).excise()).isGreaterThan(5);
    try (RebasisServer server = start()) {
      assertThat(server.t()).isGreaterThan(t);
      assertThat(ask(server, "[:find ?e ?k :where [?e :person/key ?k]]")).isEqualTo(friendsBefore);
      assertThat((Object) Peer.query("[:find ?v :in $ ?e :where [?e :person/name ?v]]", server.database().history(), ids.get("a")))
          .isEqualTo(Set.of());
      assertThat((Object) Peer.query("[:find ?x . :in $ ?e :where [?e :rebasis/excised ?x]]", server.database(), ids.get("a")))
          .isEqualTo(true);
      assertThat((Object) Peer.query("[:find ?r . :in $ ?e :where [?r :db/excise ?e] [?r :rebasis.excision/done true]]",
          server.database(), ids.get("a"))).isNotNull();
      assertThat((Object) Peer.query("[:find ?f . :in $ ?b :where [?b :person/friend ?f]]", server.database(), ids.get("b")))
          .as("a reference to it stays as a bare id").isEqualTo(ids.get("a"));
    }
    for (String file : List.of("log.mv.db")) {
      assertThat(new String(Files.readAllBytes(dir.resolve(file)), StandardCharsets.ISO_8859_1)).doesNotContain("Secret");
    }
    assertThat(new LogTool(dir).excise()).as("it is done").isZero();
    assertThat(new LogTool(dir).verify().t()).isGreaterThan(t);
  }

  @Test
  void theOldValuesOfAnAttributeAreForgottenUpToAT() {
    long beforeT;
    try (RebasisServer server = start()) {
      server.transact("[{:person/key \"a\" :person/visits 1}]").join();
      server.transact("[{:person/key \"a\" :person/visits 2}]").join();
      beforeT = server.t();
      server.transact("[{:person/key \"a\" :person/visits 3}]").join();
      server.transact("[{:db/excise :person/visits :db.excise/beforeT " + beforeT + "}]").join();
    }
    long asOf = beforeT;
    assertThat(new LogTool(dir).asked()).singleElement().satisfies(one -> {
      assertThat(one.target()).isEqualTo(":person/visits");
      assertThat(one.before()).isEqualTo("" + asOf);
      assertThat(one.user()).isNull();
    });
    assertThat(new LogTool(dir).excise()).isEqualTo(2);
    assertThat(new LogTool(dir).asked()).as("what is done is not asked for any more").isEmpty();
    try (RebasisServer server = start()) {
      assertThat((Object) Peer.query("[:find (max ?v) (min ?v) :where [_ :person/visits ?v]]", server.database().history()).toString())
          .isEqualTo("[[3 2]]");
    }
  }
}
