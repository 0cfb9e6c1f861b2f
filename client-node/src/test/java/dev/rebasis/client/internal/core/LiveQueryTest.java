package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Durability;
import dev.rebasis.client.QueryChange;
import dev.rebasis.client.QueryException;
import dev.rebasis.client.QueryListener;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.SyncClient.Subscription;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.fake.FakeTransport;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.client.internal.query.QueryReads;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What listeners of live queries are told, when, and on which thread. */
class LiveQueryTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]
      """;
  private static final String BIG = "[:find ?k ?n :in $ ?least :where [?e :n ?n] [(<= ?least ?n)] [?e :k ?k]]";

  private final AtomicInteger asked = new AtomicInteger();
  private final FakeServer server = new FakeServer();
  private final FakeTransport transport = new FakeTransport(server, new UUID(5, 5));
  private final List<QueryChange> changes = new ArrayList<>();
  private final List<RebasisException> failures = new ArrayList<>();
  private SyncClient client;

  private final QueryListener listener = new QueryListener() {
    @Override
    public void changed(QueryChange change) {
      changes.add(change);
    }

    @Override
    public void failed(RebasisException error) {
      failures.add(error);
    }
  };

  /** Everything on the test's own thread. */
  private void open(Transport over) {
    QueryExtensions extensions = new QueryExtensions(Map.of("test/asked", arguments -> {
      asked.incrementAndGet();
      return true;
    }), Set.of());
    client = ClientCore.open(
        new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT, extensions),
        new FakeEnvironment(over, Samples.ids()));
  }

  @AfterEach
  void close() {
    if (client != null) {
      assertThat(((ClientCore) client).audit()).as("the inside after the test").isEmpty();
      client.close();
    }
    server.close();
  }

  @Test
  void givesTheFirstResultAndThenDifferences() {
    open(null);
    client.transact(SCHEMA);
    client.transact("[{:k \"A\" :n 1} {:k \"B\" :n 5}]");
    client.subscribe(BIG, List.of(3L), listener);
    client.transact("[{:k \"C\" :n 7} [:db/add [:k \"B\"] :n 2]]");
    client.transact("[[:db/retractEntity [:k \"C\"]]]");

    assertThat(changes).hasSize(3);
    assertThat(changes.get(0).first()).isTrue();
    assertThat(changes.get(0).added()).containsExactly(List.of("B", 5L));
    assertThat(changes.get(1).first()).isFalse();
    assertThat(changes.get(1).added()).containsExactly(List.of("C", 7L));
    assertThat(changes.get(1).removed()).containsExactly(List.of("B", 5L));
    assertThat(changes.get(1).result()).isEqualTo(Set.of(List.of("C", 7L)));
    assertThat(changes.get(1).batches()).isEqualTo(1);
    assertThat(changes.get(2).added()).isEmpty();
    assertThat(changes.get(2).removed()).containsExactly(List.of("C", 7L));
  }

  @Test
  void isAskedAgainOnlyIfADatomCanMatter() {
    open(null);
    client.transact(SCHEMA);
    client.transact("[{:k \"A\" :n 1} {:k \"B\" :n 2}]");
    client.subscribe("[:find ?k :where [?e :n 1] [?e :k ?k] [(test/asked ?k)]]", List.of(), listener);
    int first = asked.get();
    client.transact("[[:db/add [:k \"A\"] :note \"of no interest\"]]");
    client.transact("[[:db/add [:k \"B\"] :n 3]]");
    assertThat(asked.get()).as("calls after changes of another attribute and of another value").isEqualTo(first);
    client.transact("[[:db/add [:k \"B\"] :n 1]]");
    assertThat(asked.get()).isGreaterThan(first);
    assertThat(changes).hasSize(2);
  }

  @Test
  void saysNothingIfTheResultIsTheSame() {
    open(null);
    client.transact(SCHEMA);
    client.subscribe("[:find (count ?e) . :where [?e :n _]]", List.of(), listener);
    client.transact("[{:k \"A\" :n 1}]");
    client.transact("[[:db/add [:k \"A\"] :n 2]]");
    assertThat(changes).hasSize(2);
    assertThat(changes.get(0).result()).isNull();
    assertThat(changes.get(1).result()).isEqualTo(1L);
    assertThat(changes.get(1).added()).containsExactly(1L);
  }

  @Test
  void hearsOfWhatTheServerConfirms() {
    server.transact(SCHEMA);
    open(transport);
    client.subscribe(BIG, List.of(3L), listener);
    assertThat(failures).isEmpty();
    assertThat(changes).hasSize(1);
    changes.clear();
    client.goOffline();
    server.transact("[{:k \"A\" :n 4}]");
    client.goOnline();
    assertThat(client.sync().join().basisT()).isEqualTo(server.t());
    assertThat(changes).hasSize(1);
    assertThat(changes.get(0).added()).containsExactly(List.of("A", 4L));
  }

  @Test
  void isAskedAndToldOnceForABatchOfManyTransactions() {
    server.transact(SCHEMA);
    server.transact("[{:k \"A\" :n 0}]");
    open(transport);
    client.subscribe("[:find ?n . :where [[:k \"A\"] :n ?n] [(test/asked ?n)]]", List.of(), listener);
    client.goOffline();
    changes.clear();
    asked.set(0);
    for (int i = 1; i <= 5; i++) {
      server.transact("[[:db/add [:k \"A\"] :n " + i + "]]");
    }
    client.goOnline();
    assertThat(client.sync().join().basisT()).isEqualTo(server.t());
    assertThat(asked.get()).as("times asked").isEqualTo(1);
    assertThat(changes).hasSize(1);
    assertThat(changes.get(0).added()).containsExactly(5L);
    assertThat(changes.get(0).batches()).isEqualTo(1);
  }

  @Test
  void whatWaitsForASlowListenerIsBounded() {
    ViewChanges waiting = new ViewChanges();
    open(null);
    client.transact(SCHEMA);
    QueryEngine engine = new QueryEngine();
    QueryReads reads = engine.reads("[:find ?n :where [_ :n ?n]]", List.of(client.db()));
    long note = client.db().entid(":note");
    ViewChange small = ViewChange.made(List.of(new Datom(1, note, "x", 2, true)));
    for (int i = 0; i < 1_000; i++) {
      waiting.add(small);
    }
    assertThat(waiting.kept()).isEqualTo(1_000);
    assertThat(waiting.canMatterTo(reads)).isFalse();
    waiting.add(ViewChange.made(Collections.nCopies(ViewChanges.KEPT_MAX, new Datom(1, note, "x", 2, true))));
    waiting.add(small);
    assertThat(waiting.kept()).as("kept of what is too much to look through").isZero();
    assertThat(waiting.canMatterTo(reads)).isTrue();
    assertThat(waiting.batches()).isEqualTo(1_002);
    assertThat(waiting.take().batches()).isEqualTo(1_002);
    assertThat(waiting.canMatterTo(reads)).isFalse();
    assertThat(waiting.batches()).isZero();
  }

  @Test
  void replacesLocalIdsByTheServersOnes() {
    server.transact(SCHEMA);
    open(transport);
    client.goOffline();
    long local = client.transact("[{:db/id \"x\" :k \"A\"}]").resolve("x");
    client.subscribe("[:find [?e ...] :where [?e :k \"A\"]]", List.of(), listener);
    assertThat(changes.get(0).added()).containsExactly(local);
    client.goOnline();
    client.sync();
    assertThat(changes).hasSize(2);
    assertThat(changes.get(1).removed()).containsExactly(local);
    assertThat(changes.get(1).added()).hasSize(1).allMatch(id -> (Long) id > 0);
  }

  @Test
  void aTupleIsOneRowAndAScalarOneValueWhateverTheyHold() {
    open(null);
    client.transact(SCHEMA);
    client.transact("""
        [{:db/ident :pair :db/valueType :db.type/tuple :db/tupleType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :m :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""");
    client.transact("[{:k \"A\" :n 1 :m 2 :pair [1 2]}]");
    client.subscribe("[:find [?n ?m] :where [?e :n ?n] [?e :m ?m]]", List.of(), listener);
    client.subscribe("[:find ?p . :where [_ :pair ?p]]", List.of(), listener);
    int told = changes.size();
    client.transact("[[:db/add [:k \"A\"] :n 2] [:db/add [:k \"A\"] :m 1] [:db/add [:k \"A\"] :pair [2 1]]]");
    List<QueryChange> later = changes.subList(told, changes.size());
    assertThat(later.get(0).added()).containsExactly(List.of(2L, 1L));
    assertThat(later.get(0).removed()).containsExactly(List.of(1L, 2L));
    assertThat(later.get(1).added()).containsExactly(List.of(2L, 1L));
    assertThat(later.get(1).removed()).containsExactly(List.of(1L, 2L));
    client.transact("[[:db/retractEntity [:k \"A\"]]]");
    assertThat(changes.get(changes.size() - 1).result()).isNull();
    assertThat(changes.get(changes.size() - 1).removed()).hasSize(1);
  }

  @Test
  void endsWhenClosed() {
    open(null);
    client.transact(SCHEMA);
    Subscription subscription = client.subscribe(BIG, List.of(3L), listener);
    subscription.close();
    client.transact("[{:k \"A\" :n 4}]");
    assertThat(changes).hasSize(1);
  }

  @Test
  void refusesABadQueryAtOnceAndTellsOfOneThatFailsLater() {
    open(null);
    assertThatThrownBy(() -> client.subscribe("[:find ?e :where (or)]", List.of(), listener))
        .isInstanceOf(QueryException.class);
    client.subscribe(BIG, List.of(3L), listener);
    assertThat(failures).hasSize(1).allMatch(error -> error.getMessage().contains(":n"));
    assertThat(changes).isEmpty();
    client.transact(SCHEMA);
    assertThat(changes).hasSize(1);
  }

  @Test
  void whatCouldNotBeHandedOverIsToldWithTheNextChange() {
    open(null);
    client.transact(SCHEMA);
    client.transact("[{:k \"A\" :n 4}]");
    Deque<Runnable> asking = new ArrayDeque<>();
    AtomicInteger refusals = new AtomicInteger();
    Executor queries = task -> takeUnlessRefused(refusals, () -> asking.add(task));
    Executor notifications = task -> takeUnlessRefused(refusals, task);
    LiveQueries live = new LiveQueries(new QueryEngine(), queries, notifications, () -> (DatabaseValue) client.db());
    live.subscribe(BIG, List.of(3L), listener);
    asking.remove().run();
    assertThat(changes).hasSize(1);

    client.transact("[[:db/add [:k \"A\"] :n 2] {:k \"B\" :n 5}]");
    live.loaded();
    refusals.set(1);
    assertThatThrownBy(asking.remove()::run).isInstanceOf(OutOfMemoryError.class);
    refusals.set(1);
    assertThatThrownBy(live::loaded).as("no thread to ask it on").isInstanceOf(OutOfMemoryError.class);
    assertThat(changes).hasSize(1);
    live.loaded();
    asking.remove().run();
    assertThat(changes).hasSize(2);
    assertThat(changes.get(1).added()).containsExactly(List.of("B", 5L));
    assertThat(changes.get(1).removed()).containsExactly(List.of("A", 4L));
    assertThat(failures).isEmpty();
    assertThat(asking).isEmpty();
  }

  private static void takeUnlessRefused(AtomicInteger refusals, Runnable taking) {
    if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    taking.run();
  }

  @Test
  void aSlowListenerGetsTheNewestResultAndIsToldHowManyItTakesTogether() throws InterruptedException {
    BlockingQueue<Thread> askers = new LinkedBlockingQueue<>();
    client = SyncClient.builder().inMemory().durability(Durability.PROCESS_CRASH)
        .function("test/asker", arguments -> askers.add(Thread.currentThread())).open();
    client.transact(SCHEMA);
    BlockingQueue<QueryChange> told = new LinkedBlockingQueue<>();
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    CountDownLatch goOn = new CountDownLatch(1);
    client.subscribe(BIG.replace("]]", "] [(test/asker ?k)]]"), List.of(3L), change -> {
      told.add(change);
      threads.add(Thread.currentThread());
      await(goOn);
    });
    assertThat(told.poll(60, TimeUnit.SECONDS).first()).isTrue();
    for (int i = 0; i < 5; i++) {
      client.transact("[{:k \"A" + i + "\" :n 4}]");
    }
    goOn.countDown();
    QueryChange last = told.poll(60, TimeUnit.SECONDS);
    assertThat(last.added()).hasSize(5);
    assertThat(last.batches()).isEqualTo(5);
    assertThat(threads).doesNotContain(Thread.currentThread());
    assertThat(askers).as("threads that evaluated").isNotEmpty().doesNotContain(Thread.currentThread());
  }

  /** A query that takes years, and one behind it. */
  @Test
  @Timeout(60)
  void anEndlessQueryHoldsUpNoEventsAndNoClosing() throws InterruptedException {
    BlockingQueue<Thread> askers = new LinkedBlockingQueue<>();
    client = SyncClient.builder().inMemory().durability(Durability.PROCESS_CRASH)
        .function("test/asker", arguments -> askers.isEmpty() ? askers.add(Thread.currentThread()) : true).open();
    client.transact(SCHEMA);
    client.transact(IntStream.range(0, 1_000).mapToObj(n -> Map.of(Keyword.of(":n"), n)).toList());
    String product = "[:find (count ?a) . :with ?b ?c ?d ?e :where [?a :n _] [?b :n _] [?c :n _] [?d :n _] [?e :n _] [(test/asker ?e)]]";
    Subscription endless = client.subscribe(product, List.of(), listener);
    Thread asker = askers.take();
    BlockingQueue<TxReport> reports = new LinkedBlockingQueue<>();
    client.onTxReport(reports::add);
    client.transact("[{:k \"A\" :n 4}]");
    assertThat(reports.take().kind()).isEqualTo(TxReport.Kind.OPTIMISTIC);

    BlockingQueue<QueryChange> told = new LinkedBlockingQueue<>();
    client.subscribe(BIG, List.of(3L), told::add);
    endless.close();
    assertThat(told.take().added()).as("what is asked when the endless one was closed").containsExactly(List.of("A", 4L));

    askers.clear();
    client.subscribe(product, List.of(), listener);
    assertThat(askers.take()).isSameAs(asker);
    client.close();
    client = null;
    assertThat(asker.isAlive()).as("goes on when the client is closed").isFalse();
    assertThat(changes).isEmpty();
    assertThat(failures).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
