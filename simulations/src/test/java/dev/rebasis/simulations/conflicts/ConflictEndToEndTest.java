package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.Policies;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.OutcomeKind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what a person edits offline is confirmed, merged for a stated reason, or waits for a decision. Method: a real
 * client that goes offline, a real server that others write to meanwhile, and a look at both.
 */
@Timeout(180)
class ConflictEndToEndTest extends OneClientAndItsServer {
  @Test
  void countersAndTextsOfBothSidesAreMerged() throws Exception {
    client.goOffline();
    client.transact("[[:db/add " + A + " :i/count 6]]");
    Pending second = client.transact("[[:db/add " + A + " :i/count 7] [:db/add " + A + " :i/note \"one 1 two\"]]");
    others("[[:db/add " + A + " :i/count 15] [:db/add " + A + " :i/note \"one two 2\"]]");
    reconnect();
    assertThat(value(":i/count")).isEqualTo(17L);
    assertThat(value(":i/note")).isEqualTo("one 1 two 2");
    assertThat(get(second.outcome()).conflicts()).extracting(conflict -> conflict.policy())
        .containsExactly(Policies.textMerge().name());
    assertThat(client.parked()).isEmpty();
    assertThat(client.status().counters().predictedWrong()).isZero();
    get(client.transact("[[:db/add " + A + " :i/count 18]]").outcome());
    assertThat(client.status().counters().predictedRight()).isPositive();
  }

  @Test
  void aParkedTransactionWaitsWithItsDependentsAndIsRetriedAfterARestart() throws Exception {
    client.goOffline();
    Pending strict = client.transact("[[:db/add " + A + " :i/strict 2] {:db/id \"n\" :i/key \"N\"}]");
    Pending dependent = client.transact(List.of(List.of(":db/add", strict.resolve("n"), ":i/price", 1L)));
    Pending free = client.transact("[[:db/add [:i/key \"B\"] :i/price 21]]");
    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    assertThat(get(strict.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/conflict-parked"));
    assertThat(get(dependent.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/predecessor-not-committed"));
    Object waitsFor = datomic.Peer.query("[:find ?base . :in $ ?id :where [?t :rebasis.tx/id ?id]"
        + " [?t :rebasis.tx/conflicts ?c] [?c :rebasis.conflict/kind :rebasis.conflict/predecessor-not-committed]"
        + " [?c :rebasis.conflict/base ?base]]", server.database(), dependent.id());
    assertThat(waitsFor).isEqualTo("[#uuid \"" + strict.id() + "\"]");
    assertThat(get(free.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(client.status().parkedCount()).isEqualTo(2);

    client.close();
    client = openClient();
    assertThat(client.parked()).extracting(ConflictRecord::id).containsExactly(strict.id(), dependent.id());
    get(client.sync());
    Retry retry = client.retry(strict.id());
    assertThat(retry.dependents()).hasSize(1);
    assertThat(get(retry.transaction().outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(get(retry.dependents().get(0).outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(value(":i/strict")).isEqualTo(2L);
    assertThat(client.db().entity(LookupRef.of(":i/key", "N")).get(":i/price")).isEqualTo(1L);
    assertThat(client.parked()).isEmpty();
    assertThat(client.status().parkedCount()).isZero();
    assertThat(client.conflicts()).filteredOn(record -> record.id().equals(strict.id())).singleElement()
        .satisfies(record -> {
          assertThat(record.state()).isEqualTo(ConflictRecord.State.RETRIED);
          assertThat(record.settledBy()).isEqualTo(retry.transaction().id());
        });
    Object retried = datomic.Peer.query("[:find ?id . :in $ ?by :where [?t :rebasis.tx/id ?by]"
        + " [?t :rebasis.tx/retries ?old] [?old :rebasis.tx/id ?id]]", server.database(), retry.transaction().id());
    assertThat(retried).isEqualTo(strict.id());
  }

  @Test
  void aParkedTransactionIsEditedOrDiscardedWithTheReferencesCut() throws Exception {
    client.goOffline();
    Pending strict = client.transact("[[:db/add " + A + " :i/strict 2] {:db/id \"n\" :i/key \"N\"}]");
    Pending dependent = client.transact(List.of(
        List.of(":db/add", strict.resolve("n"), ":i/price", 1L),
        List.of(":db/add", LookupRef.of(":i/key", "B"), ":i/price", 30L)));
    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    get(dependent.outcome());
    client.discard(strict.id(), Dependents.CUT);
    get(client.sync());
    assertThat(client.parked()).isEmpty();
    assertThat(client.db().entity(LookupRef.of(":i/key", "B")).get(":i/price")).isEqualTo(30L);
    assertThat(client.db().entid(LookupRef.of(":i/key", "N"))).isNull();

    Pending again = conflicting();
    Retry edited = client.retry(again.id(), "[[:db/add " + A + " :i/strict 100]]");
    assertThat(get(edited.transaction().outcome()).isCommitted()).isTrue();
    assertThat(value(":i/strict")).isEqualTo(100L);

    Pending last = conflicting();
    client.discard(last.id(), Dependents.DISCARD);
    assertThat(client.parked()).isEmpty();
    assertThatThrownBy(() -> client.retry(last.id())).isInstanceOf(RebasisException.class)
        .hasMessageContaining("neither parked nor rejected");
  }

  /** A transaction that ends up parked. */
  private Pending conflicting() throws Exception {
    client.goOffline();
    Pending strict = client.transact("[[:db/add " + A + " :i/strict 3]]");
    others("[[:db/add " + A + " :i/strict " + (10 + server.t()) + "]]");
    reconnect();
    assertThat(get(strict.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
    return strict;
  }

  @Test
  void functionsRunOnTheNewestValueOnBothSides() throws Exception {
    client.goOffline();
    Pending raise = client.transact("[[:shop/raise " + A + " 10]]");
    assertThat(value(":i/price")).isEqualTo(11L);
    others("[[:db/add " + A + " :i/price 100]]");
    reconnect();
    Outcome outcome = get(raise.outcome());
    assertThat(outcome.isCommitted()).as(outcome.toString()).isTrue();
    assertThat(value(":i/price")).isEqualTo(110L);
    Pending unknown = client.transact("[[:shop/nobody 1]]");
    assertThat(get(unknown.outcome()).code()).isEqualTo(Keyword.of(":db.error/not-a-data-function"));
    assertThatThrownBy(() -> client.transact("[[:shop/raise [:i/key \"A\"] \"text\"]]"))
        .isInstanceOf(TransactionException.class).hasMessageContaining(":shop/raise");
  }

  @Test
  void aPremiseThatNoLongerHoldsParksWithBothAnswers() throws Exception {
    TransactionOptions relying = TransactionOptions.DEFAULT.premise(
        "[:find ?p . :in $ ?k :where [?i :i/key ?k] [?i :i/price ?p]]", "A");
    client.goOffline();
    Pending broken = client.transact("[[:db/add [:i/key \"B\"] :i/note \"cheap\"]]", relying);
    others("[[:db/add " + A + " :i/price 50]]");
    others("[[:db/add " + A + " :i/price 100]]");
    Object writer = datomic.Peer.query("[:find ?t . :where [?i :i/key \"A\"] [?i :i/price 100 ?t]]", server.database());
    others("[[:db/add " + A + " :i/count 77]]");
    reconnect();
    Outcome outcome = get(broken.outcome());
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/premise-failed"));
    assertThat(outcome.message()).contains("10").contains("100");
    assertThat(outcome.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.kind()).isEqualTo(Keyword.of(":rebasis.conflict/premise-changed"));
      assertThat(conflict.remoteTx()).as("who wrote the 100").isEqualTo(writer);
    });
    Retry retry = client.retry(broken.id());
    assertThat(get(retry.transaction().outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);

    client.goOffline();
    client.transact("[[:db/add " + A + " :i/price 101]]");
    Pending holds = client.transact("[[:db/add [:i/key \"B\"] :i/note \"dear\"]]", relying);
    others("[[:db/add [:i/key \"B\"] :i/price 1]]");
    reconnect();
    assertThat(get(holds.outcome()).isCommitted()).as("its own client's price is part of the base").isTrue();

    Pending evil = client.transact("[[:db/add [:i/key \"B\"] :i/note \"x\"]]",
        TransactionOptions.DEFAULT.premise("[:find ?x . :where [(ground 1) ?x]]"));
    assertThat(get(evil.outcome()).isCommitted()).isTrue();
  }

  @Test
  void aGroupIsCommittedWholeOrNotAtAll() throws Exception {
    client.goOffline();
    List<Pending> group = client.transactTogether(List.of(
        "[{:db/id \"g\" :i/key \"G\" :i/price 1}]", "[[:db/add [:i/key \"G\"] :i/price 2]]",
        "[[:db/add " + A + " :i/strict 5]]"), TransactionOptions.DEFAULT);
    List<Pending> fine = client.transactTogether(List.of(
        "[{:i/key \"H\" :i/price 1}]", "[[:db/add [:i/key \"H\"] :i/price 2]]"), TransactionOptions.DEFAULT);
    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    for (Pending one : group) {
      assertThat(get(one.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
    }
    assertThat(get(group.get(0).outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/group-not-committed"));
    assertThat(get(group.get(2).outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/conflict-parked"));
    for (Pending one : group.subList(0, 2)) {
      assertThat(get(one.outcome()).conflicts()).singleElement().satisfies(conflict -> {
        assertThat(conflict.kind()).isEqualTo(Keyword.of(":rebasis.conflict/group-not-committed"));
        assertThat(conflict.base()).containsExactly(group.get(2).id());
      });
    }
    assertThat(get(group.get(2).outcome()).conflicts()).extracting(conflict -> conflict.kind().name())
        .containsExactly("same-value-changed");
    assertThat(client.status().counters().predictedWrong()).isZero();
    for (Pending one : fine) {
      assertThat(get(one.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(client.db().entid(LookupRef.of(":i/key", "G"))).isNull();
    assertThat(client.db().entity(LookupRef.of(":i/key", "H")).get(":i/price")).isEqualTo(2L);
  }

  @Test
  void aTransactionThatIsPendingCanBeAnnotatedByALaterOne() throws Exception {
    client.goOffline();
    Pending edit = client.transact("[[:db/add [:i/key \"B\"] :i/price 7]]");
    Pending why = client.transact(List.of(List.of(":db/add", edit.resolve("datomic.tx"), ":i/note", "agreed by phone")));
    reconnect();
    assertThat(get(edit.outcome()).isCommitted()).isTrue();
    assertThat(get(why.outcome()).kind()).as(get(why.outcome()).toString()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(datomic.Peer.<Object>query("[:find ?note . :in $ ?id :where [?t :rebasis.tx/id ?id] [?t :i/note ?note]]",
        server.database(), edit.id())).isEqualTo("agreed by phone");
    Pending again = client.transact(List.of(List.of(":db/add", edit.resolve("datomic.tx"), ":i/note", "and by mail")));
    assertThat(get(again.outcome()).isCommitted()).as("once it is confirmed as well").isTrue();
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void whatComesTooLateIsRejected() throws Exception {
    client.goOffline();
    Pending late = client.transact("[[:db/add " + A + " :i/price 1]]",
        TransactionOptions.DEFAULT.notAfter(Instant.now().minusSeconds(60)));
    Pending timely = client.transact("[[:db/add [:i/key \"B\"] :i/price 1]]",
        TransactionOptions.DEFAULT.notAfter(Instant.now().plusSeconds(3600)));
    reconnect();
    assertThat(get(late.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/too-late"));
    assertThat(get(timely.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(value(":i/price")).isEqualTo(10L);
    assertThatThrownBy(() -> client.retry(late.id(), null, TransactionOptions.DEFAULT.policy(":i/nobody", Policies.max())))
        .hasMessageContaining("no attribute :i/nobody");
    Pending again = client.retry(late.id()).transaction();
    assertThat(get(again.outcome()).kind()).as("whoever retries wants it now").isEqualTo(OutcomeKind.ACCEPTED);
  }
}
