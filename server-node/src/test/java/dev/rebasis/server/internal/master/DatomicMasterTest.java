package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Masters over Datomic URIs; two nodes share one database in this process, which stands in for a transactor. */
class DatomicMasterTest extends MasterContract {
  private final String uri = MasterFixture.newUri();

  @Override
  MasterFixture fresh() {
    return MasterFixture.datomic(MasterFixture.newUri());
  }

  @Test
  void bothNodesWriteAndBothBroadcast() {
    try (MasterFixture a = MasterFixture.datomic(uri); MasterFixture b = MasterFixture.datomic(uri)) {
      assertThat(a.master.databaseId()).isEqualTo(b.master.databaseId());
      long from = a.master.forcedT();
      MasterDigest digest = new MasterDigest(a.master);
      a.transact(MasterFixture.SCHEMA);
      look(b);
      b.transact("[{:order/number \"B\"}]");
      look(a);
      a.transact("[{:order/number \"A\"}]");
      look(b);
      List<Transaction> log = a.master.transactionsAfter(from, Integer.MAX_VALUE);
      assertThat(log).hasSize(3).isEqualTo(b.master.transactionsAfter(from, Integer.MAX_VALUE));
      assertThat(a.broadcast).isEqualTo(log);
      assertThat(b.broadcast).isEqualTo(log);
      long t = a.master.forcedT();
      assertThat(t).isEqualTo(b.master.forcedT());
      assertThat(b.master.schema().entid(dev.rebasis.data.Keyword.of(":order/number"))).isNotNull();
      assertThat(digest.at(t).orElseThrow().differences(new MasterDigest(b.master).at(t).orElseThrow())).isEmpty();
    }
  }

  @Test
  void aNodeThatHasNotHeardOfTheOthersDecidesOnWhatTheyWrote() {
    try (MasterFixture a = MasterFixture.datomic(uri); MasterFixture b = MasterFixture.datomic(uri)) {
      a.transact(MasterFixture.SCHEMA);
      long e = a.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"base\"}]").tempids().get("x");
      look(b);
      long basis = b.master.forcedT();
      long c1 = a.client(1);
      long c2 = b.client(2);
      assertThat(c2).as("numbers are given once").isEqualTo(c1 + 1);
      PushOutcome first = a.push(c1, a.intent(basis, "[[:db/add " + e + " :order/note \"one\"]]")).only();
      assertThat(b.master.forcedT()).as("b has not heard of it").isLessThan(first.t());
      long again = ((DatomicMaster) b.master).decidedAgain();
      PushOutcome second = b.push(c2,
          of(b.intent(basis, "[[:db/add " + e + " :order/note \"two\"]]"), 100)).only();
      assertThat(second.kind()).isEqualTo(OutcomeKind.MERGED);
      assertThat(((DatomicMaster) b.master).decidedAgain()).isEqualTo(again + 1);
      assertThat(b.master.database().entity(e).get(":order/note")).isEqualTo("two");
      assertThat(Peer.query("[:find ?v . :where [_ :rebasis.conflict/remote ?v]]", b.master.database()).toString())
          .isEqualTo("[\"one\"]");
    }
  }

  @Test
  void aTransactionPushedToBothNodesHappensOnce() {
    try (MasterFixture a = MasterFixture.datomic(uri); MasterFixture b = MasterFixture.datomic(uri)) {
      a.transact(MasterFixture.SCHEMA);
      long client = a.client(1);
      look(b);
      Intent intent = a.intent(a.master.forcedT(), "[{:db/id \"a\" :order/number \"A\" :order/quantity 1}]", "a");
      PushOutcome first = a.push(client, intent).only();
      PushOutcome second = b.push(client, intent).only();
      assertThat(second).isEqualTo(new PushOutcome(first.id(), first.kind(), true, first.t(), first.made(), null, null));
      assertThat(times(b, intent.id())).isEqualTo(1);
    }
  }

  @Test
  void aClientThatHasSeenMoreThanTheNodeIsWaitedFor() {
    try (MasterFixture a = MasterFixture.datomic(uri); MasterFixture b = MasterFixture.datomic(uri)) {
      a.transact(MasterFixture.SCHEMA);
      long t = a.transact("[{:order/number \"A\"}]").transaction().t();
      long client = a.client(1);
      assertThat(b.master.hasTransaction(t)).isFalse();
      Intent ahead = a.intent(a.master.forcedT(), "[[:db/add [:order/number \"A\"] :order/note \"n\"]]");
      assertThat(b.push(client, ahead).only().kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(b.master.hasTransaction(t)).isTrue();
    }
  }

  @Test
  void whatAnyOtherPeerWritesIsDecidedOnAndBroadcast() throws Exception {
    try (MasterFixture a = MasterFixture.datomic(uri)) {
      a.transact(MasterFixture.SCHEMA);
      long e = a.transact("[{:db/id \"x\" :order/number \"A\" :order/quantity 1}]").tempids().get("x");
      long basis = a.master.forcedT();
      Connection peer = Peer.connect(uri);
      peer.transact(Util.list(Util.list(Util.read(":db/add"), e, Util.read(":order/quantity"), 2L))).get();
      long client = a.client(1);
      PushOutcome outcome = a.push(client, a.intent(basis, "[[:db/cas " + e + " :order/quantity 1 5]]")).only();
      assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(outcome.message()).contains("2");
      assertThat(a.broadcast).isEqualTo(a.master.transactionsAfter(a.broadcast.get(0).t() - 1, Integer.MAX_VALUE));
    }
  }

  @Test
  void aDatabaseFunctionInTheDatabaseStaysThere() throws Exception {
    try (MasterFixture a = MasterFixture.datomic(uri)) {
      assertThat(a.master.database().entid(Util.read(":rebasis/at"))).isNotNull();
      assertThat(a.master.transactionsAfter(0, Integer.MAX_VALUE)).flatExtracting(Transaction::datoms)
          .noneMatch(datom -> datom.a() == dev.rebasis.data.SystemIds.DB_FN);
    }
  }

  @Test
  void aNodeThatBeginsLaterKnowsWhatWasDecidedAndForWhom() {
    try (MasterFixture a = MasterFixture.datomic(uri)) {
      a.transact(MasterFixture.SCHEMA);
      long client = a.client(7);
      Intent intent = a.intent(a.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
      PushOutcome first = a.push(client, intent).only();
      try (MasterFixture b = MasterFixture.datomic(uri)) {
        assertThat(b.client(7)).isEqualTo(client);
        assertThat(b.push(client, intent).only().t()).isEqualTo(first.t());
        Intent reused = new Intent(new UUID(5, 5), intent.seq(), b.master.forcedT(), b.clock.instant(), List.of(),
            java.util.Map.of(Intent.TX_TEMPID, 900L));
        assertThat(b.push(client, reused).refused).as("its sequence number is taken").isNotNull();
        Intent later = of(b.intent(b.master.forcedT(),
            "[[:db/add " + -intent.tempids().get("a") + " :order/note \"later\"]]"), 50);
        assertThat(b.push(client, later).only().kind()).isEqualTo(OutcomeKind.ACCEPTED);
        assertThat(b.master.datomsAfter(0)).isGreaterThan(a.master.datomsAfter(0));
      }
    }
  }

  @Test
  void answersComeAfterTheBroadcastAndNotBeforeTheCommit() {
    ArrayDeque<Runnable> core = new ArrayDeque<>();
    ArrayDeque<Runnable> writer = new ArrayDeque<>();
    try (MasterFixture a = MasterFixture.datomic(uri, core::add, writer::add)) {
      MasterFixture.Result<Master.Transacted> result = new MasterFixture.Result<>();
      long t = a.master.forcedT();
      a.master.transact(MasterFixture.forms(MasterFixture.SCHEMA), result);
      assertThat(core).isEmpty();
      writer.poll().run();
      assertThat(a.master.forcedT()).as("not shown by the writer itself").isEqualTo(t);
      assertThat(result.value).isNull();
      a.master.onForced(transactions -> assertThat(result.value).as("told first").isNull());
      core.poll().run();
      assertThat(result.value.transaction().t()).isEqualTo(a.master.forcedT());
    }
  }

  @Test
  void nobodyElseWritesWhileAGroupIsCommitted() {
    List<RuntimeException> refused = new ArrayList<>();
    // The core is told at once what the writer has done so far.
    try (MasterFixture a = MasterFixture.datomic(uri, Runnable::run, new InlineExecutor());
        MasterFixture b = MasterFixture.datomic(uri)) {
      a.transact(MasterFixture.SCHEMA);
      long client = a.client(1);
      look(b);
      a.master.onForced(transactions -> {
        // In the midst of the group, after its first transaction was committed.
        if (transactions.stream().flatMap(one -> one.datoms().stream()).anyMatch(datom -> "G1".equals(datom.v()))) {
          return;
        }
        MasterFixture.Result<Master.Transacted> result = new MasterFixture.Result<>();
        b.master.transact(MasterFixture.forms("[{:order/number \"between\"}]"), result);
        if (result.refused != null) {
          refused.add(result.refused);
        }
      });
      UUID group = new UUID(77, 77);
      Intent one = grouped(a.intent(a.master.forcedT(), "[{:db/id \"x\" :order/number \"G1\"}]", "x"), group, 0);
      Intent two = grouped(a.intent(a.master.forcedT(), "[{:db/id \"y\" :order/number \"G2\"}]", "y"), group, 1);
      MasterFixture.Pushed pushed = a.push(client, one, two);
      assertThat(pushed.outcomes).extracting(PushOutcome::kind).containsExactly(OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED);
      assertThat(pushed.outcomes.get(1).t()).isGreaterThan(pushed.outcomes.get(0).t());
      List<Object> numbers = new ArrayList<>();
      look(a);
      a.master.transactionsAfter(0, Integer.MAX_VALUE).forEach(tx -> tx.datoms().stream()
          .filter(datom -> datom.added() && datom.v() instanceof String text && (text.startsWith("G") || text.equals("between")))
          .forEach(datom -> numbers.add(datom.v())));
      assertThat(numbers).containsSubsequence("G1", "G2").doesNotContainSubsequence("G1", "between", "G2");
      assertThat(refused).as("while it was under way").isNotEmpty().allMatch(reason -> reason.getMessage().contains("group"));
      b.transact("[{:order/number \"after\"}]");
    }
  }

  @Test
  void aGroupWhoseNodeDiedIsGivenUp() throws Exception {
    try (MasterFixture a = MasterFixture.datomic(uri)) {
      a.transact(MasterFixture.SCHEMA);
      Peer.connect(uri).transact(Util.list(Util.list(Util.read(":db/add"), Util.read(":rebasis/database"),
          Util.read(":rebasis.db/group"), new UUID(5, 5)))).get();
      // The fixture's clock is far behind Datomic's: for it the group has only begun.
      assertThatThrownBy(() -> a.transact("[{:order/number \"A\"}]")).hasMessageContaining("group");
      a.clock.now = java.time.Instant.now().plusSeconds(60);
      assertThat(a.transact("[{:order/number \"A\"}]").transaction().datoms()).isNotEmpty();
      assertThat(a.broadcast.get(a.broadcast.size() - 1).t()).isEqualTo(a.master.forcedT());
    }
  }

  private static Intent grouped(Intent intent, UUID group, int index) {
    return new Intent(intent.id(), intent.seq(), intent.basisT(), intent.madeAt(), intent.forms(), intent.tempids(),
        Terms.NONE.withGroup(new Terms.Group(group, 2, index)));
  }

  @Test
  void backupsAreDatomicsOwnBusiness() {
    try (MasterFixture a = MasterFixture.datomic(uri)) {
      assertThatThrownBy(() -> a.master.archive(1, OutputStream.nullOutputStream()))
          .isInstanceOf(RebasisException.class).hasMessageContaining("backup-db");
    }
  }

  /** Two nodes with threads of their own, and the same transactions pushed to both: each counts once. */
  @RepeatedTest(5)
  void nodesThatWriteAtOnceDecideOneAfterTheOther() throws Exception {
    int pushes = 60;
    ExecutorService coreA = Executors.newSingleThreadExecutor();
    ExecutorService coreB = Executors.newSingleThreadExecutor();
    ExecutorService writerA = Executors.newSingleThreadExecutor();
    ExecutorService writerB = Executors.newSingleThreadExecutor();
    try (MasterFixture setup = MasterFixture.datomic(uri);
        MasterFixture a = MasterFixture.datomic(uri, coreA, writerA);
        MasterFixture b = MasterFixture.datomic(uri, coreB, writerB)) {
      setup.transact(MasterFixture.SCHEMA);
      long e = setup.transact("[{:db/id \"x\" :order/number \"A\"}]").tempids().get("x");
      long c1 = setup.client(1);
      long c2 = setup.client(2);
      long basis = setup.master.forcedT();
      long c3 = setup.client(3);
      CountDownLatch answered = new CountDownLatch(4 * pushes);
      List<PushOutcome> outcomes = new ArrayList<>();
      List<Intent> once = new ArrayList<>();
      for (int i = 1; i <= pushes; i++) {
        List<Intent> one = List.of(of(setup.intent(basis, "[[:db/add " + e + " :order/quantity " + i + "]]"), i));
        List<Intent> two = List.of(of(setup.intent(basis, "[[:db/add " + e + " :order/quantity " + 1000 * i + "]]"), i));
        List<Intent> both = List.of(of(setup.intent(basis, "[[:db/add " + e + " :order/tags :t" + i + "]]"), i));
        once.addAll(one);
        once.addAll(two);
        once.addAll(both);
        coreA.execute(() -> a.master.push(new Counted(c1, one, outcomes, answered)));
        coreB.execute(() -> b.master.push(new Counted(c2, two, outcomes, answered)));
        coreA.execute(() -> a.master.push(new Counted(c3, both, outcomes, answered)));
        coreB.execute(() -> b.master.push(new Counted(c3, both, outcomes, answered)));
      }
      assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(outcomes).hasSize(4 * pushes).allMatch(outcome -> outcome.kind().isCommitted());
      assertThat(outcomes).filteredOn(PushOutcome::duplicate).hasSize(pushes);
      look(setup);
      assertThat(setup.master.forcedT()).isEqualTo(Peer.connect(uri).db().basisT());
      datomic.Entity order = setup.master.database().entity(e);
      List<Object> written = new ArrayList<>();
      setup.master.transactionsAfter(basis, Integer.MAX_VALUE).forEach(one -> one.datoms().stream()
          .filter(datom -> datom.added() && datom.e() == e && datom.v() instanceof Long).forEach(datom -> written.add(datom.v())));
      assertThat(order.get(":order/quantity")).as("the last writer of %s", written).isIn((long) pushes, 1000L * pushes);
      assertThat(written).as("each write came, one after the other").hasSize(2 * pushes).doesNotHaveDuplicates();
      assertThat((java.util.Collection<?>) order.get(":order/tags")).hasSize(pushes);
      assertThat(once).allMatch(intent -> times(setup, intent.id()) == 1);
    } finally {
      for (ExecutorService executor : List.of(writerA, writerB, coreA, coreB)) {
        executor.shutdownNow();
      }
    }
  }

  /** What a push of a thread gets. */
  private static final class Counted implements Master.Push {
    private final long client;
    private final List<Intent> intents;
    private final List<PushOutcome> outcomes;
    private final CountDownLatch answered;

    Counted(long client, List<Intent> intents, List<PushOutcome> outcomes, CountDownLatch answered) {
      this.client = client;
      this.intents = intents;
      this.outcomes = outcomes;
      this.answered = answered;
    }

    @Override
    public long client() {
      return client;
    }

    @Override
    public String user() {
      return null;
    }

    @Override
    public List<Intent> intents() {
      return intents;
    }

    @Override
    public void decided(List<PushOutcome> more) {
      synchronized (outcomes) {
        outcomes.addAll(more);
      }
      more.forEach(one -> answered.countDown());
    }

    @Override
    public void refused(RebasisException reason) {
      throw reason;
    }
  }

  /** With another sequence number, for a client that other fixtures push for too. */
  private static Intent of(Intent intent, long seq) {
    return new Intent(new UUID(10 + intent.seq(), seq), seq, intent.basisT(), intent.madeAt(), intent.forms(), intent.tempids());
  }

  private static long times(MasterFixture f, UUID id) {
    return f.master.transactionsAfter(0, Integer.MAX_VALUE).stream().flatMap(one -> one.datoms().stream())
        .filter(datom -> datom.added() && id.equals(datom.v())).count();
  }

  private static void look(MasterFixture f) {
    ((DatomicMaster) f.master).lookAgain();
  }
}
