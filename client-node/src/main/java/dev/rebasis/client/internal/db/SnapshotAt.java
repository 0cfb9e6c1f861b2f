package dev.rebasis.client.internal.db;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The confirmed datoms as the index held them at an earlier T, read from the history of a newer snapshot, with the schema
 * of then. Where {@code asOf} shows old facts by the schema of now, as Datomic does, this is what a client had that stood
 * at that T, for those who decide or read as it did. Immutable; threads may share it as they may the newer one.
 */
public final class SnapshotAt implements IndexSnapshot {
  private final IndexSnapshot newest;
  private final long t;
  /** What came later is not shown; what every database begins with is there at T 0 already. */
  private final long until;
  private final Schema schema;
  /** Attributes whose values were in order then, and are not now. */
  private final NavigableSet<Long> dropped;
  /** Attributes whose values are in order now, and were not then. */
  private final Set<Long> added;
  private final LateOrder lateOrder = new LateOrder(this);

  private SnapshotAt(IndexSnapshot newest, long t, Schema schema) {
    this.newest = newest;
    this.t = t;
    this.until = untilOf(t);
    this.schema = schema;
    this.dropped = new TreeSet<>(onlyIn(schema, newest.schema()));
    this.added = onlyIn(newest.schema(), schema);
  }

  private static long untilOf(long t) {
    return Math.max(t, Bootstrap.BASIS_T);
  }

  private static Set<Long> onlyIn(Schema one, Schema other) {
    if (one == other) {
      return Set.of();
    }
    return one.attributes().stream().filter(attribute -> isInAvet(one, attribute.id()))
        .map(Attribute::id).filter(a -> !isInAvet(other, a)).collect(Collectors.toUnmodifiableSet());
  }

  private static boolean isInAvet(Schema schema, long a) {
    Attribute attribute = schema.attribute(a);
    return attribute != null && attribute.isInAvet();
  }

  /**
   * Makes it.
   *
   * @param newest a snapshot at that T or later; itself the answer if it is at that T
   * @param t 0 for the time before anything was confirmed, which is known even where the history begins later
   * @throws RebasisException {@code :rebasis.error/history-incomplete} if the history does not reach back to that T
   */
  public static IndexSnapshot of(IndexSnapshot newest, long t) {
    if (t >= newest.basisT()) {
      return newest;
    }
    if (t > 0) {
      DatabaseView.checkHistory(newest, t);
    }
    return new SnapshotAt(newest, t, schemaAt(newest, t));
  }

  /** The schema of then, which is that of now unless a schema datom came since. */
  private static Schema schemaAt(IndexSnapshot newest, long t) {
    List<Datom> until = new ArrayList<>();
    boolean changed = false;
    for (long a : SystemIds.schemaAttributes()) {
      for (Datom datom : newest.history(IndexOrder.AEVT, a)) {
        if (TimeOrder.of(datom.tx()) <= untilOf(t)) {
          until.add(datom);
        } else {
          changed = true;
        }
      }
    }
    if (!changed) {
      return newest.schema();
    }
    until.sort(Comparator.comparingLong(Datom::tx).thenComparing(DatomOrder.EAVT));
    return Schema.EMPTY.with(until);
  }

  @Override
  public long basisT() {
    return t;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public long historyFrom() {
    return t == 0 ? 0 : newest.historyFrom();
  }

  @Override
  public LateOrder lateOrder() {
    return lateOrder;
  }

  @Override
  public void checkUsable() {
    newest.checkUsable();
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    return historyEstimate(order, components);
  }

  @Override
  public long historyEstimate(IndexOrder order, Object... components) {
    boolean missing = order == IndexOrder.AVET && components.length > 0 && dropped.contains(components[0]);
    return missing ? newest.historyEstimate(IndexOrder.AEVT, components[0])
        : newest.historyEstimate(order, components);
  }

  @Override
  public Iterable<Datom> scan(Scan scan) {
    Scan all = scan.ofHistory(true);
    Iterable<Datom> datoms = AbstractDatabase.filtered(walk(all), datom -> TimeOrder.of(datom.tx()) <= until);
    return scan.history() ? datoms : () -> new DatomsAsOf(datoms.iterator(), all, datom -> true);
  }

  /** All datoms ever, those by value of the attributes that were in that order then. */
  private Iterable<Datom> walk(Scan all) {
    if (all.order() != IndexOrder.AVET || dropped.isEmpty() && added.isEmpty()) {
      return newest.scan(all);
    }
    Iterable<Datom> kept = AbstractDatabase.filtered(newest.scan(all), datom -> !added.contains(datom.a()));
    return () -> new MergedIterator<>(kept.iterator(), sorted(all).iterator(), all.comparator());
  }

  /** What the index does not hold in this order any more; the newest snapshot sorts each attribute once for all who look back. */
  private Iterable<Datom> sorted(Scan all) {
    LateOrder order = newest.lateOrder();
    if (all.range().length() == 0) {
      return chained(all, all.backwards() ? dropped.descendingSet() : dropped);
    }
    long first = all.range().first().a();
    Iterable<Datom> ofFirst = dropped.contains(first) ? order.scan(all) : List.of();
    if (!all.toEnd()) {
      return ofFirst;
    }
    Iterable<Datom> behind = chained(all,
        all.backwards() ? dropped.headSet(first, false).descendingSet() : dropped.tailSet(first, false));
    return () -> new ChainedDatoms(List.of(ofFirst, behind).iterator());
  }

  private Iterable<Datom> chained(Scan all, Set<Long> attributes) {
    LateOrder order = newest.lateOrder();
    return () -> new ChainedDatoms(attributes.stream().map(a -> order.scan(all.over(Prefix.of(IndexOrder.AVET, a)))).iterator());
  }
}
