package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Decider;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a batch cost and how good the predictions were is counted as Rebased says. Method: the server's answer is what
 * the test says it is; thousands of pending transactions, and a batch that meets none of them.
 */
class CountsTest extends StateRig {
  private static final int PENDING = 2_000;

  /** Confirms what the server did since, of which the last transaction is its answer to the pending one. */
  private Rebased answered(PendingTransaction pending, OutcomeKind kind) {
    List<Transaction> batch = server.after(index.position());
    Transaction answer = batch.get(batch.size() - 1);
    index.apply(batch);
    Map<Long, Long> made = Map.of(pending.intent().tempids().get(Intent.TX_TEMPID), answer.tx());
    return state.confirm(index.snapshot(), batch,
        List.of(new Settled(pending.intent().id(), kind, answer.t(), made, answer)));
  }

  private Rebased others(String edn) {
    server.transact(edn);
    List<Transaction> batch = server.after(index.position());
    index.apply(batch);
    return state.confirm(index.snapshot(), batch, List.of());
  }

  @Test
  void aPredictionThatCameTrueIsCounted() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE);
    server.transact("[[:db/add [:k \"A\"] :n 2]]");
    Rebased rebased = answered(edit, OutcomeKind.ACCEPTED);
    assertThat(rebased.predictedRight()).isEqualTo(1);
    assertThat(rebased.predictedWrong()).isZero();
    assertThat(rebased.left()).hasSize(1);
  }

  @Test
  void oneThatBuildsOnAnotherOfTheSameBatchIsComparedByTheServersIds() {
    PendingTransaction first = make("[{:k \"N\" :n 1}]", Terms.NONE);
    PendingTransaction second = make("[[:db/add [:k \"N\"] :n 2]]", Terms.NONE);
    server.transact("[{:k \"N\" :n 1}]");
    server.transact("[[:db/add [:k \"N\"] :n 2]]");
    List<Transaction> batch = server.after(index.position());
    index.apply(batch);
    long entity = batch.get(0).datoms().stream().map(Datom::e).filter(e -> e != batch.get(0).tx()).findFirst().orElseThrow();
    List<Settled> settled = new ArrayList<>();
    for (PendingTransaction pending : List.of(first, second)) {
      Transaction answer = batch.get(settled.size());
      Map<Long, Long> made = new HashMap<>();
      pending.intent().tempids().forEach(
          (name, local) -> made.put(local, name.equals(Intent.TX_TEMPID) ? answer.tx() : (Long) entity));
      settled.add(new Settled(pending.intent().id(), OutcomeKind.ACCEPTED, answer.t(), made, answer));
    }
    Rebased rebased = state.confirm(index.snapshot(), batch, settled);
    assertThat(rebased.predictedRight()).isEqualTo(2);
    assertThat(rebased.predictedWrong()).isZero();
  }

  @Test
  void oneThatDidNotIsCountedThoughOthersWereSeenInBetween() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE);
    Rebased seen = others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(seen.decidedAnew()).isEqualTo(1);
    assertThat(seen.predictedRight() + seen.predictedWrong()).isZero();
    // The prediction after the rebase is merged, with 2: the server says otherwise.
    server.transact("[[:db/add [:k \"A\"] :n 3]]");
    Rebased rebased = answered(edit, OutcomeKind.MERGED);
    assertThat(rebased.predictedWrong()).isEqualTo(1);
    assertThat(rebased.predictedRight()).isZero();
  }

  @Test
  void anotherKindThanPredictedIsWrongToo() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE);
    server.transact("[[:db/add [:k \"A\"] :n 2]]");
    assertThat(answered(edit, OutcomeKind.MERGED).predictedWrong()).isEqualTo(1);
  }

  @Test
  void whatCouldNotBeKnownIsNotCounted() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE);
    server.transact("[[:db/add [:k \"A\"] :n 7]]");
    server.transact("[[:db/add [:k \"A\"] :n 3]]");
    Rebased rebased = answered(edit, OutcomeKind.MERGED);
    assertThat(rebased.predictedWrong()).isZero();
    assertThat(rebased.predictedRight()).isZero();
  }

  @Test
  void aTransactionOfOthersThatMeetsNothingDecidesNothingAnew() {
    for (int i = 0; i < PENDING; i++) {
      make("[[:db/add [:k \"B\"] :n " + i + "]]", Terms.NONE);
    }
    assertThat(others("[[:db/add [:k \"A\"] :n 7]]").decidedAnew()).isZero();
    assertThat(others("[{:k \"C\" :n 1}]").decidedAnew()).isZero();
    assertThat(state.pending()).hasSize(PENDING);
    PendingTransaction apart = make("[[:db/add [:k \"A\"] :m 3]]", Terms.NONE);
    assertThat(others("[[:db/add [:k \"A\"] :m 9]]").decidedAnew()).as("only the one that it meets").isEqualTo(1);
    assertThat(apart.decision().kind()).isEqualTo(OutcomeKind.MERGED);
  }

  @Test
  void groupsThatABatchDoesNotMeetAreNotLookedAt() {
    for (int i = 0; i < PENDING; i += 2) {
      UUID group = new UUID(9, i);
      make("[{:k \"G" + i + "\" :n 1}]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0)));
      make("[[:db/add [:k \"G" + i + "\"] :m " + i + "]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1)));
    }
    long before = state.groups().looks();
    assertThat(others("[[:db/add [:k \"A\"] :n 7]]").decidedAnew()).isZero();
    assertThat(state.groups().looks()).as("it meets none").isEqualTo(before);
    assertThat(others("[{:k \"G10\" :n 5}]").decidedAnew()).isBetween(1, 2);
    assertThat(state.groups().looks()).as("it meets one").isEqualTo(before + 1);
    assertThat(others("[{:k \"G0\" :n 5} {:k \"G4\" :n 5}]").decidedAnew()).isBetween(2, 4);
    assertThat(state.groups().looks()).isEqualTo(before + 3);
  }

  @Test
  void anotherReasonThanPredictedIsWrongToo() {
    PendingTransaction edit = make("[[:db/cas [:k \"A\"] :n 1 2]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(edit.decision().reason().code()).isEqualTo(Keyword.of(":db.error/cas-failed"));
    assertThat(refused(edit, Keyword.of(":db.error/cas-failed")).predictedRight()).isEqualTo(1);
    PendingTransaction other = make("[[:db/cas [:k \"A\"] :n 7 8]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 9]]");
    assertThat(refused(other, Keyword.of(":rebasis.error/function-failed")).predictedWrong()).isEqualTo(1);
  }

  @Test
  void whatCameTooLateIsNotCountedSinceNobodyKnewWhenItWouldBeDecided() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE);
    Rebased rebased = refused(edit, Decider.TOO_LATE);
    assertThat(rebased.predictedWrong() + rebased.predictedRight()).isZero();
  }

  private Rebased refused(PendingTransaction pending, Keyword code) {
    return state.confirm(index.snapshot(), List.of(), List.of(
        new Settled(pending.intent().id(), OutcomeKind.REJECTED, index.position() + 1, Map.of(), null, code)));
  }
}
