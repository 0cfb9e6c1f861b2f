package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a client predicts for transactions that depend on each other, on the schema and on policies, when others change
 * what these depend on.
 */
class PredictionTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :m :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";

  private final FakeServer server = new FakeServer();
  private final ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids());
  private final DatomIndex index = DatomIndex.open(StoreFiles.inMemory(), log);
  private final OptimisticState state;
  private long nextSeq = 1;
  private long nextLocal = 1;

  PredictionTest() {
    server.transact(SCHEMA);
    server.transact("[{:k \"A\" :n 1 :m 1} {:k \"B\" :n 1}]");
    index.apply(server.after(0));
    state = new OptimisticState(index.snapshot(), MadeIds.NONE, 1,
        OptimisticState.Decide.by(Rules.builder().leavesUnknownToServer().build()), new QueryEngine());
  }

  @AfterEach
  void close() {
    index.close();
    log.close();
    server.close();
  }

  private PendingTransaction make(String edn, Terms terms) {
    IntentBuilder.Completed completed =
        IntentBuilder.complete(Edn.read(edn), state.optimistic().schema(), () -> nextLocal++);
    PendingTransaction pending = state.transact(new Intent(new UUID(1, nextSeq), nextSeq,
        state.confirmed().basisT(), Samples.EPOCH.plusSeconds(nextSeq), completed.forms(), completed.tempids(), terms));
    nextSeq++;
    return pending;
  }

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
  void aFailingMemberTakesItsGroupOutOfTheViewUntilItComesThrough() {
    UUID group = new UUID(9, 9);
    PendingTransaction one = make("[{:k \"G\" :n 1}]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0)));
    PendingTransaction two = make("[[:db/cas [:k \"A\"] :n 1 2]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1)));
    PendingTransaction alone = make("[[:db/add [:k \"B\"] :n 5]]", Terms.NONE);
    others("[[:db/add [:k \"A\"] :n 7]]");
    assertThat(kind(two)).isEqualTo(OutcomeKind.REJECTED);
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
}
