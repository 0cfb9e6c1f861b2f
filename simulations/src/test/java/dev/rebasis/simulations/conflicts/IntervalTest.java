package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Entity;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.Meeting;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a policy of a program's own that decides the start and the end of an interval together does so on both sides: the server decides
 * what the client shows and predicts. Method: real client and server with the same policy, one end each moved.
 */
@Timeout(180)
class IntervalTest {
  private static final Keyword START = Keyword.of(":slot/start");
  private static final Keyword END = Keyword.of(":slot/end");
  private static final String SCHEMA = """
      [{:db/ident :slot/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :slot/start :db/valueType :db.type/long :db/cardinality :db.cardinality/one :rebasis/policy :shop/interval}
       {:db/ident :slot/end :db/valueType :db.type/long :db/cardinality :db.cardinality/one :rebasis/policy :shop/interval}]

      [{:slot/key "A" :slot/start 1 :slot/end 9} {:slot/key "B" :slot/start 1 :slot/end 9} {:slot/key "C" :slot/start 1 :slot/end 9}]""";

  /** Whoever was first has moved an end; the other one may not pass it. */
  private static final CustomPolicy INTERVAL = CustomPolicy.over(List.of(":slot/start", ":slot/end"), meeting ->
      meeting.attribute().ident().equals(START)
          ? Resolved.value(Math.min(wanted(meeting), (Long) meeting.remote(END).get(0)))
          : Resolved.value(Math.max(wanted(meeting), (Long) meeting.remote(START).get(0))));

  private static long wanted(Meeting meeting) {
    return (Long) meeting.local().get(0);
  }

  @TempDir Path folder;

  private static String ends(SyncClient client, String key) {
    Entity slot = client.db().entity(LookupRef.of(":slot/key", key));
    return slot.get(":slot/start") + " to " + slot.get(":slot/end");
  }

  @Test
  void bothEndsAreDecidedTogetherOnBothSides() throws Exception {
    try (RebasisServer server = RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA)
            .register(":shop/interval", 0, INTERVAL).start();
        SyncClient client = SyncClient.builder().store(folder.resolve("store")).server(server.uri())
            .register(":shop/interval", 0, INTERVAL).open()) {
      client.sync().get(60, TimeUnit.SECONDS);
      client.goOffline();
      List<Pending> made = List.of(
          client.transact("[[:db/add [:slot/key \"A\"] :slot/start 7]]"),
          client.transact("[[:db/add [:slot/key \"B\"] :slot/end 3]]"),
          client.transact("[[:db/add [:slot/key \"C\"] :slot/start 2]]"));
      server.transact("[[:db/add [:slot/key \"A\"] :slot/end 5] [:db/add [:slot/key \"B\"] :slot/start 6]]")
          .get(60, TimeUnit.SECONDS);
      client.goOnline();
      client.sync().get(60, TimeUnit.SECONDS);
      assertThat(made.stream().map(one -> one.outcome().join().kind()))
          .containsExactly(OutcomeKind.MERGED, OutcomeKind.MERGED, OutcomeKind.ACCEPTED);
      assertThat(List.of(ends(client, "A"), ends(client, "B"), ends(client, "C"))).containsExactly("5 to 5", "6 to 6", "2 to 9");
      assertThat(client.conflicts()).allSatisfy(record -> assertThat(record.outcome().conflicts())
          .allSatisfy(conflict -> assertThat(conflict.policy()).isEqualTo(Keyword.of(":shop/interval"))));
      assertThat(client.status().counters().predictedWrong()).isZero();

      // The prediction comes before the decision: others move an end, the client hears of it while its own edit waits.
      client.goOffline();
      Pending waits = client.transact("[[:db/add [:slot/key \"C\"] :slot/start 8]]");
      assertThat(client.preview()).extracting(Preview::kind).containsExactly(OutcomeKind.ACCEPTED);
      server.transact("[[:db/add [:slot/key \"C\"] :slot/end 4]]").get(60, TimeUnit.SECONDS);
      client.goOnline();
      client.sync().get(60, TimeUnit.SECONDS);
      assertThat(waits.outcome().join().kind()).isEqualTo(OutcomeKind.MERGED);
      assertThat(ends(client, "C")).isEqualTo("4 to 4");
      assertThat(client.status().counters().predictedWrong()).isZero();
      assertThat(client.status().counters().predictedRight()).isPositive();
    }
  }
}
