package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.h2.mvstore.WriteBuffer;

/** Sorted runs of datoms in a scratch file, and their merge (Knuth, The Art of Computer Programming 3, section 5.4). Confined. */
final class Runs {
  private static final int BLOCK_DATOMS = 256;

  /** Some datoms in the scratch file. */
  private record Block(long place, int bytes, int datoms) {}

  private final Comparator<Datom> order;
  private final DatomType type;
  private final Scratch scratch;
  private final List<List<Block>> runs = new ArrayList<>();

  /**
   * With none.
   *
   * @param scratch where they are written to; null if none will be
   */
  Runs(Comparator<Datom> order, Scratch scratch) {
    this.order = order;
    this.type = new DatomType(order);
    this.scratch = scratch;
  }

  /** Writes one, of datoms in order. */
  void write(Iterator<Datom> sorted) {
    List<Block> blocks = new ArrayList<>();
    Datom[] block = new Datom[BLOCK_DATOMS];
    while (sorted.hasNext()) {
      int count = 0;
      while (count < BLOCK_DATOMS && sorted.hasNext()) {
        block[count++] = sorted.next();
      }
      blocks.add(written(block, count));
    }
    runs.add(blocks);
  }

  private Block written(Datom[] datoms, int count) {
    WriteBuffer buffer = scratch.buffer();
    buffer.clear();
    type.write(buffer, datoms, count);
    ByteBuffer bytes = buffer.getBuffer().flip();
    int length = bytes.remaining();
    return new Block(scratch.append(bytes), length, count);
  }

  /**
   * All runs and one more in order; datoms that compare as equal in the order of the runs.
   *
   * @param last the newest run, which is in memory
   */
  Iterator<Datom> mergedWith(Iterator<Datom> last) {
    if (runs.isEmpty()) {
      return last;
    }
    List<Iterator<Datom>> sources = new ArrayList<>(runs.size() + 1);
    runs.forEach(blocks -> sources.add(new FromScratch(blocks)));
    sources.add(last);
    return new Merge(sources);
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
