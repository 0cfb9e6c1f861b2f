package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.Comparator;
import java.util.Iterator;
import java.util.function.LongPredicate;

/**
 * Confirmed datoms with the overlay's facts laid over them, lazily, in one order. A fact of the overlay hides the
 * confirmed datom of the same fact. Confined to the thread that iterates.
 */
final class MergedDatoms extends LookAhead {
  private final Iterator<Datom> confirmed;
  private final Iterator<Overlay.Fact> pending;
  private final Comparator<Datom> order;
  private final Scan scan;
  private final LongPredicate attributes;
  private Datom nextConfirmed;
  private Overlay.Fact nextPending;

  /**
   * Merges.
   *
   * @param confirmed what the walk gives in the confirmed datoms
   * @param overlay what is laid over
   * @param scan a walk over current datoms
   * @param attributes which attributes of the overlay belong to this index
   */
  MergedDatoms(Iterator<Datom> confirmed, Overlay overlay, Scan scan, LongPredicate attributes) {
    this.confirmed = confirmed;
    this.pending = overlay.walk(scan);
    this.order = scan.comparator();
    this.scan = scan;
    this.attributes = attributes;
    advanceConfirmed();
    advancePending();
    advance();
  }

  @Override
  Datom read() {
    Datom next = null;
    while (next == null && (nextConfirmed != null || nextPending != null)) {
      int c = nextConfirmed == null ? 1 : nextPending == null ? -1 : order.compare(nextConfirmed, nextPending.last());
      if (c < 0) {
        next = nextConfirmed;
      } else if (nextPending.isCurrent()) {
        next = nextPending.last();
      }
      if (c <= 0) {
        advanceConfirmed();
      }
      if (c >= 0) {
        advancePending();
      }
    }
    return next;
  }

  private void advanceConfirmed() {
    nextConfirmed = confirmed.hasNext() ? confirmed.next() : null;
  }

  private void advancePending() {
    nextPending = null;
    while (nextPending == null && pending.hasNext()) {
      Overlay.Fact fact = pending.next();
      if (!scan.reaches(fact.last())) {
        return;
      }
      if (attributes.test(fact.last().a())) {
        nextPending = fact;
      }
    }
  }
}
