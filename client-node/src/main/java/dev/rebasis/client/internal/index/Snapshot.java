package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.LateOrder;
import dev.rebasis.client.internal.db.MergedIterator;
import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.client.internal.db.Scan;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVStoreException;

/**
 * One version of the index: the roots of its eight trees, and the pin that keeps their pages. Threads may share it.
 *
 * <p>A page of an expired version may have been written over. So what was read is given out only after a look at the
 * flag, which is set before anything is written over.
 *
 * <p>If a page turns out to be damaged, the snapshot has its version made again from the log, in memory, and reads on
 * from there: the reader waits, and does not notice otherwise.
 */
final class Snapshot implements IndexSnapshot {
  /** Makes this version again from the log; called at most once for a snapshot, by any thread. */
  interface Mending {
    IndexRoots mend(long t, MVStoreException damage);
  }

  private final Schema schema;
  private final long historyFrom;
  private final Pin.PinState pin;
  private final Mending mending;
  private final LateOrder lateOrder = new LateOrder(this);
  private volatile IndexRoots roots;

  Snapshot(IndexRoots roots, Schema schema, long historyFrom, Pin.PinState pin, Mending mending) {
    this.roots = roots;
    this.schema = schema;
    this.historyFrom = historyFrom;
    this.pin = pin;
    this.mending = mending;
  }

  @Override
  public long historyFrom() {
    return historyFrom;
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
  public LateOrder lateOrder() {
    return lateOrder;
  }

  @Override
  public void checkUsable() {
    String expired = pin.expired();
    if (expired != null) {
      throw StoreErrors.expired(pin.t, expired);
    }
  }

  @Override
  public Iterable<Datom> scan(Scan scan) {
    if (!scan.history()) {
      return () -> new Walk(false, scan);
    }
    Comparator<Datom> forwards = DatomOrder.of(scan.order());
    Comparator<Datom> order = scan.backwards() ? forwards.reversed() : forwards;
    return () -> new MergedIterator<>(new Walk(false, scan), new Walk(true, scan), order);
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    return estimate(false, Prefix.of(order, components));
  }

  @Override
  public long historyEstimate(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    return estimate(false, range) + estimate(true, range);
  }

  private long estimate(boolean ofPast, Prefix range) {
    return read(view -> RangeEstimate.of(view.rootPage(ofPast, range.order()), range));
  }

  /** Reads something, again from a mended version if it met damage; throws if the version expired meanwhile. */
  private <T> T read(Function<IndexRoots, T> reading) {
    while (true) {
      checkUsable();
      IndexRoots view = roots;
      try {
        T result = reading.apply(view);
        checkUsable();
        return result;
      } catch (MVStoreException e) {
        mend(view, e);
      }
    }
  }

  private synchronized void mend(IndexRoots damaged, MVStoreException damage) {
    checkUsable();
    if (roots == damaged) {
      roots = mending.mend(pin.t, damage);
    }
  }

  /** The datoms of one tree. */
  private final class Walk implements Iterator<Datom> {
    private final boolean past;
    private final Scan scan;
    private IndexRoots view;
    private Cursor<Datom, Boolean> cursor;
    private Datom next; // what was read last: the next one if it was not given out, else the one before the next
    private boolean ready; // whether it is the next one

    Walk(boolean past, Scan scan) {
      this.past = past;
      this.scan = scan;
    }

    private void advance() {
      Datom datom;
      checkUsable();
      if (cursor == null) {
        datom = Snapshot.this.read(this::readAfresh);
      } else {
        try {
          datom = cursor.hasNext() ? cursor.next() : null;
          checkUsable();
        } catch (MVStoreException e) {
          mend(view, e);
          datom = Snapshot.this.read(this::readAfresh);
        }
      }
      next = datom != null && scan.reaches(datom) ? datom : null;
    }

    /** Goes to the begin, or behind what was read last, in this view. */
    private Datom readAfresh(IndexRoots from) {
      Datom place = next != null ? next : scan.begin();
      Cursor<Datom, Boolean> fresh = from.cursor(past, scan.order(), place, scan.backwards());
      Datom datom = fresh.hasNext() ? fresh.next() : null;
      if (datom != null && datom.equals(next)) {
        datom = fresh.hasNext() ? fresh.next() : null;
      }
      view = from;
      cursor = fresh;
      return datom;
    }

    // Whoever wants only the first datom should not pay for the second.
    @Override
    public boolean hasNext() {
      if (!ready) {
        advance();
        ready = true;
      }
      return next != null;
    }

    @Override
    public Datom next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no more datoms");
      }
      ready = false;
      return next;
    }
  }
}
