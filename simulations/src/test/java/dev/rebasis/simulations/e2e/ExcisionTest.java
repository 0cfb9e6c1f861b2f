package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Scope;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.Tuning;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.wiring.LogTool;
import dev.rebasis.simulations.inside.Alone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what was excised is in no copy after its next contact: not in the log of the server, nor in the tables, the write-ahead log,
 * the index and the history of any client. Method: a real server and clients write secrets in every way (accepted, merged, parked,
 * corrected, retracted), one of the clients itself; then they are excised, and the bytes of all files are searched.
 */
@Alone
class ExcisionTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String SCHEMA = "[{:db/ident :person/key :db/valueType :db.type/string :db/cardinality"
      + " :db.cardinality/one :db/unique :db.unique/identity}"
      + " {:db/ident :person/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}"
      + " {:db/ident :person/badge :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/value}"
      + " {:db/ident :person/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one"
      + " :rebasis/policy :rebasis.policy/park}]";

  @TempDir Path dir;

  private RebasisServer server(int port) {
    return RebasisServer.builder().data(dir.resolve("server")).port(port).schema("people", SCHEMA)
        .register(":person/say", (db, arguments) -> {
          throw new AssertionError("a fault of the program on the server");
        }).start();
  }

  private SyncClient client(String name, RebasisServer server) {
    SyncClient client = SyncClient.builder().store(dir.resolve(name)).server(server.uri()).tuning(QUICK)
        .register(":person/say", (db, arguments) -> List.of(List.of(
            Keyword.of(":db/add"), arguments.get(0), Keyword.of(":person/note"), arguments.get(1))))
        .open();
    get(client.sync(server.t()));
    return client;
  }

  @Test
  void whatWasExcisedIsInNoFileAfterTheNextContact() throws IOException {
    int port;
    long entity;
    try (RebasisServer server = server(0); SyncClient writer = client("writer", server); SyncClient reader = client("reader", server)) {
      port = server.port();
      entity = secrets(server, writer, reader);
      get(reader.sync(server.t()));
    }
    assertThat(files("writer")).as("before").isNotEmpty();
    assertThat(files("server")).as("before").isNotEmpty();

    assertThat(new LogTool(dir.resolve("server")).excise()).isGreaterThan(4);
    assertThat(files("server")).isEmpty();

    try (RebasisServer server = server(port); SyncClient writer = client("writer", server); SyncClient reader = client("reader", server)) {
      for (SyncClient client : List.of(writer, reader)) {
        get(client.sync(server.t()));
        Database db = client.db();
        assertThat(db.q("[:find ?n :in $ ?e :where [?e :person/name ?n]]", entity)).isEmpty();
        assertThat(db.history().q("[:find ?a ?v :in $ ?e :where [?e ?a ?v] [(!= ?a :rebasis/excised)]]", entity).toString())
            .doesNotContain("Secret");
        assertThat((Object) db.query("[:find ?x . :in $ ?e :where [?e :rebasis/excised ?x]]", entity))
            .as("what was excised stays recorded").isEqualTo(true);
        assertThat((Object) db.query("[:find ?n . :where [?b :person/key \"b\"] [?b :person/name ?n]]")).isEqualTo("Bob");
        assertThat(client.conflicts().toString()).doesNotContain("Secret");
        assertThat(get(client.verify()).isSame()).isTrue();
      }
      // It goes on as before.
      assertThat(get(writer.transact("[{:person/key \"d\" :person/name \"Di\"}]").outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(files("writer")).isEmpty();
    assertThat(files("reader")).isEmpty();

    try (RebasisServer server = server(port); SyncClient writer = client("writer", server)) {
      assertThat((Object) writer.db().query("[:find ?n . :where [?b :person/key \"d\"] [?b :person/name ?n]]"))
          .as("the new files hold all the rest").isEqualTo("Di");
      assertThat(get(writer.verify()).isSame()).isTrue();
    }
  }

  @Test
  void aRunningServerExcisesAndItsClientsComeBack() throws IOException {
    try (RebasisServer server = server(0); SyncClient writer = client("writer", server); SyncClient reader = client("reader", server);
        SyncClient part = SyncClient.builder().store(dir.resolve("part")).server(server.uri()).tuning(QUICK)
            .scope(Scope.query("[:find ?p :where [?p :person/key]]")).open()) {
      long entity = secrets(server, writer, reader);
      get(part.sync(server.t()));
      assertThat(part.db().q("[:find ?n :in $ ?e :where [?e :person/name ?n]]", entity).toString()).contains("Secret Ann");
      assertThat(server.excise("main")).isGreaterThan(4);
      assertThat(server.excise("main")).as("it is done").isZero();
      for (SyncClient client : List.of(writer, reader)) {
        get(client.sync(server.t()));
        assertThat(client.db().q("[:find ?n :in $ ?e :where [?e :person/name ?n]]", entity)).isEmpty();
        assertThat((Object) client.db().query("[:find ?x . :in $ ?e :where [?e :rebasis/excised ?x]]", entity)).isEqualTo(true);
      }
      get(part.sync(server.t()));
      assertThat(part.db().q("[:find ?n :where [_ :person/name ?n]]").toString()).contains("Bob").doesNotContain("Secret");
      assertThat(get(part.verify()).isSame()).isTrue();
      assertThat(get(writer.transact("[{:person/key \"d\" :person/name \"Di\"}]").outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(files("server")).isEmpty();
    assertThat(files("writer")).isEmpty();
    assertThat(files("reader")).isEmpty();
    assertThat(files("part")).as("of one that holds a part").isEmpty();
  }

  /** Writes them, has them excised, and gives the entity that they are about. */
  private static long secrets(RebasisServer server, SyncClient writer, SyncClient reader) {
    Pending made = writer.transact("[{:db/id \"a\" :person/key \"a\" :person/name \"Secret Ann\" :person/note \"Secret note\"}"
        + " {:person/key \"b\" :person/name \"Bob\"} {:db/id \"s\" :person/key \"Secret key\"}]");
    get(made.outcome());
    get(reader.sync(server.t()));
    get(writer.transact("[[:db/add [:person/key \"a\"] :person/name \"Secret Anna\"]]").outcome());
    // Merged here, parked there: the values of both stand in the records of conflicts.
    reader.goOffline();
    Pending late = reader.transact("[[:db/add [:person/key \"a\"] :person/name \"Secret Annie\"]]");
    Pending parked = reader.transact("[[:db/add [:person/key \"a\"] :person/note \"Secret note too\"]]");
    get(writer.transact("[[:db/add [:person/key \"a\"] :person/name \"Secret Anne\"]"
        + " [:db/add [:person/key \"a\"] :person/note \"Secret note again\"]]").outcome());
    get(writer.transact("[[:db/add [:person/key \"b\"] :person/note \"Bob's\"]]").outcome());
    Pending beside = reader.transact("[[:db/cas [:person/key \"a\"] :person/name \"Secret Annie\" \"Secret Annie II\"]"
        + " [:db/add [:person/key \"b\"] :person/note \"mine\"]]");
    Pending onNobody = reader.transact("[[:db/add [:person/key \"Secret key\"] :person/note \"on nobody\"]]");
    get(writer.transact("[[:db/retractEntity [:person/key \"Secret key\"]]]").outcome());
    // What these met is said in records that name another entity, or none.
    List<Pending> quoting = List.of(
        reader.transact("[[:db/add [:person/key \"b\"] :person/name \"Rob\"]]", TransactionOptions.DEFAULT
            .premise("[:find ?n . :where [?p :person/badge ?b] [?p :person/name ?n]]")),
        reader.transact("[{:db/id \"n\" :person/badge \"Secret badge\"}]"),
        reader.transact("[[:person/say [:person/key \"b\"] \"Secret note\"]]"));
    get(writer.transact("[[:db/add [:person/key \"a\"] :person/badge \"Secret badge\"]]").outcome());
    reader.goOnline();
    for (Pending one : quoting) {
      assertThat(get(one.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
      reader.discard(one.id(), Dependents.DISCARD);
    }
    assertThat(get(late.outcome()).kind().isCommitted()).isTrue();
    assertThat(get(beside.outcome()).kind()).as("it met something of another").isEqualTo(OutcomeKind.PARKED);
    assertThat(get(onNobody.outcome()).kind().isCommitted()).isFalse();
    reader.discard(beside.id(), Dependents.DISCARD);
    reader.discard(onNobody.id(), Dependents.DISCARD);
    assertThat(get(parked.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
    reader.discard(parked.id(), Dependents.DISCARD);
    get(writer.sync(server.t()));
    get(writer.transact("[[:db/retract [:person/key \"a\"] :person/note \"Secret note again\"]]").outcome());
    long entity = made.resolve("a");
    get(server.transact("[{:db/excise " + entity + "} {:db/excise " + made.resolve("s") + "}]"));
    return entity;
  }

  /** Those below a folder that hold a secret. */
  private List<Path> files(String name) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.walk(dir.resolve(name))) {
      for (Path file : (Collection<Path>) all.filter(Files::isRegularFile).toList()) {
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (bytes.contains("Secret") || bytes.contains(new String("Secret".getBytes(StandardCharsets.UTF_16BE), StandardCharsets.ISO_8859_1))) {
          found.add(file);
        }
      }
    }
    return found;
  }
}
