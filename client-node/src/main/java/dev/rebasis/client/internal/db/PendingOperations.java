package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.LongPredicate;

/** Every operation of an overlay that a walk over history meets, lazily, in its order. Confined. */
final class PendingOperations implements Iterator<Datom> {
  private final Iterator<Overlay.Fact> facts;
  private final Scan scan;
  private final Comparator<Datom> order;
  private final LongPredicate attributes;
  private Iterator<Datom> operations = Collections.emptyIterator();

  /**
   * Begins a walk.
   *
   * @param attributes which attributes of the overlay belong to this index
   */
  PendingOperations(Overlay overlay, Scan scan, LongPredicate attributes) {
    this.facts = overlay.walk(scan);
    this.scan = scan;
    this.order = scan.comparator();
    this.attributes = attributes;
    advance();
  }

  private void advance() {
    while (!operations.hasNext() && facts.hasNext()) {
      Overlay.Fact fact = facts.next();
      if (!scan.reaches(fact.last())) {
        return;
      }
      if (attributes.test(fact.last().a())) {
        List<Datom> all = new ArrayList<>();
        fact.addTo(all);
        all.sort(order);
        operations = all.iterator();
      }
    }
  }

  @Override
  public boolean hasNext() {
    return operations.hasNext();
  }

  @Override
  public Datom next() {
    if (!operations.hasNext()) {
      throw new NoSuchElementException("no more datoms");
    }
    Datom result = operations.next();
    if (!operations.hasNext()) {
      advance();
    }
    return result;
  }
}
