package dev.rebasis.simulations.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real client against the real server over a socket: that the two halves fit. What happens under faults is tested
 * with scripted and virtual transports.
 */
@Alone
@ExtendWith(InsideCheck.class)
@Timeout(180)
class ClientAndServerTest {
  private static final String SCHEMA = """
      [{:db/ident :item/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :item/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :item/tag :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :item/parent :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]
      """;
  private static final Tuning FAST = Tuning.DEFAULT.withBackoff(Duration.ofMillis(5), Duration.ofMillis(20));

  @TempDir
  Path folder;

  private Opened opened;

  @BeforeEach
  void watch(Opened everything) {
    opened = everything;
  }

  private RebasisServer server() {
    return RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA).start();
  }

  private SyncClient client(String name, URI uri) {
    return opened.watched(name, SyncClient.builder().store(folder.resolve(name)).server(uri).tuning(FAST).open());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(120, TimeUnit.SECONDS);
  }

  private static List<Datom> datoms(SyncClient client) {
    List<Datom> datoms = new ArrayList<>();
    client.confirmed().datoms(IndexOrder.EAVT).forEach(datoms::add);
    return datoms;
  }

  @Test
  void whatOneClientWritesTheOtherReads() throws Exception {
    try (RebasisServer server = server();
        SyncClient one = client("one", server.uri());
        SyncClient two = client("two", server.uri())) {
      get(one.sync());
      Pending made = one.transact("[{:db/id \"x\" :item/key \"A\" :item/count 3}]");
      Outcome outcome = get(made.outcome());
      assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(made.resolve("x")).isPositive();
      get(two.sync(outcome.t()));
      assertThat(two.db().entity(LookupRef.of(":item/key", "A")).get(":item/count")).isEqualTo(3L);
      assertThat(two.db().entid(LookupRef.of(":item/key", "A"))).isEqualTo(made.resolve("x"));
      assertThat(datoms(one)).isEqualTo(datoms(two));
      assertThat(one.status().pendingCount()).isZero();
    }
  }

  @Test
  void offlineEditsOfTwoClientsConverge() throws Exception {
    try (RebasisServer server = server();
        SyncClient one = client("one", server.uri());
        SyncClient two = client("two", server.uri())) {
      get(one.sync());
      get(two.sync());
      one.goOffline();
      two.goOffline();
      List<Pending> pending = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        pending.add(one.transact("[{:item/key \"K" + i % 10 + "\" :item/count " + i + " :item/tag \"one" + i + "\"}]"));
        pending.add(two.transact("[{:item/key \"K" + i % 10 + "\" :item/count " + -i + " :item/tag \"two" + i + "\"}]"));
      }
      one.goOnline();
      two.goOnline();
      for (Pending each : pending) {
        assertThat(get(each.outcome()).isCommitted()).isTrue();
      }
      get(one.sync());
      get(two.sync());
      assertThat(datoms(one)).isEqualTo(datoms(two));
      assertThat(one.db().basisT()).isEqualTo(server.t());
      assertThat(one.status().state()).isEqualTo(ConnectionState.LIVE);
    }
  }

  @Test
  void aStoreThatMetNoServerYetBringsItsSchemaAndData() throws Exception {
    Pending data;
    try (SyncClient client = opened.watched("one", SyncClient.builder().store(folder.resolve("one")).open())) {
      client.transact(SCHEMA.replace("item", "thing"));
      data = client.transact("[{:db/id \"x\" :thing/key \"A\" :thing/count 1}]");
      long local = data.resolve("x");
      assertThat(local).isNegative();
      client.transact(List.of(List.of(":db/add", local, ":thing/count", 2L)));
      assertThat(client.db().entity(local).get(":thing/count")).isEqualTo(2L);
      assertThatThrownBy(() -> get(client.sync())).isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(RebasisException.class).hasMessageContaining("no server");
    }
    try (RebasisServer server = server(); SyncClient client = client("one", server.uri())) {
      assertThat(client.pending()).hasSizeLessThanOrEqualTo(3);
      get(client.sync());
      assertThat(client.pending()).isEmpty();
      assertThat(client.confirmed().entity(LookupRef.of(":thing/key", "A")).get(":thing/count")).isEqualTo(2L);
      assertThat(client.db().entity(-2L)).isNotNull();
    }
  }
}
