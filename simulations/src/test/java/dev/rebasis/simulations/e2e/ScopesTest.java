package dev.rebasis.simulations.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Scope;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a client with scopes holds what they find, whole and current, and nothing else; scopes change without a new load.
 * Method: real clients and a real server over sockets, small stories.
 */
@Timeout(180)
class ScopesTest {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/region :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/customer :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :customer/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}]""";
  private static final Scope EMEA = region("emea", ":emea");

  @TempDir
  Path folder;

  private RebasisServer server;
  private final List<SyncClient> clients = new ArrayList<>();

  private static Scope region(String name, String region) {
    return Scope.named(name, "[:find ?o :in $ ?r :where [?o :order/region ?r]]", Keyword.of(region));
  }

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().port(0).schema("orders", SCHEMA).start();
  }

  @AfterEach
  void close() {
    clients.forEach(client -> {
      assertThat(((ClientCore) client).audit()).isEmpty();
      client.close();
    });
    server.close();
  }

  private SyncClient open(String name, Scope... scopes) throws Exception {
    ClientBuilder builder = SyncClient.builder().store(folder.resolve(name)).server(server.uri());
    for (Scope scope : scopes) {
      builder.scope(scope);
    }
    SyncClient client = builder.open();
    clients.add(client);
    get(client.sync());
    return client;
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(90, TimeUnit.SECONDS);
  }

  private void server(String forms) throws Exception {
    get(server.transact(forms));
  }

  private static Set<String> numbers(SyncClient client) {
    Set<String> numbers = new TreeSet<>();
    for (Object row : (Iterable<?>) client.db().q("[:find ?n :where [_ :order/number ?n]]")) {
      numbers.add((String) ((List<?>) row).get(0));
    }
    return numbers;
  }

  /** Without the records of transactions and their conflicts, of which each client has its own. */
  private static List<Datom> ofData(SyncClient client) {
    List<Datom> datoms = new ArrayList<>();
    client.confirmed().datoms(IndexOrder.EAVT).forEach(datom -> {
      if (!EntityIds.isTx(datom.e()) && !EntityIds.isSchema(datom.e())
          && !String.valueOf(client.confirmed().ident(datom.a())).startsWith(":rebasis")) {
        datoms.add(datom);
      }
    });
    return datoms;
  }

  private void orders() throws Exception {
    server("""
        [{:order/number "E1" :order/region :emea :order/quantity 1
          :order/customer {:db/id "c" :customer/name "Ann"} :order/lines [{:line/product "tea"}]}
         {:order/number "E2" :order/region :emea :order/quantity 2}
         {:order/number "A1" :order/region :apac :order/quantity 3 :order/customer "c"}]""");
  }

  @Test
  void aScopeIsWhatItsQueryFinds_withComponents_andOthersAsBareIds() throws Exception {
    orders();
    SyncClient client = open("one", EMEA);
    assertThat(numbers(client)).containsExactly("E1", "E2");
    assertThat(client.db().q("[:find ?p :where [?o :order/lines ?l] [?l :line/product ?p]]").toString()).contains("tea");
    assertThat(client.db().entity(LookupRef.of(":order/number", "E1")).get(":order/customer")).isNotNull();
    assertThat(client.db().q("[:find ?n :where [_ :customer/name ?n]]").toString()).doesNotContain("Ann");
    assertThat(get(client.verify()).isSame()).isTrue();
    SyncClient withCustomers = open("two", EMEA.pull("[* {:order/customer [*]}]"));
    assertThat(withCustomers.db().q("[:find ?n :where [_ :customer/name ?n]]").toString()).contains("Ann");
    assertThat(get(withCustomers.verify()).isSame()).isTrue();
  }

  @Test
  void whatEntersComesWhole_whatLeavesIsForgotten() throws Exception {
    orders();
    SyncClient client = open("one", EMEA);
    server("[[:db/add [:order/number \"A1\"] :order/region :emea]]");
    get(client.sync());
    assertThat(numbers(client)).containsExactly("A1", "E1", "E2");
    assertThat(client.db().entity(LookupRef.of(":order/number", "A1")).get(":order/quantity")).isEqualTo(3L);
    assertThat(get(client.verify()).isSame()).isTrue();
    long e1 = client.db().entid(LookupRef.of(":order/number", "E1"));
    server("[[:db/add [:order/number \"E1\"] :order/region :apac]]");
    get(client.sync());
    assertThat(numbers(client)).containsExactly("A1", "E2");
    assertThat(client.db().datoms(IndexOrder.EAVT, e1)).isEmpty();
    assertThat(client.db().q("[:find ?p :where [_ :line/product ?p]]").toString()).doesNotContain("tea");
    server("[[:db/add [:order/number \"E1\"] :order/quantity 77]]");
    get(client.sync());
    assertThat(numbers(client)).containsExactly("A1", "E2");
    assertThat(get(client.verify()).isSame()).isTrue();
    assertThatThrownBy(() -> client.db().history().datoms(IndexOrder.EAVT).iterator().hasNext())
        .isInstanceOf(RebasisException.class).hasMessageContaining("history");
  }

  @Test
  void scopesChangeWhileConnected_andOnlyTheDifferenceIsSent() throws Exception {
    orders();
    SyncClient client = open("one", EMEA);
    long before = client.status().counters().bytesReceived();
    List<TxReport.Kind> kinds = new ArrayList<>();
    client.onTxReport(report -> kinds.add(report.kind()));
    get(client.addScope(region("apac", ":apac")));
    assertThat(numbers(client)).containsExactly("A1", "E1", "E2");
    assertThat(kinds).doesNotContain(TxReport.Kind.LOADED);
    assertThat(client.status().counters().bytesReceived() - before).isLessThan(2_000);
    Status.Scopes answered = get(client.removeScope("emea").thenApply(done -> client.status().scopes()));
    assertThat(answered).as("at once when it is answered").isEqualTo(new Status.Scopes(List.of("apac"), true));
    assertThat(numbers(client)).containsExactly("A1");
    assertThat(client.scopes()).containsExactly(region("apac", ":apac"));
    assertThat(get(client.verify()).isSame()).isTrue();
    server("[[:db/add [:order/number \"A1\"] :order/quantity 4] {:order/number \"E3\" :order/region :emea}]");
    get(client.sync());
    assertThat(numbers(client)).containsExactly("A1");
    assertThat(client.db().entity(LookupRef.of(":order/number", "A1")).get(":order/quantity")).isEqualTo(4L);
    get(client.scopes(List.of()));
    assertThat(numbers(client)).isEmpty();
    assertThat(client.db().attribute(":order/number")).isNotNull();
  }

  @Test
  void aStoreGoesOnWithItsScopes_andWithOthersIfItIsOpenedSo() throws Exception {
    orders();
    SyncClient first = open("one", EMEA);
    first.close();
    clients.remove(first);
    server("[[:db/add [:order/number \"E1\"] :order/region :apac] [:db/add [:order/number \"A1\"] :order/region :emea]"
        + " {:order/number \"E4\" :order/region :emea}]");
    SyncClient again = open("one");
    assertThat(numbers(again)).containsExactly("A1", "E2", "E4");
    assertThat(get(again.verify()).isSame()).isTrue();
    again.close();
    clients.remove(again);
    server("[{:order/number \"E5\" :order/region :emea}]");
    SyncClient other = open("one", region("apac", ":apac"));
    get(other.scopes(List.of(region("apac", ":apac"))));
    assertThat(numbers(other)).containsExactly("E1");
    assertThat(get(other.verify()).isSame()).isTrue();
    other.close();
    clients.remove(other);
    SyncClient whole = SyncClient.builder().store(folder.resolve("one")).server(server.uri()).wholeDatabase().open();
    clients.add(whole);
    get(whole.sync());
    assertThat(numbers(whole)).containsExactly("A1", "E1", "E2", "E4", "E5");
    assertThat(get(whole.verify()).isSame()).isTrue();
  }

  @Test
  void aLargePartIsLoadedByHttp() throws Exception {
    List<CompletableFuture<?>> written = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      StringBuilder forms = new StringBuilder("[");
      for (int k = 0; k < 100; k++) {
        forms.append("{:order/number \"L").append(i * 100 + k).append("\" :order/region ")
            .append(k % 10 == 0 ? ":emea" : ":apac").append(" :order/quantity ").append(k).append("}");
      }
      written.add(server.transact(forms.append("]").toString()));
    }
    for (CompletableFuture<?> each : written) {
      get(each);
    }
    server("[[:db/add [:order/number \"L0\"] :order/quantity 5000]]");
    SyncClient client = open("one", EMEA);
    assertThat(numbers(client)).hasSize(700);
    assertThat(client.db().entity(LookupRef.of(":order/number", "L0")).get(":order/quantity")).isEqualTo(5000L);
    assertThat(get(client.verify()).isSame()).isTrue();
    // A load leaves out what came and went, so that the history begins at its end; the session would have sent all of it.
    assertThatThrownBy(() -> client.db().history().datoms(IndexOrder.EAVT).iterator().hasNext())
        .hasMessageContaining("loaded");
    assertThat(client.status().counters().bytesReceived()).isLessThan(400_000);
    server("[[:db/add [:order/number \"L1\"] :order/region :emea]]");
    get(client.sync());
    assertThat(numbers(client)).hasSize(701);
  }

  @Test
  void ownWritesAreDecided_alsoThoseOnWhatHasLeft() throws Exception {
    orders();
    SyncClient client = open("one", EMEA);
    Pending inside = client.transact("[[:db/add [:order/number \"E2\"] :order/quantity 20] {:order/number \"E9\" :order/region :emea}]");
    Pending outside = client.transact("[{:order/number \"X1\" :order/region :apac}]");
    assertThat(get(inside.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(get(outside.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    get(client.sync());
    assertThat(numbers(client)).as("what is outside is confirmed and gone").containsExactly("E1", "E2", "E9");
    client.goOffline();
    Pending left = client.transact("[[:db/add [:order/number \"E1\"] :order/quantity 11]]");
    server("[[:db/add [:order/number \"E1\"] :order/region :apac]]");
    client.goOnline();
    assertThat(get(left.outcome()).isCommitted()).isTrue();
    get(client.sync());
    assertThat(numbers(client)).containsExactly("E2", "E9");
    assertThat(server.database().entity(datomic.Util.list(datomic.Util.read(":order/number"), "E1"))
        .get(":order/quantity")).isEqualTo(11L);
    assertThat(get(client.verify()).isSame()).isTrue();
  }

  @Test
  void halfOfATransactionIsNotTakenBack() throws Exception {
    orders();
    SyncClient client = open("one", EMEA);
    Pending within = client.transact("[[:db/add [:order/number \"E2\"] :order/quantity 21]]");
    Pending leaving = client.transact(
        "[[:db/add [:order/number \"E1\"] :order/region :apac] [:db/add [:order/number \"E2\"] :order/quantity 20]]");
    Pending outside = client.transact("[{:order/number \"X1\" :order/region :apac}]");
    Pending entering = client.transact("[{:order/number \"A1\" :order/region :emea}]");
    server("[{:order/number \"E7\" :order/region :emea} {:order/number \"E8\" :order/region :emea}"
        + " {:order/number \"E9\" :order/region :emea}]");
    get(client.sync());
    // What refers to an order that is retracted, and what a nested map makes, is outside.
    Pending retracting = client.transact("[[:db/retractEntity [:order/number \"E8\"]]]");
    Pending retractingByOldName = client.transact("[[:db.fn/retractEntity [:order/number \"E9\"]]]");
    Pending nesting = client.transact("[{:db/id [:order/number \"E7\"] :order/customer {:db/id \"b\" :customer/name \"Bob\"}}]");
    for (Pending each : List.of(within, leaving, outside, entering, retracting, retractingByOldName, nesting)) {
      assertThat(get(each.outcome()).isCommitted()).isTrue();
    }
    get(client.sync());
    for (Pending each : List.of(leaving, outside, entering, retracting, retractingByOldName, nesting)) {
      assertThatThrownBy(() -> client.undo(each.id())).isInstanceOf(RebasisException.class)
          .satisfies(e -> assertThat(((RebasisException) e).code().name()).isEqualTo("history-missing"));
    }
    assertThat(client.pending()).isEmpty();
    Pending later = client.transact("[[:db/add [:order/number \"E2\"] :order/quantity 22]]");
    get(later.outcome());
    get(client.sync());
    assertThat(get(client.undo(later.id()).orElseThrow().outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    get(client.sync());
    assertThat(client.db().entity(LookupRef.of(":order/number", "E2")).get(":order/quantity")).isEqualTo(20L);
  }

  @Test
  void aScopeThatCannotBeServedIsRefused_andWhatWasHeldStays() throws Exception {
    orders();
    SyncClient client = open("one", EMEA);
    CompletableFuture<?> wrong = client.addScope(Scope.named("evil", "[:find ?x :where [(slurp \"/etc/passwd\") ?x]]"));
    assertThatThrownBy(() -> get(wrong)).isInstanceOf(ExecutionException.class).cause()
        .hasMessageContaining("may not call slurp");
    assertThat(client.scopes()).containsExactly(EMEA);
    server("[{:order/number \"E3\" :order/region :emea}]");
    get(client.sync());
    assertThat(numbers(client)).containsExactly("E1", "E2", "E3");
    SyncClient whole = open("two");
    assertThatThrownBy(() -> get(whole.addScope(EMEA))).cause().hasMessageContaining("opened without scopes");
  }

  @Test
  void twoClientsOfOneScopeHoldTheSame() throws Exception {
    orders();
    SyncClient one = open("one", EMEA);
    SyncClient two = open("two", EMEA);
    for (int i = 0; i < 30; i++) {
      one.transact("[{:order/number \"N" + i % 7 + "\" :order/region " + (i % 3 == 0 ? ":apac" : ":emea")
          + " :order/quantity " + i + "}]");
      two.transact("[{:order/number \"N" + i % 5 + "\" :order/region " + (i % 4 == 0 ? ":apac" : ":emea") + "}]");
    }
    get(one.sync());
    get(two.sync());
    get(one.sync());
    assertThat(ofData(one)).isEqualTo(ofData(two));
    assertThat(get(one.verify()).isSame()).isTrue();
    assertThat(get(two.verify()).isSame()).isTrue();
  }
}
