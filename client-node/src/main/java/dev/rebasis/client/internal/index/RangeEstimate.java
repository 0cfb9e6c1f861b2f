package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.data.Datom;
import org.h2.mvstore.Page;

/**
 * How many datoms a range has, roughly, at the cost of two look-ups. Inner nodes know their total count: what lies
 * between the two paths to the range's ends is estimated as an equal share of it, the ends themselves are followed down
 * and counted. Pure.
 */
final class RangeEstimate {
  private RangeEstimate() {}

  static long of(Page<Datom, Boolean> page, Prefix range) {
    if (range.length() == 0) {
      return page.getTotalCount();
    }
    int from = firstAt(page, range, 0);
    int to = firstAt(page, range, 1);
    if (page.isLeaf()) {
      return to - from;
    }
    // Child i holds what lies between key i - 1 and key i.
    if (from == to) {
      return of(page.getChildPage(from), range);
    }
    long share = page.getTotalCount() / (page.getKeyCount() + 1);
    return of(page.getChildPage(from), range) + of(page.getChildPage(to), range) + share * (to - from - 1);
  }

  /** How many keys lie before the range (side 0) or not behind it (side 1). */
  private static int firstAt(Page<Datom, Boolean> page, Prefix range, int side) {
    int low = 0;
    int high = page.getKeyCount();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (range.compare(page.getKey(middle)) < side) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
