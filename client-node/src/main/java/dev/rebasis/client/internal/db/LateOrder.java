package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The confirmed datoms of attributes in the order of their values, for those which a pending transaction put into the
 * index by value: the confirmed index does not hold them so. An attribute is read and sorted when it is first asked for,
 * once for one snapshot, whatever is pending on it; after that a look-up costs a binary search. What was sorted is given
 * up when memory gets short, and made again. Thread-safe.
 */
public final class LateOrder {
  private record Wanted(long attribute, boolean history) {}

  private final IndexSnapshot confirmed;
  private final Map<Wanted, SoftReference<Datom[]>> sorted = new ConcurrentHashMap<>();

  /** The orders of this snapshot; nothing is read yet. */
  public LateOrder(IndexSnapshot confirmed) {
    this.confirmed = confirmed;
  }

  /**
   * Walks over one attribute; a walk to the end of the index ends with the attribute.
   *
   * @param scan in the order AVET, of a range that names the attribute
   */
  Iterable<Datom> scan(Scan scan) {
    return () -> {
      confirmed.checkUsable();
      Datom[] datoms = of(scan);
      int begin = place(datoms, scan);
      return new Walk(datoms, scan, scan.backwards() ? begin - 1 : begin);
    };
  }

  /** How many datoms a range has that names an attribute. */
  long count(Prefix range, boolean history) {
    Scan scan = new Scan(range, false, history, false);
    Datom[] datoms = of(scan);
    return place(datoms, new Scan(range, false, history, true)) - place(datoms, scan);
  }

  private Datom[] of(Scan scan) {
    Wanted wanted = new Wanted(scan.range().first().a(), scan.history());
    SoftReference<Datom[]> known = sorted.get(wanted);
    Datom[] datoms = known == null ? null : known.get();
    // Not in one step with the map, which would make others wait; two threads may sort the same.
    if (datoms == null) {
      datoms = sort(wanted);
      sorted.put(wanted, new SoftReference<>(datoms));
    }
    return datoms;
  }

  private Datom[] sort(Wanted wanted) {
    Scan all = Scan.of(Prefix.of(IndexOrder.AEVT, wanted.attribute)).ofHistory(wanted.history);
    List<Datom> datoms = new ArrayList<>();
    confirmed.scan(all).forEach(datoms::add);
    Datom[] result = datoms.toArray(new Datom[0]);
    Arrays.sort(result, forwards(wanted.history));
    return result;
  }

  private static Comparator<Datom> forwards(boolean history) {
    return history ? TimeOrder.of(IndexOrder.AVET) : FactOrder.of(IndexOrder.AVET);
  }

  /** How many datoms lie before the walk's begin; of a walk backwards, before it or at it. */
  private static int place(Datom[] datoms, Scan scan) {
    Comparator<Datom> order = forwards(scan.history());
    Datom begin = scan.begin();
    int low = 0;
    int high = datoms.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int c = order.compare(datoms[middle], begin);
      if (c < 0 || c == 0 && scan.backwards()) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static final class Walk implements Iterator<Datom> {
    private final Datom[] datoms;
    private final Scan scan;
    private int next;

    Walk(Datom[] datoms, Scan scan, int next) {
      this.datoms = datoms;
      this.scan = scan;
      this.next = next;
    }

    @Override
    public boolean hasNext() {
      return next >= 0 && next < datoms.length && scan.reaches(datoms[next]);
    }

    @Override
    public Datom next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no more datoms");
      }
      Datom result = datoms[next];
      next += scan.backwards() ? -1 : 1;
      return result;
    }
  }
}
