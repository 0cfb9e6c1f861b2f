package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.Retry;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.Tuning;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what a person edits offline is confirmed, merged for a stated reason, or waits for a decision. Method: a real
 * client that goes offline, a real server that others write to meanwhile, and a look at both.
 */
@Timeout(180)
class ConflictEndToEndTest {
  private static final String SCHEMA = """
      [{:db/ident :i/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :i/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/counter}
       {:db/ident :i/price :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :i/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :i/strict :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/park}
       {:db/ident :i/custom :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :shop/slow}
       {:db/ident :i/owner :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]
      [{:i/key "A" :i/count 5 :i/price 10 :i/note "one two" :i/strict 1 :i/custom 1} {:i/key "B" :i/price 20}]""";
  private static final String A = "[:i/key \"A\"]";
  private static final Tuning FAST = Tuning.DEFAULT.withBackoff(Duration.ofMillis(5), Duration.ofMillis(20));

  /** Raises the price by a percentage: a function of what is there. */
  private static final TransactionFunction RAISE = (db, args) -> {
    Object item = args.get(0);
    Long price = (Long) db.value(item, ":i/price");
    if (price == null) {
      throw new IllegalArgumentException("there is no price");
    }
    return List.of(List.of(Keyword.of(":db/add"), item, Keyword.of(":i/price"), price + price * (Long) args.get(1) / 100),
        Map.of(Keyword.of(":db/id"), "log", Keyword.of(":i/note"), "raised"));
  };

  @TempDir
  Path folder;

  private RebasisServer server;
  private SyncClient client;

  @BeforeEach
  void open() throws Exception {
    server = RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA.replace("\n[{:i/key", "\n\n[{:i/key"))
        .register(":shop/raise", RAISE)
        .register(":shop/slow", 0, meeting -> Resolved.value(77L)).start();
    client = openClient();
    get(client.sync());
  }

  private SyncClient openClient() {
    return SyncClient.builder().store(folder.resolve("store")).server(server.uri()).tuning(FAST)
        .policy(":i/note", Policies.textMerge())
        .register(":shop/raise", RAISE).open();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(120, TimeUnit.SECONDS);
  }

  private void others(String edn) throws Exception {
    get(server.transact(edn));
  }

  /** Goes online and waits until everything is decided. */
  private void reconnect() throws Exception {
    client.goOnline();
    get(client.sync());
  }

  private Object value(String attribute) {
    return client.db().entity(LookupRef.of(":i/key", "A")).get(attribute);
  }

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
    others("[[:db/add " + A + " :i/price 100]]");
    reconnect();
    Outcome outcome = get(broken.outcome());
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/premise-failed"));
    assertThat(outcome.message()).contains("10").contains("100");
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
    for (Pending one : fine) {
      assertThat(get(one.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(client.db().entid(LookupRef.of(":i/key", "G"))).isNull();
    assertThat(client.db().entity(LookupRef.of(":i/key", "H")).get(":i/price")).isEqualTo(2L);
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
  }

  @Test
  void previewsSayWhatWouldHappenAndChangeNothing() throws Exception {
    client.goOffline();
    client.transact("[[:db/add " + A + " :i/price 11]]");
    assertThat(client.preview()).extracting(Preview::kind).containsExactly(OutcomeKind.ACCEPTED);
    assertThatThrownBy(() -> client.preview(Map.of(":i/price", Policies.custom(":no/such", 0))))
        .isInstanceOf(TransactionException.class);
    assertThat(client.pending()).hasSize(1);
  }

  @Test
  void undoRemovesWhatIsUnsentAndTakesBackWhatIsConfirmed() throws Exception {
    client.goOffline();
    Pending unsent = client.transact("[[:db/add " + A + " :i/price 11]]");
    assertThat(client.undo(unsent.id())).isEmpty();
    assertThat(value(":i/price")).isEqualTo(10L);
    assertThat(client.pending()).isEmpty();
    reconnect();

    Pending confirmed = client.transact("[[:db/add " + A + " :i/price 12] [:db/add " + A + " :i/count 8]]");
    get(confirmed.outcome());
    others("[[:db/add " + A + " :i/count 18]]");
    get(client.sync());
    Pending inverse = client.undo(confirmed.id()).orElseThrow();
    get(inverse.outcome());
    assertThat(value(":i/price")).isEqualTo(10L);
    assertThat(value(":i/count")).as("the difference is taken back").isEqualTo(15L);

    Pending another = client.transact("[[:db/add " + A + " :i/price 13]]");
    get(another.outcome());
    others("[[:db/add " + A + " :i/price 99]]");
    get(client.sync());
    get(client.undo(another.id()).orElseThrow().outcome());
    get(client.sync());
    assertThat(value(":i/price")).as("what others did since stays").isEqualTo(99L);
  }

  @Test
  void aCursorGivesEachOutcomeOnceAcrossRestarts() throws Exception {
    List<Pending> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(client.transact("[{:i/key \"C" + i + "\"}]"));
    }
    get(client.sync());
    List<UUID> seen = new ArrayList<>();
    OutcomeCursor cursor = client.outcomes("mail");
    for (int i = 0; i < 3; i++) {
      OutcomeCursor.Entry entry = cursor.next().orElseThrow();
      seen.add(entry.outcome().id());
      cursor.done(entry);
    }
    client.close();
    client = openClient();
    cursor = client.outcomes("mail");
    for (var entry = cursor.next(); entry.isPresent(); entry = cursor.next()) {
      seen.add(entry.get().outcome().id());
      cursor.done(entry.get());
    }
    assertThat(seen).containsExactlyElementsOf(made.stream().map(Pending::id).toList());
    assertThat(client.outcomes("other").next()).isPresent();
  }

  @Test
  void aListenerHearsOfConflictsAndTheServerRecordsThem() throws Exception {
    CompletableFuture<ConflictRecord> heard = new CompletableFuture<>();
    client.onConflict(heard::complete);
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/price 11]]");
    others("[[:db/add " + A + " :i/price 50]]");
    reconnect();
    assertThat(get(heard).id()).isEqualTo(edit.id());
    Object rows = client.db().q("""
        [:find ?attribute ?local ?remote ?policy
         :where [?tx :rebasis.tx/conflicts ?c] [?c :rebasis.conflict/attribute ?attribute]
                [?c :rebasis.conflict/local ?local] [?c :rebasis.conflict/remote ?remote]
                [?c :rebasis.conflict/policy ?policy]]""");
    assertThat((Set<?>) rows).hasSize(1);
    assertThat(rows.toString()).contains("[11]").contains("[50]").contains("last-writer-wins");
  }

  @Test
  void aCustomPolicyUnknownHereIsDecidedByTheServer() throws Exception {
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/custom 2]]");
    others("[[:db/add " + A + " :i/custom 3]]");
    reconnect();
    assertThat(get(edit.outcome()).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(value(":i/custom")).isEqualTo(77L);
  }

  @Test
  void aPolicyThatNeverEndsParksItsTransactionAndStopsNobody() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.close();
    server = RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA)
        .register(":shop/slow", 0, meeting -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Resolved.value(1L);
        }).start();
    client.close();
    client = SyncClient.builder().store(folder.resolve("other")).server(server.uri()).tuning(FAST).open();
    get(client.sync());
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/custom 2]]");
    Pending next = client.transact("[[:db/add " + A + " :i/price 2]]");
    others("[[:db/add " + A + " :i/custom 3]]");
    reconnect();
    assertThat(get(edit.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/policy-failed"));
    assertThat(get(edit.outcome()).message()).contains("2000 ms");
    assertThat(get(next.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    never.countDown();
  }
}
