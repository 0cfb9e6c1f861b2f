package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Pending;
import dev.rebasis.client.Scope;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a client that holds a part of the database and was away long is sent whichever is less, the log or its part anew, and
 * keeps what is pending. Method: a real server and a real client; what is sent is read off the client's reports and counters.
 */
@Timeout(180)
class LongAwayTest {
  private static final int ORDERS = 200;
  private static final int ROUNDS = 60;
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/region :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""";

  @TempDir Path folder;
  private final List<TxReport.Kind> kinds = Collections.synchronizedList(new ArrayList<>());
  private RebasisServer server;
  private SyncClient client;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().port(0).schema("orders", SCHEMA).start();
    for (String region : List.of("emea", "apac")) {
      write(region, 0);
    }
    client = SyncClient.builder().store(folder.resolve("client")).server(server.uri()).tuning(QUICK).scope(Scope.named(
        "mine", "[:find ?o :in $ ?r :where [?o :order/region ?r]]", Keyword.of(":emea"))).open();
    get(client.sync());
    client.onTxReport(report -> kinds.add(report.kind()));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private void write(String region, int round) {
    get(server.transact(IntStream.range(0, ORDERS).mapToObj(i -> "{:order/number \"" + region + "-" + i
        + "\" :order/region :" + region + " :order/quantity " + (1_000L * round + i) + "}").collect(Collectors.joining("", "[", "]"))));
  }

  /** The client is away while the orders of a region change again and again; gives the bytes that its coming back takes. */
  private long bytesAfterChangesIn(String region) {
    client.goOffline();
    Pending waits = client.transact("[{:order/number \"emea-0\" :order/quantity -7}]");
    for (int round = 1; round <= ROUNDS; round++) {
      write(region, round);
    }
    kinds.clear();
    long before = client.status().counters().bytesReceived();
    client.goOnline();
    get(client.sync());
    long bytes = client.status().counters().bytesReceived() - before;
    assertThat(get(waits.outcome()).kind()).isNotEqualTo(OutcomeKind.REJECTED);
    get(client.sync());
    assertThat(get(client.verify()).isSame()).isTrue();
    assertThat(sum(client.db())).as("the sum of all quantities").isEqualTo(sum(server.database()));
    return bytes;
  }

  private static final String SUM = "[:find (sum ?q) :with ?o :where [?o :order/region :emea] [?o :order/quantity ?q]]";

  private static long sum(dev.rebasis.client.Database database) {
    return (Long) ((List<?>) ((Iterable<?>) database.q(SUM)).iterator().next()).get(0);
  }

  private static long sum(datomic.Database database) {
    return (Long) ((List<?>) ((Iterable<?>) datomic.Peer.query(SUM, database)).iterator().next()).get(0);
  }

  @Test
  void whatHasChangedOftenIsLoadedAnew() {
    long bytes = bytesAfterChangesIn("emea");
    assertThat(kinds).as("loaded anew").contains(TxReport.Kind.LOADED);
    assertThat(bytes).as("bytes, of less than a tenth of the changes").isLessThan(40L * ORDERS * ROUNDS / 10);
  }

  @Test
  void whatHasChangedForOthersIsNoReasonToLoadAnew() {
    long bytes = bytesAfterChangesIn("apac");
    assertThat(kinds).as("the log, of which nearly nothing is seen").doesNotContain(TxReport.Kind.LOADED);
    assertThat(bytes).as("bytes").isLessThan(20_000);
  }
}
