package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.Page;
import org.h2.mvstore.RootReference;

/** The roots of the eight trees at one moment. Immutable; their pages are only there while the version is kept. */
final class IndexRoots {
  private final IndexMaps maps;
  private final RootReference<Datom, Boolean>[] current;
  private final RootReference<Datom, Boolean>[] past;

  @SuppressWarnings({"unchecked", "rawtypes"})
  IndexRoots(IndexMaps maps) {
    IndexOrder[] orders = IndexOrder.values();
    this.maps = maps;
    this.current = new RootReference[orders.length];
    this.past = new RootReference[orders.length];
    for (IndexOrder order : orders) {
      current[order.ordinal()] = maps.current(order).flushAndGetRoot();
      past[order.ordinal()] = maps.past(order).flushAndGetRoot();
    }
  }

  /**
   * Walks current or past datoms in an order.
   *
   * @param from begins at the first that is not smaller, backwards at the last that is not greater; null: at the end
   */
  Cursor<Datom, Boolean> cursor(boolean ofPast, IndexOrder order, Datom from, boolean backwards) {
    return ofPast
        ? maps.past(order).cursor(past[order.ordinal()], from, null, backwards)
        : maps.current(order).cursor(current[order.ordinal()], from, null, backwards);
  }

  /** The current datom of the same fact, or null; see {@link dev.rebasis.client.internal.db.FactOrder}. */
  Datom find(IndexOrder order, Datom datom) {
    return maps.current(order).find(rootPage(false, order), datom);
  }

  /** The root page of current or past datoms. */
  Page<Datom, Boolean> rootPage(boolean ofPast, IndexOrder order) {
    return (ofPast ? past : current)[order.ordinal()].root;
  }
}
