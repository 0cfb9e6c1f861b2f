package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * What a client predicts for transactions that depend on each other, on the schema and on policies, when others change
 * what these depend on.
 */
class PredictionTest extends StateRig {
  private Rebased others(String edn) {
    server.transact(edn);
    List<Transaction> batch = server.after(index.position());
    index.apply(batch);
    return state.confirm(index.snapshot(), batch, List.of());
  }

  private static OutcomeKind kind(PendingTransaction pending) {
    return pending.decision().kind();
  }

  @Test
  void whatACopyOfTheStoreWroteIsAnothersOnceThisOneHasToTakeANumberOfItsOwn() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 3]]", Terms.NONE);
    Intent mine = edit.intent();
    server.push(1, new Intent(new UUID(8, 8), mine.seq() + 1, mine.basisT(), mine.madeAt(),
        List.of(Edn.read("[:db/add [:k \"A\"] :n 11]")), Map.of(Intent.TX_TEMPID, 50L)));
    List<Transaction> batch = server.after(index.position());
    index.apply(batch);
    state.confirm(index.snapshot(), batch, List.of());
    assertThat(edit.decision().conflicts()).as("one's own word is no conflict").isEmpty();

    assertThat(state.setClient(0)).as("told that it is a copy").isNotNull();
    assertThat(edit.decision().conflicts()).hasSize(1);
    assertThat(state.setClient(2)).as("a new number changes nothing").isNull();
  }

  @Test
  void whatACopyPushedOfWhatWaitsHereIsAnothersToo() {
    PendingTransaction first = make("[[:db/add [:k \"A\"] :n 3]]", Terms.NONE);
    PendingTransaction second = make("[[:db/add [:k \"A\"] :n 4]]", Terms.NONE);
    server.push(1, first.intent());
    state.setClient(0);
    List<Transaction> batch = server.after(index.position());
    index.apply(batch);
    state.confirm(index.snapshot(), batch, List.of(new Settled(first.intent().id(), OutcomeKind.ACCEPTED, batch.get(0).t(),
        Map.of(), batch.get(0))));
    assertThat(state.pending()).containsExactly(second);
    assertThat(second.decision().conflicts()).as("the server will see it so").hasSize(1);
  }

  @Test
  void aFailingMemberTakesItsGroupOutOfTheViewUntilItComesThrough() {
    UUID group = new UUID(9, 9);
    PendingTransaction one = make("[{:k \"G\" :n 1}]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0)));
    PendingTransaction two = make("[[:db/cas [:k \"A\"] :n 1 2]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1)));
    PendingTransaction alone = make("[[:db/add [:k \"B\"] :n 5]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(kind(two)).as("as the server keeps it, with the others").isEqualTo(OutcomeKind.PARKED);
    assertThat(two.decision().reason().code()).isEqualTo(Keyword.of(":db.error/cas-failed"));
    assertThat(kind(one)).isEqualTo(OutcomeKind.PARKED);
    assertThat(one.decision().reason().code()).isEqualTo(Keyword.of(":rebasis.error/group-not-committed"));
    assertThat(kind(alone).isCommitted()).isTrue();
    assertThat(state.optimistic().entid(List.of(Keyword.of(":k"), "G"))).isNull();
    others("[[:db/add [:k \"A\"] :n 1]]");
    assertThat(kind(one).isCommitted()).isTrue();
    assertThat(kind(two).isCommitted()).isTrue();
  }

  @Test
  void whoMentionsALocalIdIsDecidedAnewWhenItsMakerFails() {
    PendingTransaction maker = make("[{:db/id \"x\" :k \"X\"} [:db/cas [:k \"A\"] :n 1 2]]", Terms.NONE);
    long local = -maker.intent().tempids().get("x");
    PendingTransaction mentions = make("[[:db/add [:k \"B\"] :ref " + local + "]]", Terms.NONE);
    assertThat(mentions.intent().terms().after()).containsExactly(maker.intent().id());
    others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(kind(maker)).isEqualTo(OutcomeKind.REJECTED);
    assertThat(kind(mentions)).isEqualTo(OutcomeKind.PARKED);
    others("[[:db/add [:k \"A\"] :n 1]]");
    assertThat(kind(mentions).isCommitted()).isTrue();
  }

  @Test
  void aSchemaChangeIsFollowedByWhatIsPending() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :m 5]]", Terms.NONE);
    others("[{:db/ident :m2 :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]");
    assertThat(kind(edit).isCommitted()).isTrue();
    others("[[:db/add :m :db/ident :renamed]]");
    assertThat(kind(edit).isCommitted()).as("a former name is followed").isTrue();
    others("[{:db/ident :m :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    assertThat(kind(edit)).isEqualTo(OutcomeKind.PARKED);
    assertThat(edit.decision().reason().code()).isEqualTo(Keyword.of(":rebasis.error/attribute-changed"));
  }

  @Test
  void aPendingSchemaIsSeenByWhatComesAfterItOnly() {
    make("[{:db/ident :own :db/valueType :db.type/long :db/cardinality :db.cardinality/one}"
        + " [:db/cas [:k \"A\"] :n 1 2]]", Terms.NONE);
    PendingTransaction user = make("[[:db/add [:k \"B\"] :own 3]]", Terms.NONE);
    assertThat(kind(user).isCommitted()).isTrue();
    others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(kind(user).isCommitted()).as("its attribute is gone with the transaction that made it").isFalse();
    others("[[:db/add [:k \"A\"] :n 1]]");
    assertThat(kind(user).isCommitted()).isTrue();
  }

  @Test
  void aPolicyThatOthersSetIsAppliedToWhatIsPending() {
    PendingTransaction edit = make("[[:db/add [:k \"A\"] :n 3]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 11]]");
    assertThat(edit.decision().conflicts()).singleElement()
        .satisfies(conflict -> assertThat(conflict.resolved()).containsExactly(3L));
    others("[[:db/add :n :rebasis/policy :rebasis.policy/counter]]");
    assertThat(edit.decision().conflicts()).singleElement()
        .satisfies(conflict -> assertThat(conflict.resolved()).containsExactly(13L));
  }

  @Test
  void raisesCountTwiceThoughTheCounterWasSetAfterThem() {
    make("[[:db/add [:k \"A\"] :n 2]]", Terms.NONE);
    make("[[:db/add [:k \"A\"] :n 3]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 10]]");
    assertThat(number(state)).as("the later word").isEqualTo(3L);
    assertThat(number(state.replayed(instead(Policies.counter())))).as("in a preview").isEqualTo(12L);
    others("[[:db/add :n :rebasis/policy :rebasis.policy/counter]]");
    assertThat(number(state)).as("by the schema").isEqualTo(12L);
    assertThat(number(state.replayed(instead(Policies.serverWins())))).isEqualTo(10L);
  }

  @Test
  void aRaiseOfAnEntityThatIsPendingItselfCountsToo() {
    PendingTransaction maker = make("[{:db/id \"x\" :k \"A2\" :n 5}]", Terms.NONE);
    make("[[:db/add " + -maker.intent().tempids().get("x") + " :n 7]]", Terms.NONE);
    others("[{:k \"A2\" :n 20} [:db/add :n :rebasis/policy :rebasis.policy/counter]]");
    Object sum = state.optimistic().query("[:find ?n . :where [?e :k \"A2\"] [?e :n ?n]]");
    assertThat(sum).as("20 + 5 + 2").isEqualTo(27L);
  }

  private static Decide instead(PolicyRef policy) {
    return Decide.by(Rules.builder().leavesUnknownToServer().instead(Map.of(Keyword.of(":n"), policy)).build());
  }

  private static Object number(OptimisticState state) {
    return state.optimistic().query("[:find ?n . :where [?e :k \"A\"] [?e :n ?n]]");
  }
}
