package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Connection;
import datomic.Database;
import datomic.Log;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.OutcomeKind;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: what Datomic has excised from a shared database is told to every node and every client, once, and not before it is gone.
 * Method: two nodes on a {@code datomic:mem}, which takes requests and keeps the facts; a connection in front of it hides from
 * index and log what a transactor would have taken away, from when the test says so.
 */
class SharedExcisionTest {
  private final String uri = MasterFixture.newUri();
  private volatile boolean carriedOut;
  /** What was asked for when Datomic indexed. */
  private volatile Set<?> taken = Set.of();
  private volatile boolean askedToIndex;
  /** Done when Datomic has indexed; null if that takes no time. */
  private volatile CompletableFuture<Object> indexing;
  private long secret;
  private Connection memory;
  private Connection connection;

  @BeforeEach
  void begin() {
    Peer.createDatabase(uri);
    memory = Peer.connect(uri);
    connection = excising(memory);
  }

  private void carryOut() {
    taken = ((Collection<?>) Peer.query("[:find [?e ...] :where [_ :db/excise ?e]]", memory.db())).stream().collect(Collectors.toSet());
    carriedOut = true;
  }

  private Connection excising(Connection memory) {
    return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Connection.class},
        (proxy, method, args) -> switch (method.getName()) {
          case "db" -> carriedOut ? memory.db().filter((Database.Predicate<datomic.Datom>) (db, datom) -> !goes(datom)) : memory.db();
          case "log" -> carriedOut ? withoutSecrets(memory.log()) : memory.log();
          case "requestIndex" -> {
            askedToIndex = true;
            yield true;
          }
          case "syncExcise" -> indexing == null ? memory.sync() : TransactorAwayTest.datomics(indexing);
          default -> passedOn(memory, method, args);
        });
  }

  private static Object passedOn(Object to, java.lang.reflect.Method method, Object[] args) throws Throwable {
    try {
      return method.invoke(to, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private boolean goes(datomic.Datom datom) {
    Keyword attribute = DatomicValues.keyword((clojure.lang.Keyword) memory.db().ident(datom.a()));
    return ExcisedRecords.isRecord(attribute) ? taken.contains(datom.e())
        : datom.v() instanceof String text && text.contains("secret");
  }

  @SuppressWarnings("unchecked")
  private Log withoutSecrets(Log log) {
    return (Log) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, args) -> {
      List<Map<?, ?>> entries = new ArrayList<>();
      for (Map<?, ?> entry : (Iterable<Map<?, ?>>) passedOn(log, method, args)) {
        Map<Object, Object> left = new HashMap<>(entry);
        List<Object> data = new ArrayList<>();
        ((Iterable<?>) entry.get(Log.DATA)).forEach(datom -> {
          if (!goes((datomic.Datom) datom)) {
            data.add(datom);
          }
        });
        left.put(Log.DATA, data);
        entries.add(left);
      }
      return entries;
    });
  }

  private MasterFixture node() {
    InlineExecutor inline = new InlineExecutor();
    return MasterFixture.datomic(uri, inline, inline, connection);
  }

  private static MasterFixture.Result<Excisions.Begun> begin(MasterFixture node) {
    MasterFixture.Result<Excisions.Begun> begun = new MasterFixture.Result<>();
    ((DatomicMaster) node.master).excisions().begin(begun);
    return begun;
  }

  /** As an operator's request does. */
  private static MasterFixture.Result<Long> excise(MasterFixture node) {
    Excisions.Begun begun = begin(node).get();
    begun.await();
    MasterFixture.Result<Long> done = new MasterFixture.Result<>();
    ((DatomicMaster) node.master).excisions().end(begun, done);
    return done;
  }

  private static boolean tells(Master master, String text) {
    List<Transaction> all = new ArrayList<>(master.transactionsAfter(0, Integer.MAX_VALUE));
    master.missingAfter(0).transactions().forEach(all::add);
    return all.stream().flatMap(one -> one.datoms().stream()).anyMatch(datom -> String.valueOf(datom.v()).contains(text));
  }

  private static long count(Master master, String query) {
    Object count = Peer.query(query, master.database());
    return count == null ? 0 : ((Number) count).longValue();
  }

  private static final String MARKED = "[:find (count ?e) . :where [?e :rebasis/excised true]]";
  private static final String DONE = "[:find (count ?e) . :where [?e :rebasis.excision/done true]]";

  @Test
  void bothNodesAndAllClientsBeginAnewOnceNothingIsLeft() {
    try (MasterFixture one = node(); MasterFixture two = node()) {
      List<String> told = new ArrayList<>();
      ((DatomicMaster) one.master).onExcised(() -> told.add("one"));
      ((DatomicMaster) two.master).onExcised(() -> told.add("two"));
      one.transact(MasterFixture.SCHEMA);
      secret = one.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"secret\"}]").tempids().get("x");
      long kept = one.transact("[{:db/id \"x\" :order/number \"B\" :order/note \"open\"}]").tempids().get("x");
      one.transact("[[:db/add " + secret + " :order/note \"secret again\"]]");
      one.transact("[{:db/id \"r\" :db/excise " + secret + " :db.excise/attrs [:order/note]}]");
      assertThat(count(one.master, MARKED)).as("the entity, and the two transactions that say something about it").isEqualTo(3);
      assertThat(one.master.database().entity(kept).get(":rebasis/excised")).isNull();

      MasterFixture.Result<Long> early = excise(two);
      assertThat(askedToIndex).isTrue();
      assertThat(early.refused.code()).isEqualTo(Keyword.of(":rebasis.error/not-excised-yet"));
      ((DatomicMaster) one.master).excisions().look();
      assertThat(told).isEmpty();
      assertThat(one.master.forks()).isEmpty();

      carryOut();
      assertThat(excise(two).get()).isEqualTo(1);
      ((DatomicMaster) one.master).lookAgain();
      assertThat(told).containsExactly("two", "one");
      assertThat(one.master.forks()).hasSize(1).allMatch(fork -> fork.isExcision() && fork.t() == 0);
      assertThat(count(one.master, DONE)).isEqualTo(1);

      ((DatomicMaster) one.master).excisions().look();
      ((DatomicMaster) two.master).excisions().look();
      assertThat(two.master.forks()).as("told once").hasSize(1);
    }
    try (MasterFixture again = node()) {
      assertThat(tells(again.master, "secret")).as("a node that begins anew has none of it").isFalse();
      assertThat(tells(again.master, "open")).isTrue();
      assertThat(again.master.forks()).hasSize(1);
    }
  }

  @Test
  void whatIsWrittenWhileDatomicIndexesDoesNotWaitForIt() {
    indexing = new CompletableFuture<>();
    try (MasterFixture one = node()) {
      one.transact(MasterFixture.SCHEMA);
      secret = one.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"secret\"}]").tempids().get("x");
      one.transact("[{:db/excise " + secret + " :db.excise/attrs [:order/note]}]");
      Excisions.Begun begun = begin(one).get();
      assertThat(askedToIndex).isTrue();
      assertThat(begun.indexed().isDone()).isFalse();
      assertThat(one.push(one.client(1), one.intent(one.master.forcedT(), "[{:db/id \"b\" :order/number \"B\"}]", "b")).only().kind())
          .isEqualTo(OutcomeKind.ACCEPTED);

      carryOut();
      ((DatomicMaster) one.master).excisions().look();
      assertThat(one.master.forks()).as("found without the operator, who waits still").hasSize(1);
      indexing.complete(null);
      begun.await();
      MasterFixture.Result<Long> done = new MasterFixture.Result<>();
      ((DatomicMaster) one.master).excisions().end(begun, done);
      assertThat(done.get()).as("is told all the same how many there were").isEqualTo(1);
      assertThat(one.master.forks()).hasSize(1);
    }
  }

  @Test
  void aRequestThatCameBesideTheNodesIsFoundAndNothingIsAskedTwice() throws Exception {
    try (MasterFixture one = node()) {
      one.transact(MasterFixture.SCHEMA);
      secret = one.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"secret\"}]").tempids().get("x");
      connection.transact(List.of(Util.map(Util.read(":db/id"), "r", Util.read(":db/excise"), Util.read(":order/note")))).get();
      DatomicMaster master = (DatomicMaster) one.master;
      master.lookAgain();
      long marked = count(master, MARKED);
      assertThat(marked).isEqualTo(2);
      long t = master.forcedT();
      master.excisions().look();
      assertThat(master.forcedT()).as("what is marked is not marked again").isEqualTo(t);
      carryOut();
      master.excisions().look();
      assertThat(count(master, DONE)).isEqualTo(1);
    }
  }

  @Test
  void whatWasCarriedOutWhileNoNodeRanIsToldAsUnknown() throws Exception {
    long request;
    try (MasterFixture one = node()) {
      one.transact(MasterFixture.SCHEMA);
      secret = one.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"secret\"}]").tempids().get("x");
    }
    connection.transact(List.of(Util.map(Util.read(":db/id"), "r", Util.read(":db/excise"), Util.read(":order/note")))).get();
    carryOut();
    try (MasterFixture again = node()) {
      ((DatomicMaster) again.master).excisions().look();
      request = (Long) Peer.query("[:find ?r . :where [?r :db/excise]]", again.master.database());
      assertThat(again.master.database().entity(request).get(":rebasis/excised")).as("nobody knows what it was about").isEqualTo(true);
      assertThat(count(again.master, MARKED)).isEqualTo(1);
      assertThat(count(again.master, DONE)).isEqualTo(1);
      assertThat(again.master.forks()).hasSize(1).allMatch(fork -> fork.isExcision());
      long t = again.master.forcedT();
      ((DatomicMaster) again.master).excisions().look();
      assertThat(again.master.forcedT()).as("told once").isEqualTo(t);
    }
  }

  @Test
  void whatANodeHasNotedIsKnownHoweverLateItIsCarriedOut() {
    try (MasterFixture one = node()) {
      one.transact(MasterFixture.SCHEMA);
      secret = one.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"secret\"}]").tempids().get("x");
      one.transact("[{:db/id \"r\" :db/excise :order/note}]");
      assertThat(count(one.master, MARKED)).as("the entity and its transaction").isEqualTo(2);
      assertThat(count(one.master, "[:find (count ?e) . :where [?e :rebasis.excision/done false]]")).isEqualTo(1);
    }
    carryOut();
    try (MasterFixture again = node()) {
      ((DatomicMaster) again.master).excisions().look();
      assertThat(count(again.master, MARKED)).as("still these two").isEqualTo(2);
      assertThat(count(again.master, DONE)).isEqualTo(1);
    }
  }

  /** Two write to the same place without having seen each other: the record says what stood there on their base. */
  private static void meet(MasterFixture node, long basisT, long entity, int round) {
    for (int client = 1; client <= 2; client++) {
      assertThat(node.push(node.client(client), node.intent(basisT, "[[:db/add " + entity + " :order/note \"" + client + " in round "
          + round + "\"]]")).only().kind().isCommitted()).isTrue();
    }
  }

  @Test
  void whatIsRecordedBetweenTheRequestAndItsEndIsAskedForToo() {
    String requests = "[:find (count ?r) . :where [?r :db/excise]]";
    try (MasterFixture one = node()) {
      DatomicMaster master = (DatomicMaster) one.master;
      one.transact(MasterFixture.SCHEMA);
      secret = one.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"secret\"}]").tempids().get("x");
      long basisT = master.forcedT();
      one.transact("[{:db/excise " + secret + " :db.excise/attrs [:order/note]}]");
      meet(one, basisT, secret, 1);
      long records = count(master, "[:find (count ?c) . :where [?c :rebasis.conflict/entity]]");
      assertThat(records).isPositive();
      master.excisions().look();
      assertThat(count(master, requests)).isEqualTo(1 + records);

      meet(one, basisT, secret, 2);
      long more = count(master, "[:find (count ?c) . :where [?c :rebasis.conflict/entity]]");
      assertThat(more).isGreaterThan(records);
      carryOut();
      master.excisions().look();
      assertThat(count(master, requests)).as("the newest, too late for that index").isEqualTo(1 + more);
      assertThat(count(master, DONE)).isZero();
      assertThat(one.master.forks()).isEmpty();

      meet(one, basisT, secret, 3);
      carryOut();
      master.excisions().look();
      assertThat(count(master, requests)).as("what comes when the facts are gone is not waited for").isEqualTo(1 + more);
      assertThat(count(master, DONE)).isEqualTo(1 + more);
      assertThat(one.master.forks()).hasSize(1);
    }
  }
}
