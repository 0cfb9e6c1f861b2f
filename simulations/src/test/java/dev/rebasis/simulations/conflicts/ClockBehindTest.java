package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.World;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: what came too late by the server's clock can be taken up, though it is not late yet by its client's. Method: a client whose clock is
 * an hour behind.
 */
class ClockBehindTest {
  private static final String SCHEMA =
      "[{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]";

  @Test
  void whatCameTooLateIsTakenUpWithoutItsInstant() {
    try (World world = new World(13)) {
      world.setClockError("c1", Duration.ofHours(-1));
      world.server().start();
      world.server().transact((List<?>) Edn.read(SCHEMA));
      ClientNode node = world.client("c1");
      node.start();
      assertThat(world.settle()).isTrue();
      world.cut("c1");
      SyncClient client = node.client();
      TransactionOptions soon = TransactionOptions.DEFAULT.notAfter(world.now().plus(Duration.ofMinutes(1)));
      Pending single = client.transact("[{:n 1}]", soon);
      List<Pending> group = client.transactTogether(List.of("[{:n 2}]", "[{:n 3}]"), soon);
      world.advance(Duration.ofMinutes(2));
      world.heal("c1");
      assertThat(world.settle()).isTrue();
      assertThat(single.outcome().join().code()).isEqualTo(Keyword.of(":rebasis.error/too-late"));
      List<UUID> late = client.parked().stream().map(ConflictRecord::id).toList();
      assertThat(late).containsExactly(single.id(), group.get(0).id(), group.get(1).id());

      client.retry(single.id());
      client.retry(group.get(1).id());
      assertThat(world.settle()).isTrue();
      assertThat(client.parked()).isEmpty();
      assertThat(client.<Object>query("[:find (sum ?n) . :where [_ :n ?n]]", client.db())).isEqualTo(6L);
    }
  }
}
