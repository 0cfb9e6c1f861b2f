package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.LateOrder;
import dev.rebasis.client.internal.db.MergedIterator;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.client.internal.db.Scan;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVStoreException;

/**
 * One version of the index: the roots of its eight trees, the pin that keeps their pages, and the newest transactions laid
 * over them. Threads may share it.
 *
 * <p>A page of an expired version may have been written over. So what was read is given out only after a look at the
 * flag, which is set before anything is written over.
 *
 * <p>If a page turns out to be damaged, the snapshot has its version of the trees made again from the log, in memory, and
 * reads on from there: the reader waits, and does not notice otherwise.
 */
final class Snapshot implements IndexSnapshot {
  /** Makes this version of the trees again from the log; called at most once for a snapshot, by any thread. */
  interface Mending {
    IndexRoots mend(MVStoreException damage);
  }

  private final Schema schema;
  private final long historyFrom;
  private final Pin.PinState pin;
  private final Mending mending;
  private final LateOrder lateOrder = new LateOrder(this);
  private final Recent recent;
  private volatile IndexRoots roots;

  Snapshot(IndexRoots roots, Recent recent, Schema schema, long historyFrom, Pin.PinState pin, Mending mending) {
    this.roots = roots;
    this.recent = recent;
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
    return recent.isEmpty() ? ofTrees(scan) : () -> laidOver(scan);
  }

  private Iterable<Datom> ofTrees(Scan scan) {
    if (!scan.history()) {
      return () -> new Walk(false, scan);
    }
    Comparator<Datom> forwards = DatomOrder.of(scan.order());
    Comparator<Datom> order = scan.backwards() ? forwards.reversed() : forwards;
    // A walk over current datoms knows no transactions, and may begin too early.
    return scan.only(() -> new MergedIterator<>(new Walk(false, scan), new Walk(true, scan), order));
  }

  // ---- the newest transactions over the trees

  private Iterator<Datom> laidOver(Scan scan) {
    Overlay overlay = read(recent::over);
    Scan facts = scan.ofFacts();
    if (!overlay.isMetBy(facts)) {
      return ofTrees(scan).iterator();
    }
    LongPredicate members = scan.order() == IndexOrder.AVET ? this::isInAvet : a -> true;
    return new Checked(overlay.over(ofTrees(facts), scan, members).iterator());
  }

  private boolean isInAvet(long a) {
    Attribute attribute = schema.attribute(a);
    return attribute != null && attribute.isInAvet();
  }

  /** What is laid over the trees is there when they are gone; an old value ends all the same. */
  private final class Checked implements Iterator<Datom> {
    private final Iterator<Datom> datoms;

    Checked(Iterator<Datom> datoms) {
      this.datoms = datoms;
    }

    @Override
    public boolean hasNext() {
      checkUsable();
      return datoms.hasNext();
    }

    @Override
    public Datom next() {
      checkUsable();
      return datoms.next();
    }
  }

  // ---- estimates

  @Override
  public long estimate(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    return estimate(false, range) + recentIn(range);
  }

  @Override
  public long historyEstimate(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    return estimate(false, range) + estimate(true, range) + recentIn(range);
  }

  private long estimate(boolean ofPast, Prefix range) {
    return read(view -> RangeEstimate.of(view.rootPage(ofPast, range.order()), range));
  }

  private long recentIn(Prefix range) {
    return recent.isEmpty() ? 0 : read(recent::over).estimate(range.ofFact());
  }

  // ---- the trees

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
      roots = mending.mend(damage);
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
