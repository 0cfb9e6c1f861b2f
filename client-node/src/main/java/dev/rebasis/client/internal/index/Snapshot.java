package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RootReference;

/**
 * One version of the index: the roots of its eight trees, and the pin that keeps their pages. Immutable; threads may
 * share it.
 *
 * <p>A page of an expired version may have been written over. So what was read is given out only after a look at the
 * flag, which is set before anything is written over.
 */
final class Snapshot implements IndexSnapshot {
  private final IndexMaps maps;
  private final RootReference<Datom, Boolean>[] current;
  private final RootReference<Datom, Boolean>[] past;
  private final Schema schema;
  private final Pin.PinState pin;

  @SuppressWarnings({"unchecked", "rawtypes"})
  Snapshot(IndexMaps maps, Schema schema, Pin.PinState pin) {
    IndexOrder[] orders = IndexOrder.values();
    this.maps = maps;
    this.schema = schema;
    this.pin = pin;
    this.current = new RootReference[orders.length];
    this.past = new RootReference[orders.length];
    for (IndexOrder order : orders) {
      current[order.ordinal()] = maps.current(order).flushAndGetRoot();
      past[order.ordinal()] = maps.past(order).flushAndGetRoot();
    }
  }

  @Override
  public long basisT() {
    return pin.t;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public void checkUsable() {
    String expired = pin.expired();
    if (expired != null) {
      throw StoreErrors.expired(pin.t, expired);
    }
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    return () -> current(range, range);
  }

  @Override
  public Iterable<Datom> seek(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    return () -> current(range, Prefix.of(order));
  }

  @Override
  public Iterable<Datom> history(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    return () -> new Merged(current(range, range), past(range), DatomOrder.of(order));
  }

  private Range current(Prefix begin, Prefix within) {
    int i = begin.order().ordinal();
    return new Range(maps.current(begin.order()), current[i], begin, within);
  }

  private Range past(Prefix range) {
    int i = range.order().ordinal();
    return new Range(maps.past(range.order()), past[i], range, range);
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    return guarded(() -> RangeEstimate.of(current[order.ordinal()].root, range));
  }

  private interface Read<T> {
    T get();
  }

  private <T> T guarded(Read<T> read) {
    checkUsable();
    try {
      T result = read.get();
      checkUsable();
      return result;
    } catch (MVStoreException e) {
      checkUsable();
      throw e;
    }
  }

  /** The datoms of one tree from a place on, as long as they have the components of a prefix. */
  private final class Range implements Iterator<Datom> {
    private final Cursor<Datom, Boolean> cursor;
    private final Prefix within;
    private Datom next;

    Range(MVMap<Datom, Boolean> map, RootReference<Datom, Boolean> root, Prefix begin, Prefix within) {
      this.cursor = guarded(() -> map.cursor(root, begin.length() == 0 ? null : begin.first(), null, false));
      this.within = within;
      this.next = read();
    }

    private Datom read() {
      Datom datom = guarded(() -> cursor.hasNext() ? cursor.next() : null);
      return datom != null && within.matches(datom) ? datom : null;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Datom next() {
      if (next == null) {
        throw new NoSuchElementException("no more datoms");
      }
      Datom result = next;
      next = read();
      return result;
    }
  }

  /** Two sorted iterators as one. */
  private static final class Merged implements Iterator<Datom> {
    private final Iterator<Datom> left;
    private final Iterator<Datom> right;
    private final Comparator<Datom> order;
    private Datom nextLeft;
    private Datom nextRight;

    Merged(Iterator<Datom> left, Iterator<Datom> right, Comparator<Datom> order) {
      this.left = left;
      this.right = right;
      this.order = order;
      this.nextLeft = left.hasNext() ? left.next() : null;
      this.nextRight = right.hasNext() ? right.next() : null;
    }

    @Override
    public boolean hasNext() {
      return nextLeft != null || nextRight != null;
    }

    @Override
    public Datom next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no more datoms");
      }
      Datom result;
      if (nextRight == null || (nextLeft != null && order.compare(nextLeft, nextRight) < 0)) {
        result = nextLeft;
        nextLeft = left.hasNext() ? left.next() : null;
      } else {
        result = nextRight;
        nextRight = right.hasNext() ? right.next() : null;
      }
      return result;
    }
  }
}
