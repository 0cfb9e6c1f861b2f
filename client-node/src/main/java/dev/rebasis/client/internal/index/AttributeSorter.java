package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.TreeMap;

/**
 * Sorts datoms for an order that begins with the attribute: in memory each attribute's apart from the others', which spares all
 * comparisons between two attributes. So datoms that come in the order EAVT are sorted by AEVT with one comparison each. A run in the
 * scratch file is of all attributes: however many there are, it has no more blocks than datoms need. Confined.
 */
final class AttributeSorter implements Sorter {
  private final Comparator<Datom> order;
  private final Runs runs;
  private final int runMax;
  private final TreeMap<Long, DatomSorter> attributes = new TreeMap<>();
  private int inMemory;

  /**
   * Makes one.
   *
   * @param order begins with the attribute
   * @param scratch where runs are written to; null to keep all in memory
   * @param runMax how many datoms may be in memory, if there is a scratch file
   */
  AttributeSorter(Comparator<Datom> order, Scratch scratch, int runMax) {
    this.order = order;
    this.runs = new Runs(order, scratch);
    this.runMax = scratch == null ? Integer.MAX_VALUE : runMax;
  }

  @Override
  public void add(Datom datom) {
    if (inMemory >= runMax) {
      runs.write(new InMemory());
      inMemory = 0;
    }
    attributes.computeIfAbsent(datom.a(), a -> new DatomSorter(order, null, 0)).add(datom);
    inMemory++;
  }

  @Override
  public Iterator<Datom> sorted() {
    return runs.mergedWith(new InMemory());
  }

  /** What is in memory, attribute by attribute, each forgotten as it is read. */
  private final class InMemory implements Iterator<Datom> {
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
      if (!hasNext()) {
        throw new NoSuchElementException("no more datoms");
      }
      return current.next();
    }
  }
}
