package dev.rebasis.client.internal.db;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.all;
import static dev.rebasis.client.internal.Samples.attribute;
import static dev.rebasis.client.internal.Samples.retract;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: an index by value that only a pending transaction made costs one sort, not one for each look-up, and answers like
 * one that is confirmed. Method: the datoms that are read of the confirmed snapshot are counted while the same attribute is
 * looked up, queried and upserted by many times; its walks are compared with those of an equal attribute that the confirmed
 * index holds by value.
 */
class LateOrderTest {
  private static final int ENTITIES = 2_000;
  private static final int LOOK_UPS = 300;
  /** What a look-up, a query or an upsert may read beside: entities and schema. */
  private static final int READ_FOR_EACH = 20;
  private static final long LATE = 72;
  private static final long EARLY = 73;

  private ClientLog log;
  private DatomIndex index;

  @BeforeEach
  void fill() {
    StoreFiles files = StoreFiles.inMemory();
    log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    index = DatomIndex.open(files, log);
    List<Object[]> facts = new ArrayList<>();
    for (long i = 1; i <= ENTITIES; i++) {
      facts.add(add(USER + i, LATE, i * 7 % ENTITIES));
      facts.add(add(USER + i, EARLY, i * 7 % ENTITIES));
    }
    index.apply(List.of(
        tx(1000, all(attribute(LATE, ":p/late", ValueType.LONG), attribute(EARLY, ":p/early", ValueType.LONG, "identity"))),
        tx(1002, facts.toArray(new Object[0][]))));
  }

  @AfterEach
  void close() {
    index.close();
    log.close();
  }

  private static Database withPendingIndex(IndexSnapshot confirmed) {
    return DatabaseValue.of(confirmed, Overlay.EMPTY, MadeIds.NONE, 1_002, new QueryEngine())
        .with("[[:db/add :p/late :db/index true] [:db/add :p/late :db/unique :db.unique/identity]]").after();
  }

  @Test
  void manyLookUpsSortOnce() {
    CountedSnapshot counted = new CountedSnapshot(index.snapshot());
    Database db = withPendingIndex(counted);
    counted.readSince();
    for (long i = 0; i < LOOK_UPS; i++) {
      assertThat(db.datoms(IndexOrder.AVET, LATE, i * 5)).hasSize(1);
      Object found = db.query("[:find ?e . :in $ ?n :where [?e :p/late ?n]]", i * 5);
      assertThat(found).isNotNull();
    }
    assertThat(counted.readSince()).as("datoms read")
        .isBetween(ENTITIES, ENTITIES + 2 * LOOK_UPS * READ_FOR_EACH);
  }

  @Test
  void manyUpsertsSortOnce() {
    CountedSnapshot counted = new CountedSnapshot(index.snapshot());
    Database db = withPendingIndex(counted);
    counted.readSince();
    for (int i = 0; i < LOOK_UPS; i++) {
      db = db.with("[{:p/late " + i * 5 + " :p/early " + (ENTITIES + i) + "}]").after();
    }
    assertThat(counted.readSince()).as("datoms read").isBetween(ENTITIES, ENTITIES + LOOK_UPS * READ_FOR_EACH);
    assertThat(db.datoms(IndexOrder.AVET, LATE)).as("nobody new").hasSize(ENTITIES);
  }

  @Test
  void lookingBackBehindADroppedIndexSortsOnce() {
    index.apply(List.of(tx(1004, retract(EARLY, SystemIds.DB_UNIQUE, SystemIds.UNIQUE_IDENTITY))));
    CountedSnapshot counted = new CountedSnapshot(index.snapshot());
    IndexSnapshot then = SnapshotAt.of(counted, 1_002);
    IndexSnapshot other = SnapshotAt.of(counted, 1_002);
    counted.readSince();
    for (long i = 0; i < LOOK_UPS; i++) {
      Scan one = Scan.of(Prefix.of(IndexOrder.AVET, EARLY, i * 5));
      assertThat(then.scan(one)).extracting(Datom::v).containsExactly(i * 5);
      assertThat(other.scan(one)).as("another that looks back").hasSize(1);
    }
    assertThat(counted.readSince()).as("datoms read").isBetween(ENTITIES, ENTITIES + 2 * LOOK_UPS * READ_FOR_EACH);
  }

  @Test
  void walksBehindADroppedIndexAreThoseOfThen() {
    index.apply(List.of(tx(1004, attribute(LATE + 5, ":p/later", ValueType.LONG, "identity")),
        tx(1006, add(USER + 4, LATE + 5, 7L), add(USER + 3, LATE + 5, 9L))));
    IndexSnapshot then = index.snapshot();
    index.apply(List.of(tx(1008, retract(EARLY, SystemIds.DB_UNIQUE, SystemIds.UNIQUE_IDENTITY),
        retract(LATE + 5, SystemIds.DB_UNIQUE, SystemIds.UNIQUE_IDENTITY), add(USER + 9, LATE + 5, 8L))));
    IndexSnapshot seen = SnapshotAt.of(index.snapshot(), 1_006);
    for (boolean backwards : List.of(false, true)) {
      for (boolean toEnd : List.of(false, true)) {
        for (Prefix range : List.of(Prefix.of(IndexOrder.AVET), Prefix.of(IndexOrder.AVET, EARLY), Prefix.of(IndexOrder.AVET, LATE),
            Prefix.of(IndexOrder.AVET, EARLY, 700L), Prefix.of(IndexOrder.AVET, LATE + 5, 8L), Prefix.of(IndexOrder.AVET, LATE + 5))) {
          for (boolean history : List.of(false, true)) {
            Scan scan = new Scan(range, toEnd, history, backwards);
            assertThat(seen.scan(scan)).as(scan.toString()).containsExactlyElementsOf(then.scan(scan));
          }
        }
      }
    }
  }

  @Test
  void valuesOfOneSnapshotShareTheOrder() {
    IndexSnapshot snapshot = index.snapshot();
    assertThat(snapshot.lateOrder()).isSameAs(snapshot.lateOrder());
  }

  @Test
  void walksAreThoseOfAConfirmedIndex() {
    index.apply(List.of(tx(1004, retract(USER + 1, LATE, 7L), retract(USER + 1, EARLY, 7L))));
    Database db = withPendingIndex(index.snapshot());
    for (long n : List.of(-4L, 700_000L, -2L)) { // pending facts among the others, and what they replace
      db = db.with("[{:db/id " + (USER + 3) + " :p/late " + n + " :p/early " + n + "} {:db/id \"new" + n + "\" :p/late "
          + (n - 1) + " :p/early " + (n - 1) + "}]").after();
    }
    List<Function<Database, Database>> views = List.of(
        now -> now, Database::history, now -> now.asOf(1_002), now -> now.since(1_002), now -> now.history().asOf(1_002));
    for (Function<Database, Database> view : views) {
      Database seen = view.apply(db);
      for (long from : List.of(-5L, 0L, 7L, 700L, 1_999L, 2_000L)) {
        assertSame(seen.datoms(IndexOrder.AVET, LATE, from), seen.datoms(IndexOrder.AVET, EARLY, from));
        assertSame(seen.seekDatoms(IndexOrder.AVET, LATE, from), seen.seekDatoms(IndexOrder.AVET, EARLY, from));
        assertSame(seen.rseekDatoms(IndexOrder.AVET, LATE, from), seen.rseekDatoms(IndexOrder.AVET, EARLY, from));
        assertSame(seen.indexRange(LATE, from, from + 10), seen.indexRange(EARLY, from, from + 10));
      }
      assertSame(seen.datoms(IndexOrder.AVET, LATE), seen.datoms(IndexOrder.AVET, EARLY));
      assertSame(seen.rseekDatoms(IndexOrder.AVET, LATE), seen.rseekDatoms(IndexOrder.AVET, EARLY));
    }
  }

  private static void assertSame(Iterable<Datom> late, Iterable<Datom> early) {
    assertThat(facts(late, LATE)).isEqualTo(facts(early, EARLY));
  }

  private static List<List<Object>> facts(Iterable<Datom> datoms, long attribute) {
    return StreamSupport.stream(datoms.spliterator(), false).takeWhile(datom -> datom.a() == attribute)
        .map(datom -> List.of(datom.e(), datom.v(), datom.tx(), datom.added())).toList();
  }
}
