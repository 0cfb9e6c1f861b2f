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

  /** What comes back for a client that holds everything, while of many orders some are left, or all and changed; its bytes. */
  private long bytesForAll(String change, int rounds) {
    int many = 14_000;
    get(server.transact(IntStream.range(0, many).mapToObj(i -> "{:order/number \"all-" + i + "\" :order/quantity " + i + "}")
        .collect(Collectors.joining("", "[", "]"))));
    try (SyncClient whole = SyncClient.builder().store(folder.resolve("whole")).server(server.uri()).tuning(QUICK).open()) {
      get(whole.sync(server.t()));
      whole.goOffline();
      Pending waits = whole.transact("[{:order/number \"all-0\" :order/quantity -7} {:order/number \"new\" :order/quantity -8}]");
      for (int round = 1; round <= rounds; round++) {
        long added = round * 100_000L;
        get(server.transact(IntStream.range(1, many)
            .mapToObj(i -> change.replace("N", "\"all-" + i + "\"").replace("Q", Long.toString(added + i)))
            .collect(Collectors.joining("", "[", "]"))));
      }
      long before = whole.status().counters().bytesReceived();
      whole.goOnline();
      get(whole.sync());
      assertThat(get(waits.outcome()).kind()).as("what was pending is kept").isEqualTo(OutcomeKind.ACCEPTED);
      get(whole.sync());
      assertThat(get(whole.verify()).isSame()).isTrue();
      assertThat(EndToEnd.datoms(whole.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
      return whole.status().counters().bytesReceived() - before;
    }
  }

  @Test
  void whoHoldsEverythingLoadsAnewIfMostOfItIsGone() {
    assertThat(bytesForAll("[:db/retractEntity [:order/number N]]", 1))
        .as("bytes, of less than a tenth of the retractions").isLessThan(100_000);
  }

  @Test
  void whoHoldsEverythingIsSentTheChangesIfMostOfItIsLeft() {
    assertThat(bytesForAll("[:db/add [:order/number N] :order/quantity Q]", 4))
        .as("bytes, of one change of each and not of four, nor of all that there is").isBetween(200_000L, 1_000_000L);
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
