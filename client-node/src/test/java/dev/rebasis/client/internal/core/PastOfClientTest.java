package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.fake.FakeTransport;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client can say about its past: what its user saw when a transaction was made, and the log of transactions. */
class PastOfClientTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";

  private final FakeServer server = new FakeServer();
  private final FakeTransport transport = new FakeTransport(server, new UUID(5, 5));
  private SyncClient client;

  @BeforeEach
  void open() {
    server.transact(SCHEMA);
    server.transact("[{:k \"stock\" :n 5}]");
    client = ClientCore.open(
        new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT),
        new FakeEnvironment(transport, Samples.ids()));
  }

  @AfterEach
  void close() {
    assertThat(((ClientCore) client).audit()).as("the inside after the test").isEmpty();
    client.close();
    server.close();
  }

  private static Object n(Database db, String key) {
    return db.entity(LookupRef.of(":k", key)).get(":n");
  }

  @Test
  void asSeenIsTheBasisWithWhatWasPendingThen() {
    transport.cut();
    Pending first = client.transact("[{:db/id \"x\" :k \"mine\" :n 1}]");
    Pending second = client.transact(List.of(List.of(":db/add", first.resolve("x"), ":n", 2L)));
    Pending third = client.transact("[[:db/add [:k \"stock\"] :n 4]]");
    long localId = first.resolve("x");
    server.transact("[[:db/add [:k \"stock\"] :n 100]]");

    Database seen = client.asSeen(third);
    assertThat(n(seen, "stock")).isEqualTo(5L);
    assertThat(n(seen, "mine")).isEqualTo(2L);
    assertThat(seen.basisT()).isEqualTo(third.basisT());
    assertThat(n(client.asSeen(second), "mine")).isEqualTo(1L);
    assertThat(client.asSeen(first).entity(LookupRef.of(":k", "mine"))).isNull();

    transport.heal();
    client.goOnline();
    client.sync();
    assertThat(client.pending()).isEmpty();
    assertThat(n(client.db(), "stock")).isEqualTo(4L);

    Database later = client.asSeen(third);
    assertThat(n(later, "stock")).isEqualTo(5L);
    assertThat(n(later, "mine")).isEqualTo(2L);
    assertThat(later.entid(LookupRef.of(":k", "mine"))).isEqualTo(localId);
    assertThat(later.q("[:find ?k ?n :where [?e :k ?k] [?e :n ?n]]"))
        .containsExactlyInAnyOrder(List.of("stock", 5L), List.of("mine", 2L));
    assertThat(n(client.asSeen(second), "mine")).isEqualTo(1L);
    assertThat(n(later.with("[[:db/add [:k \"stock\"] :n 6]]").after(), "stock")).isEqualTo(6L);
  }

  @Test
  void whatWasSeenHasMomentsOfItsOwn() {
    transport.cut();
    Pending first = client.transact("[{:db/id \"x\" :k \"mine\" :n 1}]");
    long firstTx = first.resolve("datomic.tx");
    client.transact("[[:db/add [:k \"mine\"] :n 2]]");
    Pending third = client.transact("[[:db/add [:k \"stock\"] :n 4]]");
    transport.heal();
    client.goOnline();
    client.sync();
    long tOfThird = client.confirmed().basisT();

    Database seen = client.asSeen(third);
    assertThat(n(seen, "mine")).isEqualTo(2L);
    assertThat(n(seen.asOf(firstTx), "mine")).as("between two that were pending then").isEqualTo(1L);
    assertThat(seen.since(firstTx).q("[:find ?n :where [_ :n ?n]]")).containsExactly(List.of(2L));
    assertThat(seen.asOf(third.basisT()).entity(LookupRef.of(":k", "mine"))).as("before all of them").isNull();
    assertThat(n(seen.asOf(tOfThird), "stock")).as("what came later was not seen").isEqualTo(5L);
    assertThat(n(seen.asOf(Samples.EPOCH.plusSeconds(1_000_000_000)), "stock")).isEqualTo(5L);
    assertThat(n(seen.asOf(Samples.EPOCH.plusSeconds(1_000_000_000)), "mine")).isEqualTo(2L);
  }

  @Test
  void theLogGivesTheTransactionsOfASpan() {
    client.sync();
    List<Transaction> expected = server.after(0);
    assertThat(list(client.txRange(null, null))).isEqualTo(expected);
    long t = expected.get(1).t();
    assertThat(list(client.txRange(t, null))).isEqualTo(expected.subList(1, expected.size()));
    assertThat(list(client.txRange(null, expected.get(1).tx()))).isEqualTo(expected.subList(0, 1));
    assertThat(list(client.txRange(t, t + 1))).isEqualTo(expected.subList(1, 2));
    assertThat(list(client.txRange(Samples.EPOCH.plusSeconds(1_000_000_000), null))).isEmpty();
    assertThat(list(client.txRange(Samples.EPOCH.minusSeconds(1), null))).isEqualTo(expected);
    Iterable<Transaction> before = client.txRange(null, null);
    for (int i = 0; i < 3; i++) {
      server.transact("[{:k \"more" + i + "\"}]");
    }
    transport.broadcast();
    assertThat(list(before)).isEqualTo(expected);
    assertThat(list(client.txRange(null, null))).isEqualTo(server.after(0));
    assertThatThrownBy(() -> client.txRange(t, t).iterator().next()).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(() -> client.txRange("yesterday", null)).isInstanceOf(RebasisException.class);
  }

  private static List<Transaction> list(Iterable<Transaction> transactions) {
    List<Transaction> all = new ArrayList<>();
    transactions.forEach(all::add);
    return all;
  }
}
