package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.TreeMap;

/**
 * Sorts datoms for an order that begins with the attribute: each attribute's apart from the others', which spares all
 * comparisons between two attributes. So datoms that come in the order EAVT are sorted by AEVT with one comparison each. In the
 * heap are never more than a {@link DatomSorter} would keep, of all attributes together. Confined.
 */
final class AttributeSorter implements Sorter {
  private final Comparator<Datom> order;
  private final Scratch scratch; // null: everything stays in memory
  private final int runMax;
  private final TreeMap<Long, DatomSorter> attributes = new TreeMap<>();
  private int inMemory;

  /**
   * Makes one.
   *
   * @param order begins with the attribute
   * @param scratch where runs are written to; null to keep all in memory
   * @param runMax how many datoms may be in memory
   */
  AttributeSorter(Comparator<Datom> order, Scratch scratch, int runMax) {
    this.order = order;
    this.scratch = scratch;
    this.runMax = runMax;
  }

  @Override
  public void add(Datom datom) {
    if (scratch != null && inMemory >= runMax) {
      attributes.values().forEach(DatomSorter::writeRun);
      inMemory = 0;
    }
    attributes.computeIfAbsent(datom.a(), a -> new DatomSorter(order, scratch, runMax)).add(datom);
    inMemory++;
  }

  @Override
  public Iterator<Datom> sorted() {
    return new Iterator<>() {
      private Iterator<Datom> current = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!current.hasNext() && !attributes.isEmpty()) {
          current = attributes.pollFirstEntry().getValue().sorted();
        }
        return current.hasNext();
      }

      @Override
      public Datom next() {
        hasNext();
        return current.next();
      }
    };
  }
}
