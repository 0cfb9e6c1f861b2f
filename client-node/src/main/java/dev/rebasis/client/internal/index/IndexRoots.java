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

  /** Walks current or past datoms in an order, from the first that is not smaller than the given one; null: from the first. */
  Cursor<Datom, Boolean> cursor(boolean ofPast, IndexOrder order, Datom from) {
    return ofPast
        ? maps.past(order).cursor(past[order.ordinal()], from, null, false)
        : maps.current(order).cursor(current[order.ordinal()], from, null, false);
  }

  /** The root page of current datoms. */
  Page<Datom, Boolean> rootPage(IndexOrder order) {
    return current[order.ordinal()].root;
  }
}
