package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Sorts any number of datoms in a bounded heap: runs are sorted in memory and, but for the last, written to a scratch
 * file; reading merges them. Confined.
 */
final class DatomSorter implements Sorter {
  private static final int FIRST_CAPACITY = 16;

  private final Comparator<Datom> order;
  private final Runs runs;
  private final int runMax;
  private Datom[] run = {};
  private int size;

  /**
   * Makes one.
   *
   * @param scratch where runs are written to; null to keep all in memory
   * @param runMax how many datoms may be in memory, if there is a scratch file
   */
  DatomSorter(Comparator<Datom> order, Scratch scratch, int runMax) {
    this.order = order;
    this.runs = new Runs(order, scratch);
    this.runMax = scratch == null ? Integer.MAX_VALUE : runMax;
  }

  @Override
  public void add(Datom datom) {
    if (size >= runMax) {
      runs.write(inMemory());
    }
    if (size == run.length) {
      run = Arrays.copyOf(run, Math.max(FIRST_CAPACITY, size * 2));
    }
    run[size++] = datom;
  }

  @Override
  public Iterator<Datom> sorted() {
    return runs.mergedWith(inMemory());
  }

  /** What is in memory, which is forgotten as it is read. */
  private Iterator<Datom> inMemory() {
    Arrays.sort(run, 0, size, order);
    Iterator<Datom> sorted = new InMemory(run, size);
    run = new Datom[0];
    size = 0;
    return sorted;
  }

  private static final class InMemory implements Iterator<Datom> {
    private final Datom[] datoms;
    private final int size;
    private int next;

    InMemory(Datom[] datoms, int size) {
      this.datoms = datoms;
      this.size = size;
    }

    @Override
    public boolean hasNext() {
      return next < size;
    }

    @Override
    public Datom next() {
      if (next >= size) {
        throw new NoSuchElementException("no more datoms");
      }
      Datom datom = datoms[next];
      datoms[next++] = null; // so that it can go once it is dealt with
      return datom;
    }
  }
}
