package dev.rebasis.client.internal.query;

import dev.rebasis.data.Datom;
import java.util.BitSet;

/**
 * What to do with the components of a datom that a scan found: check some against constants or the frame, put others
 * into the frame. Components that the scan already guarantees are left out. Immutable.
 */
final class FactMatch {
  private static final int NOTHING = -1;

  private final Object[] constants; // by component, null if none to check
  private final int[] checked; // slot to compare with, by component
  private final int[] assigned; // slot to fill, by component
  private final boolean trivial;

  private FactMatch(Object[] constants, int[] checked, int[] assigned) {
    this.constants = constants;
    this.checked = checked;
    this.assigned = assigned;
    boolean free = true;
    for (int i = 0; i < Places.COUNT; i++) {
      free &= constants[i] == null && checked[i] == NOTHING;
    }
    this.trivial = free;
  }

  /**
   * Makes a match.
   *
   * @param places the pattern's places
   * @param bound slots that the frame has already
   * @param covered components that the scan guarantees, as bits
   */
  static FactMatch of(Places places, BitSet bound, int covered) {
    Object[] constants = new Object[Places.COUNT];
    int[] checked = new int[Places.COUNT];
    int[] assigned = new int[Places.COUNT];
    BitSet seen = (BitSet) bound.clone();
    for (int i = 0; i < Places.COUNT; i++) {
      checked[i] = NOTHING;
      assigned[i] = NOTHING;
      int slot = places.slot(i);
      if (slot >= 0 && !seen.get(slot)) {
        assigned[i] = slot;
        seen.set(slot);
      } else if ((covered & 1 << i) == 0) {
        constants[i] = slot < 0 ? places.constant(i) : null;
        checked[i] = slot;
      }
    }
    return new FactMatch(constants, checked, assigned);
  }

  /** Fills the frame from the datom, or returns false if it does not match; the frame may then be half filled. */
  boolean accept(Datom datom, Object[] frame) {
    if (trivial) {
      assignAll(datom, frame);
      return true;
    }
    for (int i = 0; i < Places.COUNT; i++) {
      if (assigned[i] >= 0) {
        frame[assigned[i]] = component(datom, i);
      } else if (checked[i] >= 0 && !QueryValues.same(frame[checked[i]], component(datom, i))
          || constants[i] != null && !QueryValues.same(constants[i], component(datom, i))) {
        return false;
      }
    }
    return true;
  }

  private void assignAll(Datom datom, Object[] frame) {
    for (int i = 0; i < Places.COUNT; i++) {
      if (assigned[i] >= 0) {
        frame[assigned[i]] = component(datom, i);
      }
    }
  }

  private static Object component(Datom datom, int i) {
    return switch (i) {
      case Places.E -> datom.e();
      case Places.A -> datom.a();
      case Places.V -> datom.v();
      case Places.TX -> datom.tx();
      default -> datom.added();
    };
  }
}
