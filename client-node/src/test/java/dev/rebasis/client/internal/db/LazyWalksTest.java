package dev.rebasis.client.internal.db;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.all;
import static dev.rebasis.client.internal.Samples.attribute;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.QueryPlan;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Goal: what is not asked for is not read. Method: a snapshot that counts the datoms that it hands out lies under a value;
 * ten elements of each walk are taken, and about as many datoms may have been read, although thousands lie in the range.
 * Each walk is taken over confirmed datoms alone, with pending ones merged in, while a pending transaction changes the
 * schema, and through each view.
 */
class LazyWalksTest {
  private static final int ENTITIES = 3_000;
  private static final int TAKEN = 10;
  /** Each source of a merge looks one datom ahead; a walk stands where it begins. */
  private static final int READ_MAX = 3 * TAKEN;
  private static final long N = 72;
  private static final long HAS = 73;
  private static final long LATER = 74;
  private static final long ROOT = USER;
  private static final long PENDING_TX = -8;

  private static ClientLog log;
  private static DatomIndex index;

  @BeforeAll
  static void fill() {
    StoreFiles files = StoreFiles.inMemory();
    log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    index = DatomIndex.open(files, log);
    List<Object[]> facts = new ArrayList<>();
    for (long i = 1; i <= ENTITIES; i++) {
      facts.add(add(USER + i, N, i));
      facts.add(add(USER + i, LATER, -i));
      facts.add(add(ROOT, HAS, USER + i));
    }
    index.apply(List.of(
        tx(1000, all(attribute(N, ":p/n", ValueType.LONG, "index"), attribute(HAS, ":p/has", ValueType.REF, "many"),
            attribute(LATER, ":p/later", ValueType.LONG))),
        tx(1002, facts.toArray(new Object[0][]))));
  }

  @AfterAll
  static void close() {
    index.close();
    log.close();
  }

  /** Pulls nothing, so that only the walk counts. */
  private static final class NoQueries implements Queries {
    @Override
    public Object query(Object query, List<?> inputs) {
      throw new UnsupportedOperationException();
    }

    @Override
    public QueryPlan explain(Object query, List<?> inputs) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name) {
      return Map.of(pattern, e);
    }
  }

  private static Map<String, Overlay> overlays() {
    Schema schema = index.snapshot().schema();
    Map<String, Overlay> overlays = new LinkedHashMap<>();
    overlays.put("confirmed", Overlay.EMPTY);
    overlays.put("with pending", Overlay.EMPTY.apply(List.of(
        new Datom(USER + 1_501, N, 1_501L, PENDING_TX, false), new Datom(USER + 1_501, N, -1L, PENDING_TX, true),
        new Datom(-7, N, 1_502L, PENDING_TX, true)), schema));
    overlays.put("with a pending index", Overlay.EMPTY.apply(List.of(
        new Datom(LATER, SystemIds.DB_INDEX, true, PENDING_TX, true), new Datom(-7, N, 1_502L, PENDING_TX, true)), schema));
    return overlays;
  }

  private static Map<String, Function<Database, Database>> views() {
    Map<String, Function<Database, Database>> views = new LinkedHashMap<>();
    views.put("itself", db -> db);
    views.put("asOf", db -> db.asOf(1_002));
    views.put("since", db -> db.since(1_000));
    views.put("history", Database::history);
    views.put("filter", db -> db.filter((all, datom) -> datom.e() % 2 == 0));
    return views;
  }

  private static Map<String, Function<Database, Stream<?>>> walks() {
    Map<String, Function<Database, Stream<?>>> walks = new LinkedHashMap<>();
    walks.put("datoms EAVT", db -> stream(db.datoms(IndexOrder.EAVT, ROOT)));
    walks.put("datoms AEVT", db -> stream(db.datoms(IndexOrder.AEVT, N)));
    walks.put("datoms AVET", db -> stream(db.datoms(IndexOrder.AVET, N)));
    walks.put("seekDatoms EAVT", db -> stream(db.seekDatoms(IndexOrder.EAVT, USER + 1_500)));
    walks.put("seekDatoms AEVT", db -> stream(db.seekDatoms(IndexOrder.AEVT, N, USER + 1_500)));
    walks.put("seekDatoms AVET", db -> stream(db.seekDatoms(IndexOrder.AVET, N, 1_500L)));
    walks.put("seekDatoms VAET", db -> stream(db.seekDatoms(IndexOrder.VAET, USER + 1_500)));
    walks.put("rseekDatoms AEVT", db -> stream(db.rseekDatoms(IndexOrder.AEVT, N, USER + 1_500)));
    walks.put("rseekDatoms AVET", db -> stream(db.rseekDatoms(IndexOrder.AVET, N, 1_500L)));
    walks.put("indexRange", db -> stream(db.indexRange(N, 1_500L, 2_900L)));
    return walks;
  }

  private static Map<String, Function<Database, Stream<?>>> pulls() {
    Map<String, Function<Database, Stream<?>>> pulls = new LinkedHashMap<>();
    pulls.put("indexPull AVET",
        db -> db.indexPull("{:index :avet :selector [:p/n] :start [:p/n 1500]}"));
    pulls.put("indexPull AVET backwards",
        db -> db.indexPull("{:index :avet :selector [:p/n] :start [:p/n 1500] :reverse true}"));
    pulls.put("indexPull AEVT", db -> db.indexPull("{:index :aevt :selector [:p/n] :start [:p/has " + ROOT + "]}"));
    return pulls;
  }

  private static Stream<Datom> stream(Iterable<Datom> datoms) {
    return StreamSupport.stream(datoms.spliterator(), false);
  }

  @TestFactory
  Stream<DynamicTest> tenOfThousandsCostTen() {
    List<DynamicTest> tests = new ArrayList<>();
    overlays().forEach((how, overlay) -> views().forEach((view, make) -> {
      walks().forEach((walk, begin) -> tests.add(test(walk + " of " + view + ", " + how, overlay, make, begin)));
      if (!view.equals("history")) {
        pulls().forEach((pull, begin) -> tests.add(test(pull + " of " + view + ", " + how, overlay, make, begin)));
      }
    }));
    return tests.stream();
  }

  private static DynamicTest test(
      String name, Overlay overlay, Function<Database, Database> view, Function<Database, Stream<?>> walk) {
    return DynamicTest.dynamicTest(name, () -> {
      CountedSnapshot counted = new CountedSnapshot(index.snapshot());
      Database db = view.apply(DatabaseValue.of(counted, overlay, MadeIds.NONE, 1_002, new NoQueries()));
      counted.readSince();
      Stream<?> begun = walk.apply(db);
      int begin = counted.readSince();
      assertThat(begin).as("read before anything is asked for").isLessThanOrEqualTo(TAKEN);
      assertThat(begun.limit(TAKEN)).hasSize(TAKEN);
      assertThat(begin + counted.readSince()).as("read for " + TAKEN).isLessThanOrEqualTo(READ_MAX);
    });
  }
}
