package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import clojure.lang.RT;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.wiring.LogTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static List<String> history(RebasisServer server, String attribute, long entity) {
    return ((Collection<?>) Peer.query("[:find ?v ?op :in $ ?e ?a :where [?e ?a ?v _ ?op]]", server.database().history(), entity,
        Util.read(attribute))).stream().map(RT::printString).sorted().toList();
  }

  @Test
  void ofAnEntityOnlyTheNamedAttributesGo() {
    long a;
    try (RebasisServer server = start()) {
      a = server.transact("[{:db/id \"a\" :person/key \"a\" :person/name \"Ann\" :person/visits 1}]").join().tempids().get("a");
      server.transact("[{:person/key \"a\" :person/name \"Anna\" :person/visits 2}]").join();
      server.transact("[{:db/excise " + a + " :db.excise/attrs [:person/name :person/friend]}]").join();
    }
    assertThat(new LogTool(dir).excise()).as("two assertions and a retraction").isEqualTo(3);
    try (RebasisServer server = start()) {
      assertThat(history(server, ":person/name", a)).isEmpty();
      assertThat(history(server, ":person/key", a)).containsExactly("[\"a\" true]");
      assertThat(history(server, ":person/visits", a)).containsExactly("[1 false]", "[1 true]", "[2 true]");
    }
  }

  @Test
  void whatIsFromATimeOnStays() throws Exception {
    long a;
    try (RebasisServer server = start()) {
      a = server.transact("[{:db/id \"a\" :person/key \"a\" :person/name \"Ann\"}]").join().tempids().get("a");
      long t = server.t();
      Instant first = ((Date) server.database().entity(Peer.toTx(t)).get(":db/txInstant")).toInstant();
      Instant before = first.plusMillis(1);
      // Two transactions may have one time; the next one shall not.
      while (!Instant.now().isAfter(before)) {
        Thread.onSpinWait();
      }
      server.transact("[{:person/key \"a\" :person/name \"Anna\"}]").join();
      server.transact("[{:db/excise " + a + " :db.excise/before #inst \"" + before + "\"}]").join();
    }
    assertThat(new LogTool(dir).excise()).as("the key, the name and its retraction").isEqualTo(3);
    try (RebasisServer server = start()) {
      assertThat(history(server, ":person/name", a)).containsExactly("[\"Anna\" true]");
      assertThat(history(server, ":person/key", a)).isEmpty();
    }
  }

  @Test
  void aWholeAttributeGoesAndItsDefinitionStays() {
    long a;
    try (RebasisServer server = start()) {
      a = server.transact("[{:db/id \"a\" :person/key \"a\" :person/name \"Ann\" :person/visits 1}]").join().tempids().get("a");
      server.transact("[[:db/retract " + a + " :person/visits 1] {:person/key \"b\" :person/visits 7}]").join();
      server.transact("[{:db/excise :person/visits}]").join();
    }
    assertThat(new LogTool(dir).excise()).isEqualTo(3);
    try (RebasisServer server = start()) {
      assertThat((Object) Peer.query("[:find ?v :where [_ :person/visits ?v]]", server.database().history())).isEqualTo(Set.of());
      server.transact("[{:person/key \"b\" :person/visits 8}]").join();
      assertThat((Object) Peer.query("[:find ?v . :where [_ :person/visits ?v]]", server.database())).isEqualTo(8L);
    }
  }

  @Test
  void requestsAndRecordsOfOursAreProtected() {
    long requests;
    long idents;
    long types;
    try (RebasisServer server = start()) {
      server.transact("[{:person/key \"a\" :person/name \"Ann\"}]").join();
      server.transact("[{:db/excise :db/excise} {:db/excise :rebasis.db/id} {:db/excise :db/txInstant}"
          + " {:db/excise :db/ident} {:db/excise :db/valueType} {:db/excise :rebasis.tx/id}]").join();
      idents = count(server, ":db/ident");
      types = count(server, ":db/valueType");
      requests = count(server, ":db/excise");
    }
    assertThat(new LogTool(dir).excise()).isZero();
    try (RebasisServer server = start()) {
      assertThat(count(server, ":db/excise")).isEqualTo(requests).isEqualTo(6);
      assertThat(count(server, ":db/ident")).isEqualTo(idents).isPositive();
      assertThat(count(server, ":db/valueType")).isEqualTo(types).isPositive();
      assertThat(count(server, ":rebasis.db/id")).isEqualTo(1);
      assertThat(count(server, ":person/name")).isEqualTo(1);
    }
  }

  private static long count(RebasisServer server, String attribute) {
    return ((Collection<?>) Peer.query("[:find ?e ?v :in $ ?a :where [?e ?a ?v]]", server.database().history(), Util.read(attribute))).size();
  }

  @Test
  void aTransactionOfSchemaAndDataIsWrittenAnew() {
    long a;
    Object schemaBefore;
    try (RebasisServer server = start()) {
      a = server.transact("[{:db/ident :x/new :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/doc \"first\"}"
          + " {:db/id \"a\" :person/key \"a\" :person/name \"Ann\"} {:db/ident :x/red}"
          + " {:db/id \"k\" :db/ident :x/refs :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}"
          + " {:db/id :person/name :db/doc \"their name\"}]").join().tempids().get("a");
      server.transact("[[:db/add :x/new :db/ident :x/newer] [:db/add :x/refs :db/cardinality :db.cardinality/one]"
          + " {:db/id " + a + " :person/name \"Anna\"}]").join();
      server.transact("[{:person/key \"b\" :x/newer 1 :x/refs :x/red}]").join();
      server.transact("[{:db/excise " + a + "}]").join();
      schemaBefore = schema(server);
    }
    assertThat(new LogTool(dir).excise()).as("key, name, and its change").isEqualTo(4);
    try (RebasisServer server = start()) {
      assertThat(schema(server)).isEqualTo(schemaBefore);
      assertThat(history(server, ":person/name", a)).isEmpty();
      assertThat((Object) Peer.query("[:find ?n . :where [?b :x/newer ?n] [?b :x/refs :x/red]]", server.database())).isEqualTo(1L);
    }
    assertThat(new LogTool(dir).verify().t()).isPositive();
  }

  private static final String COMPOSITE = "[{:db/ident :person/org :db/valueType :db.type/string :db/cardinality :db.cardinality/one}"
      + " {:db/ident :person/name+org :db/valueType :db.type/tuple :db/tupleAttrs [:person/name :person/org]"
      + " :db/cardinality :db.cardinality/one}]";

  /** Of the three ways to ask for one part of a tuple, with how many facts go, the tuples' own among them. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "{:db/excise %1$d :db.excise/attrs [:person/name]}       | [nil \"Y\"]     | [nil \"X\"]",
      "{:db/excise :person/name}                               | [nil \"Y\"]     | [nil \"X\"]",
      "{:db/excise %1$d :db.excise/beforeT %2$d}               | [nil \"Y\"]     | "})
  void aPartOfACompositeTupleGoesAndTheTupleIsComposedOfTheRest(String request, String now, String before) throws Exception {
    long a;
    long other;
    try (RebasisServer server = start()) {
      server.transact(COMPOSITE).join();
      long first = server.transact("[{:db/id \"a\" :person/name \"Secret Ann\" :person/visits 1}]").join().transaction().t();
      a = (Long) ask(server, "[:find ?a . :where [?a :person/visits 1]]");
      server.transact("[[:db/add " + a + " :person/org \"X\"]]").join();
      other = server.transact("[{:db/id \"b\" :person/key \"b\" :person/org \"Z\"}]").join().tempids().get("b");
      server.transact("[[:db/add " + a + " :person/org \"Y\"] [:db/add " + a + " :person/visits 2]]").join();
      server.transact("[" + String.format(request, a, first + 1) + "]").join();
    }
    assertThat(new LogTool(dir).excise()).isGreaterThan(1);
    try (RebasisServer server = start()) {
      assertThat(history(server, ":person/name", a)).isEmpty();
      List<String> tuples = history(server, ":person/name+org", a);
      assertThat(tuples).contains("[" + now + " true]").noneMatch(tuple -> tuple.contains("Secret"));
      if (before != null) {
        assertThat(tuples).contains("[" + before + " true]", "[" + before + " false]");
      }
      assertThat(history(server, ":person/org", a)).containsExactly("[\"X\" false]", "[\"X\" true]", "[\"Y\" true]");
      assertThat(history(server, ":person/name+org", other)).containsExactly("[[nil \"Z\"] true]");
      server.transact("[[:db/add " + a + " :person/name \"Anna\"]]").join();
      assertThat(history(server, ":person/name+org", a)).contains("[[\"Anna\" \"Y\"] true]");
    }
    assertThat(new String(Files.readAllBytes(dir.resolve("log.mv.db")), StandardCharsets.ISO_8859_1)).doesNotContain("Secret");
    assertThat(new LogTool(dir).verify().t()).isPositive();
  }

  private static Object schema(RebasisServer server) {
    return Peer.query("[:find ?e ?i ?t ?c ?d :where [?e :db/ident ?i] [(get-else $ ?e :db/valueType 0) ?t]"
        + " [(get-else $ ?e :db/cardinality 0) ?c] [(get-else $ ?e :db/doc \"\") ?d]]", server.database());
  }

  @Test
  void anExcisionThatIsCutAnywhereIsDoneAtTheNextTime(@TempDir Path copies) throws Exception {
    try (RebasisServer server = start()) {
      long a = server.transact("[{:db/id \"a\" :person/key \"a\" :person/name \"Secret Ann\"}]").join().tempids().get("a");
      server.transact("[{:db/excise " + a + "}]").join();
    }
    Path done = copy(dir, copies.resolve("done"));
    assertThat(new LogTool(done).excise()).isPositive();
    byte[] fresh = Files.readAllBytes(done.resolve("log.mv.db"));

    Path writing = copy(dir, copies.resolve("writing"));
    Files.write(writing.resolve("log-new.mv.db"), Arrays.copyOf(fresh, fresh.length / 2));
    Path written = copy(dir, copies.resolve("written"));
    Files.write(written.resolve("log-new.mv.db"), fresh);
    Files.deleteIfExists(written.resolve("log.mv.db.journal"));
    Path moved = copy(done, copies.resolve("moved"));
    Files.write(moved.resolve("log-new.mv.db.journal"), new byte[0]);

    for (Path cut : List.of(writing, written, moved)) {
      try (RebasisServer server = RebasisServer.builder().data(cut).onFatal(reason -> { }).start()) {
        assertThat(server.t()).as("a server starts in between").isPositive();
      }
      assertThat(new LogTool(cut).excise()).as(cut.toString()).isEqualTo(cut.equals(moved) ? 0 : 2);
      assertThat(new LogTool(cut).verify().t()).isPositive();
      try (Stream<Path> files = Files.list(cut)) {
        assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("log-new"));
      }
      assertThat(new String(Files.readAllBytes(cut.resolve("log.mv.db")), StandardCharsets.ISO_8859_1)).doesNotContain("Secret");
    }
  }

  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }
}
