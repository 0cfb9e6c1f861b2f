package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.Policies;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what one client raised twice while it was offline counts twice, though the client did not know that it was raising
 * a counter: the policy came later, or it is not the one that the client asked for. Method: real client and server.
 */
@Timeout(180)
class RaisedTwiceTest extends OneClientAndItsServer {
  @Test
  void theSchemaMadeItACounterMeanwhile() throws Exception {
    client.goOffline();
    Pending first = client.transact("[[:db/add " + A + " :i/price 11]]");
    Pending second = client.transact("[[:db/add " + A + " :i/price 13]]");
    others("[[:db/add " + A + " :i/price 50] [:db/add :i/price :rebasis/policy :rebasis.policy/counter]]");
    reconnect();
    assertThat(get(first.outcome()).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(get(second.outcome()).isCommitted()).isTrue();
    assertThat(value(":i/price")).as("50 + 1 + 2").isEqualTo(53L);
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void theOperatorsListPassesOverWhatTheClientAsksFor() throws Exception {
    client.close();
    server.close();
    server = RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA.replace("\n[{:i/key", "\n\n[{:i/key"))
        .register(":shop/slow", 0, meeting -> dev.rebasis.conflict.Resolved.value(7L)).allowPolicies(Set.of()).start();
    client = SyncClient.builder().store(folder.resolve("another")).server(server.uri()).tuning(FAST)
        .policy(":i/count", Policies.lastWriterWins()).open();
    get(client.sync());
    client.goOffline();
    client.transact("[[:db/add " + A + " :i/count 6]]");
    Pending second = client.transact("[[:db/add " + A + " :i/count 7]]");
    others("[[:db/add " + A + " :i/count 15]]");
    reconnect();
    assertThat(get(second.outcome()).isCommitted()).isTrue();
    assertThat(value(":i/count")).as("15 + 1 + 1").isEqualTo(17L);
  }
}
