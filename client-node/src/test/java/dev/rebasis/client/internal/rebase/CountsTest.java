package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.Decider;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a batch cost and how good the predictions were is counted as Rebased says. Method: the server's answer is what
 * the test says it is; thousands of pending transactions, and a batch that meets none of them.
 */
class CountsTest extends StateRig {
  private static final int PENDING = 2_000;
  private static final Keyword GROUP = Keyword.of(":rebasis.error/group-not-committed");
  private static final Keyword CAS = Keyword.of(":db.error/cas-failed");
  private static final Keyword PREDECESSOR = Keyword.of(":rebasis.error/predecessor-not-committed");

  /** Confirms what the server did since, of which the last transaction is its answer to the pending one. */
  private Rebased answered(PendingTransaction pending, OutcomeKind kind) {
    return answered(pending, kind, null);
  }

  private Rebased answered(PendingTransaction pending, OutcomeKind kind, List<Conflict> conflicts) {
    List<Transaction> batch = server.after(index.position());
    Transaction answer = batch.get(batch.size() - 1);
    index.apply(batch);
    Map<Long, Long> made = Map.of(pending.intent().tempids().get(Intent.TX_TEMPID), answer.tx());
    return state.confirm(index.snapshot(), batch,
        List.of(new Settled(pending.intent().id(), kind, answer.t(), made, answer, null, conflicts)));
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
  void groupsThatABatchDoesNotMeetAreNotDecidedAnew() {
    for (int i = 0; i < PENDING; i += 2) {
      UUID group = new UUID(9, i);
      make("[{:k \"G" + i + "\" :n 1}]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0)));
      make("[[:db/add [:k \"G" + i + "\"] :m " + i + "]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1)));
    }
    assertThat(others("[[:db/add [:k \"A\"] :n 7]]").decidedAnew()).isZero();
    assertThat(others("[{:k \"G10\" :n 5}]").decidedAnew()).isBetween(1, 2);
    assertThat(others("[{:k \"G0\" :n 5} {:k \"G4\" :n 5}]").decidedAnew()).isBetween(2, 4);
  }

  @Test
  void aGroupThatFailsIsTriedAgainOnlyWhenSomethingChangesThatItLookedAt() {
    UUID group = new UUID(9, 1);
    PendingTransaction first = make("[[:db/add [:k \"B\"] :m 5]]", Terms.NONE.withGroup(new Terms.Group(group, 3, 0)));
    PendingTransaction second = make("[[:db/cas [:k \"A\"] :n 1 2]]", Terms.NONE.withGroup(new Terms.Group(group, 3, 1)));
    PendingTransaction third = make("[[:db/add [:k \"A\"] :n 9]]", Terms.NONE.withGroup(new Terms.Group(group, 3, 2)));
    PendingTransaction after = make("[[:db/add [:k \"B\"] :m 6]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(codes(first, second, third)).containsExactly(GROUP, CAS, GROUP);
    assertThat(List.of(first, third)).allSatisfy(one -> assertThat(one.decision().conflicts()).singleElement()
        .satisfies(conflict -> assertThat(conflict.base()).containsExactly(second.intent().id())));
    assertThat(after.decision().kind()).isEqualTo(OutcomeKind.ACCEPTED);

    for (int i = 0; i < 20; i++) {
      assertThat(others("[{:k \"C" + i + "\" :n 1}]").decidedAnew()).as("nothing of it was met").isZero();
    }
    assertThat(others("[[:db/add [:k \"A\"] :n 8]]").decidedAnew()).as("the failing one's fact").isPositive();
    assertThat(codes(first, second, third)).containsExactly(GROUP, CAS, GROUP);
    others("[[:db/add [:k \"A\"] :n 1]]");
    assertThat(List.of(first, second, third)).allMatch(one -> one.decision().kind().isCommitted());
    assertThat(state.optimistic().datoms(IndexOrder.EAVT, state.optimistic().entid(Edn.read("[:k \"A\"]")),
        state.optimistic().schema().entid(Keyword.of(":n")))).singleElement()
        .satisfies(datom -> assertThat(datom.v()).isEqualTo(9L));
  }

  @Test
  void aGroupIsTriedAgainWhenWhatItStandsOnComesThrough() {
    PendingTransaction root = make("[[:db/cas [:k \"A\"] :n 1 2] [:db/add [:k \"A\"] :m 5]]", Terms.NONE);
    UUID group = new UUID(9, 1);
    PendingTransaction first = make("[[:db/add [:k \"B\"] :m 5]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0)));
    PendingTransaction second = make("[[:db/cas [:k \"A\"] :m 5 6]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1)));
    others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(codes(root, first, second)).containsExactly(CAS, GROUP, PREDECESSOR);
    others("[[:db/add [:k \"A\"] :n 1]]");
    assertThat(List.of(root, first, second)).allMatch(one -> one.decision().kind().isCommitted());
  }

  @Test
  void whatIsLeftOfAGroupThatWasRefusedFailsTooAndIsNoPrediction() {
    UUID group = new UUID(9, 1);
    PendingTransaction first = make("[[:db/add [:k \"B\"] :m 5]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0)));
    PendingTransaction second = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1)));
    assertThat(refused(first, GROUP).predictedWrong()).isEqualTo(1);
    assertThat(second.decision().kind()).isEqualTo(OutcomeKind.PARKED);
    Rebased rest = refused(second, CAS);
    assertThat(rest.predictedWrong() + rest.predictedRight()).isZero();
    assertThat(state.groups().isFailing(group)).as("nothing is kept of what is gone").isFalse();
  }

  @Test
  void otherConflictsThanPredictedAreWrongToo() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 7]]");
    Conflict met = edit.decision().conflicts().get(0);
    for (Conflict other : List.of(met,
        new Conflict(met.kind(), met.e(), met.attribute(), met.base(), met.local(), met.remote(), List.of(5L), met.policy(), 0),
        new Conflict(Keyword.of(":rebasis.conflict/other"), met.e(), met.attribute(), met.base(), met.local(), met.remote(),
            met.resolved(), met.policy(), met.remoteTx()))) {
      PendingTransaction next = make("[[:db/add [:k \"B\"] :n 2]]", Terms.NONE);
      others("[[:db/add [:k \"B\"] :n 7]]");
      Conflict predicted = next.decision().conflicts().get(0);
      Conflict told = other == met ? predicted : new Conflict(other.kind(), predicted.e(), predicted.attribute(),
          predicted.base(), predicted.local(), predicted.remote(), other.resolved(), predicted.policy(), 0);
      server.transact("[[:db/add [:k \"B\"] :n 2]]");
      Rebased rebased = answered(next, OutcomeKind.MERGED, List.of(told));
      assertThat(rebased.predictedWrong()).as("%s", told).isEqualTo(other == met ? 0 : 1);
      assertThat(rebased.predictedRight()).isEqualTo(other == met ? 1 : 0);
    }
  }

  private static List<Keyword> codes(PendingTransaction... several) {
    return Stream.of(several).map(one -> one.decision().reason().code()).toList();
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

  @Test
  void whatIsParkedBecauseOfWhatCameTooLateIsNotCountedEither() {
    UUID group = new UUID(9, 1);
    PendingTransaction late = make("[{:k \"G\" :n 1}]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0)));
    PendingTransaction member = make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1)));
    PendingTransaction onIt = make("[[:db/add [:k \"G\"] :m 3]]", Terms.NONE);
    Rebased rebased = state.confirm(index.snapshot(), List.of(), List.of(
        parked(late, Decider.TOO_LATE), parked(member, Keyword.of(":rebasis.error/group-not-committed")),
        parked(onIt, Keyword.of(":rebasis.error/predecessor-not-committed"))));
    assertThat(rebased.left()).hasSize(3);
    assertThat(rebased.predictedWrong() + rebased.predictedRight()).isZero();
  }

  private Settled parked(PendingTransaction pending, Keyword code) {
    return new Settled(
        pending.intent().id(), OutcomeKind.PARKED, index.position() + pending.seq(), Map.of(), null, code, null);
  }

  private Rebased refused(PendingTransaction pending, Keyword code) {
    return state.confirm(index.snapshot(), List.of(), List.of(
        new Settled(pending.intent().id(), OutcomeKind.REJECTED, index.position() + 1, Map.of(), null, code, null)));
  }
}
