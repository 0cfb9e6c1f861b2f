package dev.rebasis.client.internal.db;

import static dev.rebasis.client.internal.Samples.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.index.IndexModel;
import dev.rebasis.client.internal.index.RandomTransactions;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * The overlay and its merge with the index against a naive replay. Method: on random confirmed transactions, pending
 * ones are applied, reverted and confirmed in random order; after each step every order, range and place to seek, and
 * the schema, must be what replaying the pending datoms on naive sets gives. Pending transactions also make attributes
 * and change which are indexed.
 */
class DatabaseValuePropertyTest {
  private static final long NICK = -900;

  private Random random;
  private RandomTransactions confirmed;
  private DatomIndex index;
  private Overlay overlay;
  private final List<List<Datom>> pending = new ArrayList<>();
  private long localNumber;

  @Property(tries = 15)
  void readsLikeANaiveReplay(@ForAll long seed) {
    random = new Random(seed);
    confirmed = new RandomTransactions(seed);
    overlay = Overlay.EMPTY;
    pending.clear();
    localNumber = 1000;
    StoreFiles files = StoreFiles.inMemory();
    try (ClientLog log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids())) {
      index = DatomIndex.open(files, log);
      index.apply(List.of(confirmed.first(), confirmed.next(), confirmed.next(), confirmed.next()));
      for (int i = 0; i < 25; i++) {
        step();
        compare();
      }
      index.close();
    }
  }

  private void step() {
    switch (random.nextInt(6)) {
      case 0 -> revertFrom(random.nextInt(pending.size() + 1));
      case 1 -> confirmFirst();
      default -> applyNext();
    }
  }

  private IndexModel model() {
    return confirmed.model().with(pending);
  }

  private void applyNext() {
    IndexModel model = model();
    long tx = -localNumber++;
    List<Datom> datoms = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      long e = random.nextInt(3) == 0 ? -1 - i * 10L - random.nextInt(3) : USER + 1001 + i * 100L + random.nextInt(12);
      switch (random.nextInt(6)) {
        case 0 -> one(datoms, model, e, RandomTransactions.NAME, "n" + random.nextInt(30), tx);
        case 1 -> one(datoms, model, e, RandomTransactions.AGE, (long) random.nextInt(5), tx);
        case 2 -> flip(datoms, model, e, RandomTransactions.FRIEND, random.nextBoolean() ? -1L : USER + 1002, tx);
        case 3 -> flip(datoms, model, e, RandomTransactions.TAG, Keyword.of(":tag/t" + random.nextInt(6)), tx);
        case 4 -> one(datoms, model, e, NICK, "nick" + random.nextInt(3), tx);
        default -> model.datoms(IndexOrder.EAVT, e).forEach(d -> datoms.add(new Datom(e, d.a(), d.v(), tx, false)));
      }
    }
    if (random.nextInt(5) == 0) {
      flip(datoms, model, RandomTransactions.AGE, SystemIds.DB_INDEX, true, tx);
    }
    if (random.nextInt(5) == 0 && model.datoms(IndexOrder.EAVT, NICK).isEmpty()) {
      datoms.add(new Datom(NICK, SystemIds.DB_IDENT, Keyword.of(":p/nick"), tx, true));
      datoms.add(new Datom(NICK, SystemIds.DB_VALUE_TYPE, ValueType.STRING.id(), tx, true));
      datoms.add(new Datom(NICK, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_ONE, tx, true));
      datoms.add(new Datom(NICK, SystemIds.DB_UNIQUE, SystemIds.UNIQUE_IDENTITY, tx, true));
    }
    pending.add(datoms);
    overlay = overlay.apply(datoms, model().schema());
  }

  private static void one(List<Datom> datoms, IndexModel model, long e, long a, Object v, long tx) {
    List<Datom> before = model.datoms(IndexOrder.EAVT, e, a);
    if (model.schema().attribute(a) == null || before.stream().anyMatch(d -> d.v().equals(v))) {
      return;
    }
    before.forEach(d -> datoms.add(new Datom(e, a, d.v(), tx, false)));
    datoms.add(new Datom(e, a, v, tx, true));
  }

  private static void flip(List<Datom> datoms, IndexModel model, long e, long a, Object v, long tx) {
    datoms.add(new Datom(e, a, v, tx, model.datoms(IndexOrder.EAVT, e, a, v).isEmpty()));
  }

  private void revertFrom(int place) {
    for (int i = pending.size() - 1; i >= place; i--) {
      overlay = overlay.revert(pending.remove(i), model().schema());
    }
  }

  /** The server confirms the oldest pending transaction as it is; those after it stay in the overlay untouched. */
  private void confirmFirst() {
    if (pending.isEmpty()) {
      return;
    }
    List<Datom> leaving = pending.remove(0);
    long t = index.position() + 2;
    long tx = EntityIds.txOf(t);
    Transaction transaction = new Transaction(
        t, leaving.stream().map(d -> new Datom(d.e(), d.a(), d.v(), tx, d.added())).toList());
    confirmed.model().apply(transaction);
    index.apply(List.of(transaction));
    overlay = overlay.revert(leaving, model().schema());
  }

  private void compare() {
    DatabaseValue database =
        DatabaseValue.of(index.snapshot(), overlay, id -> id, index.position(), new QueryEngine());
    IndexModel model = model();
    assertThat(database.schema().attributes()).containsExactlyInAnyOrderElementsOf(model.schema().attributes());
    assertThat(overlay.isEmpty()).isEqualTo(pending.stream().allMatch(List::isEmpty));
    for (IndexOrder order : IndexOrder.values()) {
      List<Datom> expected = model.datoms(order);
      assertThat(database.datoms(order)).as("%s", order).containsExactlyElementsOf(expected);
      for (Datom datom : expected) {
        if (datom.a() >= RandomTransactions.NAME || datom.a() < 0) {
          compareAround(database, model, order, datom);
        }
      }
    }
  }

  private static void compareAround(DatabaseValue database, IndexModel model, IndexOrder order, Datom datom) {
    Object[] all = new Prefix(order, datom, 4).components();
    for (int length = 1; length <= 4; length++) {
      Object[] components = Arrays.copyOf(all, length);
      assertThat(database.datoms(order, components)).containsExactlyElementsOf(model.datoms(order, components));
    }
    assertThat(database.seek(order, all[0], all[1])).containsExactlyElementsOf(model.seek(order, all[0], all[1]));
    assertThat(database.estimate(order, all[0])).isPositive();
  }
}
