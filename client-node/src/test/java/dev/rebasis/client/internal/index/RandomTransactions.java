package dev.rebasis.client.internal.index;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.all;
import static dev.rebasis.client.internal.Samples.attribute;
import static dev.rebasis.client.internal.Samples.retract;
import static dev.rebasis.client.internal.Samples.tx;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Transactions as a server could send them, from a seed: assertions of facts that are not there, retractions of facts
 * that are (sometimes twice, as Datomic's log has them), replacement of single values, now and then a change of
 * {@code :db/index}. Keeps the naive model along. Confined to a test.
 */
public final class RandomTransactions {
  public static final long NAME = 72;
  public static final long AGE = 73;
  public static final long FRIEND = 74;
  public static final long TAG = 75;
  private static final int ENTITIES = 12;

  private final Random random;
  private final IndexModel model;
  private long t = 998;

  public RandomTransactions(long seed) {
    this.random = new Random(seed);
    this.model = new IndexModel();
  }

  public IndexModel model() {
    return model;
  }

  /** The schema, always the first. */
  public Transaction first() {
    return done(tx(1000, all(
        attribute(NAME, ":p/name", ValueType.STRING, "identity"),
        attribute(AGE, ":p/age", ValueType.LONG),
        attribute(FRIEND, ":p/friend", ValueType.REF, "many"),
        attribute(TAG, ":p/tag", ValueType.KEYWORD, "many", "index"))));
  }

  public Transaction next() {
    List<Object[]> datoms = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      long e = USER + 1001 + i * 100L + random.nextInt(ENTITIES);
      switch (random.nextInt(5)) {
        case 0 -> one(datoms, e, NAME, "n" + random.nextInt(30));
        case 1 -> one(datoms, e, AGE, (long) random.nextInt(5));
        case 2 -> many(datoms, e, FRIEND, USER + 1001 + random.nextInt(ENTITIES));
        case 3 -> many(datoms, e, TAG, Keyword.of(":tag/t" + random.nextInt(6)));
        default -> forget(datoms, e);
      }
    }
    if (random.nextInt(15) == 0) {
      flipIndex(datoms);
    }
    return done(tx(t + 2, datoms.toArray(new Object[0][])));
  }

  /** Asserts again what is current, also after it retracts it. */
  public Transaction nextOfKnown() {
    List<Object[]> datoms = new ArrayList<>();
    for (Datom datom : model.datoms(IndexOrder.AEVT, AGE)) {
      if (random.nextInt(3) == 0) {
        datoms.add(retract(datom.e(), AGE, datom.v()));
      }
      if (random.nextInt(3) == 0) {
        datoms.add(add(datom.e(), AGE, datom.v()));
        datoms.add(add(datom.e(), AGE, datom.v()));
      }
    }
    return done(tx(t + 2, datoms.toArray(new Object[0][])));
  }

  private Transaction done(Transaction transaction) {
    t = transaction.t();
    model.apply(transaction);
    return transaction;
  }

  private void one(List<Object[]> datoms, long e, long a, Object v) {
    List<Datom> before = model.datoms(IndexOrder.EAVT, e, a);
    if (before.stream().anyMatch(datom -> datom.v().equals(v))) {
      return;
    }
    datoms.add(add(e, a, v));
    before.forEach(datom -> datoms.add(retract(e, a, datom.v())));
  }

  private void many(List<Object[]> datoms, long e, long a, Object v) {
    boolean there = !model.datoms(IndexOrder.EAVT, e, a, v).isEmpty();
    datoms.add(there ? retract(e, a, v) : add(e, a, v));
  }

  private void forget(List<Object[]> datoms, long e) {
    for (Datom datom : model.datoms(IndexOrder.EAVT, e)) {
      datoms.add(retract(e, datom.a(), datom.v()));
      if (random.nextInt(4) == 0) {
        datoms.add(retract(e, datom.a(), datom.v()));
      }
    }
  }

  private void flipIndex(List<Object[]> datoms) {
    boolean indexed = !model.datoms(IndexOrder.EAVT, AGE, SystemIds.DB_INDEX).isEmpty();
    datoms.add(indexed ? retract(AGE, SystemIds.DB_INDEX, true) : add(AGE, SystemIds.DB_INDEX, true));
    datoms.add(add(SystemIds.DB_PART_DB, SystemIds.DB_ALTER_ATTRIBUTE, AGE));
  }
}
