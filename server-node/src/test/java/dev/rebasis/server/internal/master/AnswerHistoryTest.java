package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.Guard;
import dev.rebasis.conflict.PremiseCheck;
import dev.rebasis.conflict.TimeLimit;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Terms.Premise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: who changed the answer of a premise is found with few questions, and given up, with a word about it in the record, when
 * time is up. Method: random histories on Datomic itself, compared with a look at each transaction.
 */
class AnswerHistoryTest {
  private static final Guard LIMITED = new TimeLimit(Runnable::run, Duration.ofSeconds(1));
  private static final String QUERY = "[:find (sum ?n) . :with ?e :where [?e :n ?n]]";

  private final String uri = MasterFixture.newUri();
  private Connection connection;
  private long item;

  @BeforeEach
  void open() throws Exception {
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
    transact("[{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}"
        + " {:db/ident :text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    item = transact("[{:db/ident :the/item :n 0}]");
  }

  @AfterEach
  void close() {
    connection.release();
    Peer.deleteDatabase(uri);
  }

  /** The T of what was transacted. */
  private long transact(String edn) throws Exception {
    Database after = (Database) connection.transact((List<?>) DatomicValues.toDatomic(Edn.read(edn)))
        .get().get(Connection.DB_AFTER);
    return after.basisT();
  }

  private static Object answer(Database database) {
    return Peer.query(QUERY, database);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theTurnIsFoundByHalves(long seed) throws Exception {
    Random random = new Random(seed);
    List<Long> ts = new ArrayList<>(List.of(item));
    int count = 2 + random.nextInt(300);
    for (int i = 0; i < count; i++) {
      ts.add(random.nextInt(8) > 0 ? transact("[{:text \"t" + i + "\"} {:text \"u" + i + "\"}]")
          : transact("[[:db/add :the/item :n " + random.nextInt(3) + "]]"));
    }
    Database now = connection.db();
    Object present = answer(now);
    int[] asked = {0};
    OptionalLong found = AnswerHistory.lastTurn(now, item, (past, limit) -> {
      asked[0]++;
      assertThat(limit).isEqualTo(1_000);
      return answer(past).equals(present);
    }, () -> 1_000);

    List<Long> turns = new ArrayList<>();
    for (int i = 1; i < ts.size(); i++) {
      if (answer(now.asOf(ts.get(i))).equals(present) && !answer(now.asOf(ts.get(i - 1))).equals(present)) {
        turns.add(EntityIds.txOf(ts.get(i)));
      }
    }
    boolean atTheBeginning = answer(now.asOf(item)).equals(present);
    assertThat(found).isPresent();
    if (atTheBeginning) {
      assertThat(found.getAsLong()).isZero();
    } else {
      assertThat(turns).contains(found.getAsLong());
    }
    int halves = 64 - Long.numberOfLeadingZeros(now.basisT() - item);
    assertThat(asked[0]).as("questions for %s Ts", now.basisT() - item).isLessThanOrEqualTo(halves + 1)
        .isLessThanOrEqualTo(AnswerHistory.QUESTIONS_MAX);
  }

  @Test
  void noQuestionIsAskedWhenTimeIsUp() throws Exception {
    for (int i = 1; i < 40; i++) {
      transact("[[:db/add :the/item :n " + i + "]]");
    }
    long[] left = {300};
    int[] asked = {0};
    OptionalLong found = AnswerHistory.lastTurn(connection.db(), item, (past, limit) -> {
      assertThat(limit).isEqualTo(left[0]);
      left[0] -= 100;
      asked[0]++;
      return false;
    }, () -> left[0]);
    assertThat(found).isEmpty();
    assertThat(asked[0]).isEqualTo(3);
  }

  /** The premise that the sum is what it was as of the item, while the clock says this. */
  private PremiseCheck.Broken broken(LongSupplier millis, String query) {
    Database now = connection.db();
    Premise premise = new Premise(Edn.read(query), List.of(), "");
    return new ServerPremises(now, item, tx -> tx > 0, () -> now.asOf(item), millis, LIMITED)
        .check(premise, new Nothing(), id -> id);
  }

  @Test
  void theRecordNamesTheWriterOrSaysThatNobodyWasSearchedFor() throws Exception {
    transact("[{:text \"before\"}]");
    long turn = EntityIds.txOf(transact("[[:db/add :the/item :n 5]]"));
    transact("[{:text \"after\"}]");
    PremiseCheck.Broken found = broken(() -> 0, QUERY);
    assertThat(found.then()).isEqualTo(0L);
    assertThat(found.now()).isEqualTo(5L);
    assertThat(found.remoteTx()).isEqualTo(turn);
    assertThat(found.note()).isNull();

    long[] clock = {0};
    PremiseCheck.Broken late = broken(() -> clock[0] += 299, QUERY);
    assertThat(late.now()).as("it is broken all the same").isEqualTo(5L);
    assertThat(late.remoteTx()).isZero();
    assertThat(late.note()).isEqualTo(ServerPremises.UNSEARCHED);
  }

  @Test
  void aQueryThatFailsOnAnEarlierValueIsBrokenAllTheSame() throws Exception {
    String query = "[:find ?x . :where [:the/item :n ?n] [(quot 10 ?n) ?x]]";
    long two = transact("[[:db/add :the/item :n 5]]");
    transact("[[:db/add :the/item :n 2]]");
    Database now = connection.db();
    assertThatThrownBy(() -> Peer.query(query, now.asOf(item))).as("division by 0").isInstanceOf(Exception.class);
    PremiseCheck.Broken broken = new ServerPremises(now, item, tx -> tx > 0, () -> now.asOf(two), () -> 0, LIMITED)
        .check(new Premise(Edn.read(query), List.of(), ""), new Nothing(), id -> id);
    assertThat(broken.then()).isEqualTo(2L);
    assertThat(broken.now()).isEqualTo(5L);
    assertThat(broken.remoteTx()).isZero();
    assertThat(broken.note()).isEqualTo(ServerPremises.UNSEARCHED);
  }

  /** The server's premises are answered by Datomic and not by the view. */
  private static final class Nothing implements FactView {
    @Override
    public Schema schema() {
      throw new AssertionError("nobody looks at it");
    }

    @Override
    public Iterable<Datom> datoms(IndexOrder order, Object... components) {
      throw new AssertionError("nobody looks at it");
    }
  }
}
