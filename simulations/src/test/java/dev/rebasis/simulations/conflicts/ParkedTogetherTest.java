package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Discarded;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.OutcomeKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what waits together is dealt with together: a parked group is retried whole or given up whole, and of what waits with
 * a discarded transaction each comes through without it or stays where its author finds it. Method: real client and server.
 */
@Timeout(180)
class ParkedTogetherTest extends OneClientAndItsServer {
  /** A group of which the last member is parked since others changed {@code :i/strict}. */
  private List<Pending> parkedGroup() throws Exception {
    client.goOffline();
    List<Pending> group = client.transactTogether(List.of(
        "[{:db/id \"g\" :i/key \"G\" :i/price 1}]", "[[:db/add [:i/key \"G\"] :i/price 2]]",
        "[[:db/add " + A + " :i/strict 5]]"), TransactionOptions.DEFAULT);
    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    assertThat(parked()).containsExactlyElementsOf(group.stream().map(Pending::id).toList());
    return group;
  }

  private List<UUID> parked() {
    return client.parked().stream().map(ConflictRecord::id).toList();
  }

  @Test
  void aRetriedMemberTakesItsGroupAlong() throws Exception {
    List<Pending> group = parkedGroup();
    Pending onIt = client.transact("[[:db/add [:i/key \"B\"] :i/price 7]]");
    get(onIt.outcome());
    Retry retry = client.retry(group.get(1).id());
    assertThat(retry.dependents()).hasSize(2);
    assertThat(retry.stillParked()).isEmpty();
    assertThat(get(retry.transaction().outcome()).isCommitted()).isTrue();
    get(client.sync());
    assertThat(value(":i/strict")).isEqualTo(5L);
    assertThat(client.db().entity(LookupRef.of(":i/key", "G")).get(":i/price")).isEqualTo(2L);
    assertThat(client.parked()).isEmpty();
    assertThat(client.status().parkedCount()).isZero();
  }

  @Test
  void aRetriedGroupIsStillAllOrNone() throws Exception {
    List<Pending> group = parkedGroup();
    client.goOffline();
    Retry retry = client.retry(group.get(0).id());
    others("[[:db/add " + A + " :i/strict 10]]");
    reconnect();
    assertThat(get(retry.transaction().outcome()).isCommitted()).as("its last member met another change").isFalse();
    assertThat(client.db().entid(LookupRef.of(":i/key", "G"))).isNull();
    assertThat(parked()).hasSize(3);
  }

  @Test
  void aGroupThatCannotBeMadeStaysParkedWhole() throws Exception {
    List<Pending> group = parkedGroup();
    assertThatThrownBy(() -> client.retry(group.get(2).id(), "[[:db/cas " + A + " :i/strict 1 2]]"))
        .isInstanceOf(TransactionException.class);
    assertThat(client.pending()).isEmpty();
    assertThat(parked()).hasSize(3);
    Retry edited = client.retry(group.get(2).id(), "[[:db/cas " + A + " :i/strict 9 2]]");
    assertThat(get(edited.transaction().outcome()).isCommitted()).isTrue();
    assertThat(value(":i/strict")).isEqualTo(2L);
    assertThat(parked()).isEmpty();
  }

  @Test
  void aRetriedGroupIsDecidedOnItsOwnEntitiesAndNotOnThoseOfTheTrialThatFailed() throws Exception {
    client.goOffline();
    Pending made = client.transactTogether(List.of("[{:db/id \"g\" :i/key \"G\" :i/price 1}]",
        "[[:db/add [:i/key \"G\"] :i/price 2]]", "[[:db/add " + A + " :i/strict 5]]"), TransactionOptions.DEFAULT).get(0);
    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    UUID last = parked().get(2);
    Retry edited = client.retry(last, "[[:db/cas " + made.resolve("g") + " :i/price 2 3]]");
    assertThat(get(edited.transaction().outcome()).message()).isNull();
    get(client.sync());
    assertThat(client.db().entity(LookupRef.of(":i/key", "G")).get(":i/price")).isEqualTo(3L);
  }

  @Test
  void whatAFailingMemberMetIsNotToldOfAnEntityThatIsAnothersLater() throws Exception {
    long b = client.db().entid(LookupRef.of(":i/key", "B"));
    client.goOffline();
    List<Pending> group = client.transactTogether(List.of("[{:db/id \"g\" :i/key \"G\"}]",
        "[[:db/add [:i/key \"G\"] :i/owner " + b + "]]"), TransactionOptions.DEFAULT);
    others("[[:db/retractEntity [:i/key \"B\"]]]");
    reconnect();
    ConflictRecord failing = client.parked().get(1);
    assertThat(failing.id()).isEqualTo(group.get(1).id());
    assertThat(failing.outcome().conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.kind()).isEqualTo(Keyword.of(":rebasis.conflict/reference-gone"));
      assertThat(conflict.e()).as("it was never made").isNotPositive();
    });
    Collection<?> named = datomic.Peer.query("[:find ?e :where [?c :rebasis.conflict/kind :rebasis.conflict/reference-gone]"
        + " [?c :rebasis.conflict/entity ?e]]", server.database());
    assertThat(named).as("entities in the server's record").isEmpty();
  }

  @Test
  void aDiscardedMemberTakesItsGroupAlong() throws Exception {
    List<Pending> group = parkedGroup();
    client.discard(group.get(1).id(), Dependents.DISCARD);
    assertThat(parked()).isEmpty();
    assertThat(client.status().parkedCount()).isZero();
  }

  @Test
  void whatCannotBeMadeWithoutADiscardedOneStaysParkedAndTheRestGoesOn() throws Exception {
    client.goOffline();
    Pending strict = client.transact("[[:db/add " + A + " :i/strict 2] {:db/id \"n\" :i/key \"N\"}]");
    Pending byKey = client.transact("[[:db/add [:i/key \"N\"] :i/price 1]]");
    long n = strict.resolve("n");
    Pending quantity = client.transact(
        "[[:db/add " + n + " :i/price 1] [:db/add [:i/key \"B\"] :i/price " + n + "]]");
    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    assertThat(parked()).containsExactly(strict.id(), byKey.id(), quantity.id());
    Discarded discarded = client.discard(strict.id(), Dependents.CUT);
    assertThat(discarded.stillParked()).containsExactly(byKey.id());
    assertThat(parked()).containsExactly(byKey.id());
    assertThat(client.status().parkedCount()).isEqualTo(1);
    assertThat(get(discarded.again().get(0).outcome()).isCommitted()).isTrue();
    get(client.sync());
    assertThat(client.db().entity(LookupRef.of(":i/key", "B")).get(":i/price"))
        .as("a number that looks like the entity's id is a number").isEqualTo(n);

    Retry edited = client.retry(byKey.id(), "[{:i/key \"N\" :i/price 1}]");
    assertThat(get(edited.transaction().outcome()).isCommitted()).isTrue();
    assertThat(parked()).isEmpty();
  }

  @Test
  void aCallOfAFunctionIsNotCutButWaits() throws Exception {
    client.goOffline();
    Pending strict = client.transact("[[:db/add " + A + " :i/strict 2] {:db/id \"n\" :i/key \"N\" :i/price 1}]");
    Pending call = client.transact("[[:shop/raise " + strict.resolve("n") + " 10] [:db/add [:i/key \"B\"] :i/price 3]]");
    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    assertThat(client.discard(strict.id(), Dependents.CUT).stillParked()).containsExactly(call.id());
    client.close();
    client = openClient();
    assertThat(parked()).as("after a restart").containsExactly(call.id());
  }

  @Test
  void whatCameTooLateIsRetriedWithoutItsInstant() throws Exception {
    client.goOffline();
    TransactionOptions late = TransactionOptions.DEFAULT.notAfter(Instant.now().minus(Duration.ofMinutes(1)));
    Pending alone = client.transact("[[:db/add " + A + " :i/price 11]]", late);
    List<Pending> group = client.transactTogether(
        List.of("[[:db/add " + A + " :i/price 12]]", "[[:db/add " + A + " :i/note \"three\"]]"), late);
    reconnect();
    assertThat(get(alone.outcome()).kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(get(group.get(0).outcome()).kind()).as("in a group it is the reason for which all wait").isEqualTo(OutcomeKind.PARKED);
    assertThat(get(group.get(0).outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/too-late"));
    assertThat(get(group.get(1).outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/group-not-committed"));
    assertThat(get(client.retry(alone.id()).transaction().outcome()).isCommitted()).isTrue();
    assertThat(get(client.retry(group.get(1).id()).transaction().outcome()).isCommitted()).isTrue();
    get(client.sync());
    assertThat(value(":i/price")).isEqualTo(12L);
    assertThat(parked()).isEmpty();
  }
}
