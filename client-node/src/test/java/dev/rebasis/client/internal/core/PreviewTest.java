package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.Policies;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Goal: a preview says of each pending transaction what the server will say, with the values that met, also under other
 * policies, and changes nothing. Method: what others wrote arrives, and the answers to the own transactions do not.
 */
class PreviewTest extends ClientRig {
  private static final Keyword N = Keyword.of(":n");

  private SyncClient client;
  private Pending merged;
  private Pending parked;
  private Pending rejected;

  private void meet() {
    server.transact(SCHEMA);
    server.transact("[{:db/ident :strict :db/valueType :db.type/long :db/cardinality :db.cardinality/one"
        + " :rebasis/policy :rebasis.policy/park}]");
    server.transact("[{:k \"A\" :n 1 :strict 1} {:k \"B\" :n 1}]");
    client = client("one", transport);
    client.goOffline();
    merged = client.transact("[[:db/add [:k \"A\"] :n 2]]");
    parked = client.transact("[[:db/add [:k \"A\"] :strict 2]]");
    rejected = client.transact("[[:db/cas [:k \"B\"] :n 1 2]]");
    server.transact("[[:db/add [:k \"A\"] :n 3] [:db/add [:k \"A\"] :strict 3] [:db/add [:k \"B\"] :n 3]]");
    long t = server.t();
    transport.deliverOnly(message -> !(message instanceof Message.Outcomes)
        && !(message instanceof Message.Transactions batch && lastT(batch) > t));
    client.goOnline();
    assertThat(client.pending()).hasSize(3);
  }

  private static long lastT(Message.Transactions batch) {
    List<Transaction> transactions = batch.transactions();
    return transactions.isEmpty() ? 0 : transactions.get(transactions.size() - 1).t();
  }

  @Test
  void itShowsWhatIsMergedParkedAndRejectedWithTheValues() {
    meet();
    List<Preview> previews = client.preview();
    assertThat(previews).extracting(preview -> preview.transaction().id())
        .containsExactly(merged.id(), parked.id(), rejected.id());
    assertThat(previews).extracting(Preview::kind)
        .containsExactly(OutcomeKind.MERGED, OutcomeKind.PARKED, OutcomeKind.REJECTED);
    assertThat(previews.get(0).code()).isNull();
    conflict(previews.get(0), 2L, "last-writer-wins");
    assertThat(previews.get(1).code()).isEqualTo(Keyword.of(":rebasis.error/conflict-parked"));
    conflict(previews.get(1), 3L, "park");
    assertThat(previews.get(2).code()).isEqualTo(Keyword.of(":db.error/cas-failed"));
    assertThat(previews.get(2).message()).as("the value found").contains("3");
  }

  private static void conflict(Preview preview, long resolved, String policy) {
    Conflict conflict = preview.conflicts().get(0);
    assertThat(preview.conflicts()).hasSize(1);
    assertThat(conflict.base()).containsExactly(1L);
    assertThat(conflict.local()).containsExactly(2L);
    assertThat(conflict.remote()).containsExactly(3L);
    assertThat(conflict.resolved()).containsExactly(resolved);
    assertThat(conflict.policy().name()).isEqualTo(policy);
  }

  @Test
  void otherPoliciesGiveOtherAnswersAndChangeNothing() {
    meet();
    List<Object> before = List.of(value(client.db(), "A", ":n"), client.pending().size(), client.status().parkedCount());
    List<Preview> merging =
        client.preview(Map.of(":n", Policies.firstWriterWins(), ":strict", Policies.counter()));
    assertThat(merging).extracting(Preview::kind)
        .containsExactly(OutcomeKind.MERGED, OutcomeKind.MERGED, OutcomeKind.REJECTED);
    conflict(merging.get(0), 3L, "first-writer-wins");
    conflict(merging.get(1), 4L, "counter");
    List<Preview> strict = client.preview(Map.of(":n", Policies.reject()));
    assertThat(strict).extracting(Preview::kind)
        .containsExactly(OutcomeKind.REJECTED, OutcomeKind.PARKED, OutcomeKind.REJECTED);
    conflict(strict.get(0), 3L, "reject");
    assertThat(strict.get(0).message()).contains(N.toString());
    assertThat(List.of(value(client.db(), "A", ":n"), client.pending().size(), client.status().parkedCount()))
        .isEqualTo(before);
    transport.heal();
    client.goOffline();
    client.goOnline();
    assertThat(merged.outcome().join().kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(parked.outcome().join().kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(rejected.outcome().join().kind()).isEqualTo(OutcomeKind.REJECTED);
  }

  @Test
  void itKnowsPremisesDeadlinesAndGroups() {
    meet();
    TransactionOptions relying = TransactionOptions.DEFAULT.premise(
        "[:find ?n . :where [?e :k \"B\"] [?e :n ?n]]");
    client.goOffline();
    Pending holding = client.transact("[{:k \"C\" :n 1}]", relying);
    Pending late = client.transact("[{:db/id \"d\" :k \"D\" :n 1}]",
        TransactionOptions.DEFAULT.notAfter(environment.now().plusSeconds(5)));
    Pending onLate = client.transact("[[:db/add " + late.resolve("d") + " :n 2]]");
    List<Pending> group = client.transactTogether(
        List.of("[{:k \"E\" :n 1}]", "[[:db/cas [:k \"B\"] :n 3 5]]"), TransactionOptions.DEFAULT);
    assertThat(code(holding)).isNull();
    assertThat(code(late)).isNull();
    assertThat(code(onLate)).isNull();
    environment.advance(6_000);
    assertThat(code(late)).isEqualTo(":rebasis.error/too-late");
    assertThat(code(onLate)).as("what stands on it waits with it").isEqualTo(":rebasis.error/predecessor-not-committed");
    assertThat(code(group.get(0))).isNull();
    assertThat(code(group.get(1))).isNull();

    server.transact("[[:db/add [:k \"B\"] :n 4]]");
    long t = server.t();
    transport.deliverOnly(message -> !(message instanceof Message.Outcomes)
        && !(message instanceof Message.Transactions batch && lastT(batch) > t));
    client.goOnline();
    assertThat(code(holding)).isEqualTo(":rebasis.error/premise-failed");
    assertThat(code(group.get(0))).isEqualTo(":rebasis.error/group-not-committed");
    assertThat(code(group.get(1))).isEqualTo(":db.error/cas-failed");
    assertThat(client.pending()).as("nothing has changed").contains(holding, late, onLate).containsAll(group);
  }

  @Test
  void negativeNumbersAndLocalIdsInAnswersOfPremises() {
    server.transact(SCHEMA);
    server.transact("[{:k \"A\" :n -2} {:k \"B\" :n 1}]");
    client = client("one", transport);
    client.goOffline();
    // Local numbers are given out from 1 on, so that -2 is a number here and an entity there.
    client.transact("[{:db/id \"x\" :k \"X\" :n 7}]");
    transport.deliverOnly(message -> !(message instanceof Message.Outcomes || message instanceof Message.Transactions));
    client.goOnline();
    long t = server.t();
    client.goOffline();
    assertThat(client.confirmed().entid(LookupRef.of(":k", "X"))).as("decided, and not told").isNull();
    Pending onNumber = client.transact("[{:k \"C\" :n 1}]",
        TransactionOptions.DEFAULT.premise("[:find ?n . :where [?e :k \"A\"] [?e :n ?n]]"));
    Pending onEntity = client.transact("[{:k \"D\" :n 1}]",
        TransactionOptions.DEFAULT.premise("[:find ?e ?n :where [?e :n ?n] [(< ?n 8)] [(< -3 ?n)]]"));
    assertThat(code(onNumber)).isNull();
    assertThat(code(onEntity)).isNull();
    transport.deliverOnly(message -> !(message instanceof Message.Outcomes)
        && !(message instanceof Message.Transactions batch && lastT(batch) > t));
    client.goOnline();
    assertThat(client.confirmed().entid(LookupRef.of(":k", "X"))).as("the first is confirmed").isPositive();
    assertThat(code(onEntity)).as("its entity has another id, and is the same").isNull();
    assertThat(code(onNumber)).isNull();
  }

  @Test
  void aPremiseOnANegativeNumberFailsWhenOthersChangeIt() {
    server.transact(SCHEMA);
    server.transact("[{:k \"A\" :n -5} {:k \"B\" :n 1}]");
    client = client("one", transport);
    client.goOffline();
    Pending relying = client.transact("[{:k \"C\" :n 1}]",
        TransactionOptions.DEFAULT.premise("[:find ?n . :where [?e :k \"A\"] [?e :n ?n]]"));
    server.transact("[[:db/add [:k \"A\"] :n 7]]");
    long t = server.t();
    transport.deliverOnly(message -> !(message instanceof Message.Outcomes)
        && !(message instanceof Message.Transactions batch && lastT(batch) > t));
    client.goOnline();
    assertThat(code(relying)).isEqualTo(":rebasis.error/premise-failed");
  }

  @Test
  void policiesThatAreUnknownOrDoNotFitAreErrorsWhenTheyAreAskedFor() {
    server.transact(SCHEMA);
    client = client("one", transport);
    for (TransactionOptions options : List.of(
        TransactionOptions.DEFAULT.policy(":n", new PolicyRef(Keyword.of(":shop/nobody"), 0)),
        TransactionOptions.DEFAULT.policy(":k", Policies.counter()),
        TransactionOptions.DEFAULT.policy(":nn", Policies.counter()))) {
      assertThatThrownBy(() -> client.transact("[{:k \"A\" :n 1}]", options)).isInstanceOf(TransactionException.class);
      assertThatThrownBy(() -> client.preview(Map.of(
          options.policies().keySet().iterator().next().toString(), options.policies().values().iterator().next())))
          .isInstanceOf(TransactionException.class);
    }
    assertThat(client.pending()).isEmpty();
  }

  /** What the preview says about a transaction. */
  private String code(Pending pending) {
    Preview preview = client.preview().stream().filter(one -> one.transaction().id().equals(pending.id())).findFirst()
        .orElseThrow();
    return preview.code() == null ? null : preview.code().toString();
  }
}
