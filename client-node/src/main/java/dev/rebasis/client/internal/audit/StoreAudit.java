package dev.rebasis.client.internal.audit;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares a store with a naive replay: the index with the log, its four orders and their history with each other,
 * a value with the replay of its pending transactions, and local ids with the log. Reads everything: the cost grows with the store. Pure but for
 * what it reads.
 */
public final class StoreAudit {
  private static final int DIFFERENCES_MAX = 50;

  private final List<String> differences = new ArrayList<>();
  private final TreeSet<Datom> current = new TreeSet<>(FactOrder.of(IndexOrder.EAVT));
  private final TreeSet<Datom> history = new TreeSet<>(DatomOrder.EAVT);
  private final Set<Long> unsettled = new HashSet<>();
  private Schema schema = Schema.EMPTY;

  private StoreAudit() {}

  /**
   * Compares a snapshot of the index with the log.
   *
   * @param log the store's log; the caller must be the one that may use it now
   * @param snapshot of a T that the log holds
   * @return a sentence for each difference, at most 50; empty if there is none
   */
  public static List<String> differences(ClientLog log, IndexSnapshot snapshot) {
    return differences(log, snapshot, List.of());
  }

  /**
   * The same while the log may be ahead of the index: it forgets at once what a transaction withdraws, wherever that stood.
   *
   * @param unapplied what the log may hold already and the index does not; of the entities that this withdraws, or brings
   *     into the snapshot's own T, nothing is compared
   */
  public static List<String> differences(ClientLog log, IndexSnapshot snapshot, List<Transaction> unapplied) {
    StoreAudit audit = new StoreAudit();
    for (Transaction transaction : unapplied) {
      audit.unsettled.addAll(transaction.withdrawn());
      if (transaction.t() == snapshot.basisT()) {
        transaction.datoms().forEach(datom -> audit.unsettled.add(datom.e()));
      }
    }
    audit.apply(Bootstrap.datomsByT());
    log.transactionsAfter(0, transaction -> {
      if (transaction.t() <= snapshot.basisT()) {
        audit.withdraw(transaction.withdrawn());
        audit.apply(transaction.datoms());
      }
    });
    if (log.chainAt(snapshot.basisT()) == null) {
      audit.report("The index stands at T " + snapshot.basisT() + ", which the log does not hold.");
    }
    audit.compareSchema(snapshot.schema());
    for (IndexOrder order : IndexOrder.values()) {
      audit.compare(order.toString(), DatomOrder.of(order),
          audit.select(audit.current, order), snapshot.datoms(order).iterator());
      audit.compare("history of " + order, DatomOrder.of(order),
          audit.select(audit.history, order), snapshot.history(order).iterator());
    }
    return audit.differences;
  }

  /**
   * Compares a value with the replay of its pending transactions on its confirmed datoms.
   *
   * @param database the value
   * @param pending the datoms of each pending transaction that is in its overlay, in order
   * @return a sentence for each difference, at most 50; empty if there is none
   */
  public static List<String> differences(DatabaseValue database, List<List<Datom>> pending) {
    StoreAudit audit = new StoreAudit();
    database.snapshot().datoms(IndexOrder.EAVT).forEach(audit.current::add);
    audit.schema = database.snapshot().schema();
    pending.forEach(audit::apply);
    audit.compareSchema(database.schema());
    for (IndexOrder order : IndexOrder.values()) {
      audit.compare(order + " with pending", DatomOrder.of(order),
          audit.select(audit.current, order), database.datoms(order).iterator());
    }
    return audit.differences;
  }

  /**
   * Compares the local ids that a view resolves with the log.
   *
   * @param log the store's log
   * @param made those of a view; the log may know more by now
   * @return a sentence for each difference, at most 50; empty if there is none
   */
  public static List<String> differences(ClientLog log, MadeIds made) {
    StoreAudit audit = new StoreAudit();
    log.made((number, entity) -> {
      if (number <= 0 || entity < 0) {
        audit.report("The log says that the local number " + number + " became the entity " + entity
            + ", which cannot be.");
      } else if (made.isMade(-number) && made.resolve(-number) != entity) {
        audit.report("The local id " + -number + " stands for " + made.resolve(-number) + " and not, as in the log, for "
            + entity + ".");
      }
    });
    return audit.differences;
  }

  private void withdraw(List<Long> entities) {
    for (long e : entities) {
      current.removeIf(datom -> datom.e() == e && !SystemIds.isSchemaAttribute(datom.a()));
      history.removeIf(datom -> datom.e() == e && !SystemIds.isSchemaAttribute(datom.a()));
    }
  }

  private void apply(List<Datom> datoms) {
    schema = schema.with(datoms);
    for (Datom datom : datoms) {
      if (!datom.added()) {
        current.remove(datom);
        history.add(datom);
      } else if (current.add(datom)) {
        history.add(datom);
      }
    }
  }

  private List<Datom> select(TreeSet<Datom> from, IndexOrder order) {
    List<Datom> selected = new ArrayList<>();
    for (Datom datom : from) {
      Attribute attribute = schema.attribute(datom.a());
      boolean belongs = switch (order) {
        case EAVT, AEVT -> true;
        case AVET -> attribute != null && attribute.isInAvet();
        case VAET -> attribute != null && attribute.isRef();
      };
      if (belongs && !unsettled.contains(datom.e())) {
        selected.add(datom);
      }
    }
    selected.sort(DatomOrder.of(order));
    return selected;
  }

  /** Walks both, which are sorted, and reports what only one of them has. */
  private void compare(String what, Comparator<Datom> order, List<Datom> expected, Iterator<Datom> found) {
    int next = 0;
    while (found.hasNext()) {
      Datom datom = found.next();
      if (unsettled.contains(datom.e())) {
        continue;
      }
      while (next < expected.size() && order.compare(expected.get(next), datom) < 0) {
        report(what + " lacks " + expected.get(next++) + ".");
      }
      if (next < expected.size() && order.compare(expected.get(next), datom) == 0) {
        next++;
      } else {
        report(what + " has " + datom + ", which the replay does not give, or in another place.");
      }
    }
    while (next < expected.size()) {
      report(what + " lacks " + expected.get(next++) + ".");
    }
  }

  private void compareSchema(Schema found) {
    for (Attribute attribute : schema.attributes()) {
      if (!attribute.equals(found.attribute(attribute.id()))) {
        report("The schema has " + found.attribute(attribute.id()) + " instead of " + attribute + ".");
      }
    }
    for (Attribute attribute : found.attributes()) {
      if (schema.attribute(attribute.id()) == null) {
        report("The schema has " + attribute + ", which the replay does not give.");
      }
    }
  }

  private void report(String difference) {
    if (differences.size() < DIFFERENCES_MAX) {
      differences.add(difference);
    }
  }
}
