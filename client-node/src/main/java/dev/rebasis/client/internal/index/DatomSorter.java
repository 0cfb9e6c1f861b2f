package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.h2.mvstore.WriteBuffer;

/**
 * Sorts any number of datoms in a bounded heap: runs are sorted in memory and, but for the last, written to a scratch
 * file; reading merges them (Knuth, The Art of Computer Programming 3, section 5.4). Datoms that compare as equal stay in
 * the order in which they came. Confined.
 */
final class DatomSorter implements Sorter {
  private static final int BLOCK_DATOMS = 256;
  private static final int FIRST_CAPACITY = 16;

  /** Some datoms in the scratch file. */
  private record Block(long place, int bytes, int datoms) {}

  private final Comparator<Datom> order;
  private final DatomType type;
  private final Scratch scratch; // null: everything stays in memory
  private final int runMax;
  private final List<List<Block>> runs = new ArrayList<>();
  private Datom[] run = {};
  private int size;

  /**
   * Makes one.
   *
   * @param scratch where runs are written to; null to keep all in memory
   * @param runMax how many datoms may be in memory
   */
  DatomSorter(Comparator<Datom> order, Scratch scratch, int runMax) {
    this.order = order;
    this.type = new DatomType(order);
    this.scratch = scratch;
    this.runMax = runMax;
  }

  @Override
  public void add(Datom datom) {
    if (scratch != null && size >= runMax) {
      writeRun();
    }
    if (size == run.length) {
      run = Arrays.copyOf(run, Math.max(FIRST_CAPACITY, size * 2));
    }
    run[size++] = datom;
  }

  /** Writes what is in memory to the scratch file, which there must be. */
  void writeRun() {
    if (size == 0) {
      return;
    }
    Arrays.sort(run, 0, size, order);
    List<Block> blocks = new ArrayList<>((size - 1) / BLOCK_DATOMS + 1);
    WriteBuffer buffer = scratch.buffer();
    for (int from = 0; from < size; from += BLOCK_DATOMS) {
      int count = Math.min(BLOCK_DATOMS, size - from);
      buffer.clear();
      type.write(buffer, Arrays.copyOfRange(run, from, from + count), count);
      ByteBuffer bytes = buffer.getBuffer().flip();
      int length = bytes.remaining();
      blocks.add(new Block(scratch.append(bytes), length, count));
    }
    runs.add(blocks);
    // Of several sorters with one limit another may need the room next.
    run = new Datom[0];
    size = 0;
  }

  @Override
  public Iterator<Datom> sorted() {
    Datom[] last = run;
    int count = size;
    run = null;
    Arrays.sort(last, 0, count, order);
    Iterator<Datom> inMemory = new InMemory(last, count);
    if (runs.isEmpty()) {
      return inMemory;
    }
    List<Iterator<Datom>> sources = new ArrayList<>(runs.size() + 1);
    runs.forEach(blocks -> sources.add(new FromScratch(blocks)));
    sources.add(inMemory);
    return new Merge(sources);
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

  /** The datoms of one run, a block in memory at a time. */
  private final class FromScratch implements Iterator<Datom> {
    private final Iterator<Block> blocks;
    private Datom[] block = {};
    private int next;

    FromScratch(List<Block> blocks) {
      this.blocks = blocks.iterator();
    }

    @Override
    public boolean hasNext() {
      return next < block.length || blocks.hasNext();
    }

    @Override
    public Datom next() {
      if (next == block.length) {
        read(blocks.next());
      }
      return block[next++];
    }

    private void read(Block from) {
      ByteBuffer bytes = ByteBuffer.allocate(from.bytes);
      scratch.read(from.place, bytes);
      bytes.rewind();
      block = new Datom[from.datoms];
      next = 0;
      type.read(bytes, block, from.datoms);
    }
  }

  private final class Merge implements Iterator<Datom> {
    private final class Source implements Comparable<Source> {
      private final Iterator<Datom> datoms;
      private final int number;
      private Datom head;

      Source(Iterator<Datom> datoms, int number) {
        this.datoms = datoms;
        this.number = number;
      }

      /** Goes to the next datom; false if there is none. */
      boolean advance() {
        head = datoms.hasNext() ? datoms.next() : null;
        return head != null;
      }

      @Override
      public int compareTo(Source other) {
        int c = order.compare(head, other.head);
        return c != 0 ? c : Integer.compare(number, other.number);
      }
    }

    private final PriorityQueue<Source> others = new PriorityQueue<>();
    /** That with the next datom; null at the end. */
    private Source least;

    Merge(List<Iterator<Datom>> sources) {
      for (int i = 0; i < sources.size(); i++) {
        Source source = new Source(sources.get(i), i);
        if (source.advance()) {
          others.add(source);
        }
      }
      least = others.poll();
    }

    @Override
    public boolean hasNext() {
      return least != null;
    }

    @Override
    public Datom next() {
      if (least == null) {
        throw new NoSuchElementException("no more datoms");
      }
      Datom datom = least.head;
      if (!least.advance()) {
        least = others.poll();
      } else if (!others.isEmpty() && least.compareTo(others.peek()) > 0) {
        // Not each time: what was made together stands together, and whole stretches come from one run.
        Source before = least;
        least = others.poll();
        others.add(before);
      }
      return datom;
    }
  }
}
