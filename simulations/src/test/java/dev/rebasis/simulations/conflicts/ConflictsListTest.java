package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConflictFilter;
import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Pending;
import dev.rebasis.client.RemoteWriter;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.LookupRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a person finds the conflicts that matter and sees who wrote the other value, and when. Method: one conflict about
 * each of two attributes, with another client and with the server's own program, looked up in every way there is.
 */
@Timeout(180)
class ConflictsListTest extends OneClientAndItsServer {
  private Pending price;
  private Pending strict;
  private long otherNumber;

  private void meet() throws Exception {
    try (SyncClient other = SyncClient.builder().inMemory().server(server.uri()).tuning(FAST).open()) {
      get(other.sync());
      client.goOffline();
      price = client.transact("[[:db/add " + A + " :i/price 11]]");
      strict = client.transact("[[:db/add " + A + " :i/strict 2]]");
      get(other.transact("[[:db/add " + A + " :i/price 50]]").outcome());
      otherNumber = other.status().clientNumber();
    }
    others("[[:db/add " + A + " :i/strict 3]]");
    reconnect();
    get(price.outcome());
    get(strict.outcome());
    get(client.sync());
  }

  private List<UUID> found(ConflictFilter filter) {
    return client.conflicts(filter).map(ConflictRecord::id).toList();
  }

  @Test
  void aFilterChoosesByAttributeEntityTimeAndState() throws Exception {
    meet();
    ConflictFilter all = ConflictFilter.ALL;
    assertThat(found(all)).containsExactly(price.id(), strict.id());
    assertThat(found(all.attribute(":i/price"))).containsExactly(price.id());
    assertThat(found(all.attribute(":i/note"))).isEmpty();
    long a = client.db().entid(LookupRef.of(":i/key", "A"));
    long b = client.db().entid(LookupRef.of(":i/key", "B"));
    assertThat(found(all.entity(a))).containsExactly(price.id(), strict.id());
    assertThat(found(all.entity(a).attribute(":i/strict"))).containsExactly(strict.id());
    assertThat(found(all.entity(b))).isEmpty();
    assertThat(found(all.states(ConflictRecord.State.OPEN))).containsExactly(strict.id());
    assertThat(found(all.states(ConflictRecord.State.RESOLVED, ConflictRecord.State.OPEN))).hasSize(2);
    assertThat(found(all.since(Instant.now().minus(Duration.ofDays(1))))).hasSize(2);
    assertThat(found(all.since(Instant.now().plus(Duration.ofDays(1))))).isEmpty();
  }

  @Test
  void theWriterOfTheRemoteValueIsShownWithTheInstant() throws Exception {
    Instant begin = Instant.now().minusSeconds(3600);
    meet();
    RemoteWriter other = client.writer(get(price.outcome()).conflicts().get(0)).orElseThrow();
    assertThat(other.client()).isEqualTo(otherNumber);
    assertThat(other.user()).isNull();
    assertThat(other.at()).isBetween(begin, Instant.now().plusSeconds(3600));
    Conflict own = get(strict.outcome()).conflicts().get(0);
    assertThat(client.writer(own).orElseThrow().client()).as("the server's own program").isZero();
    Conflict unknown = new Conflict(own.kind(), own.e(), own.attribute(), own.base(), own.local(), own.remote(),
        own.resolved(), own.policy(), 0);
    assertThat(client.writer(unknown)).isEqualTo(Optional.empty());
  }
}
