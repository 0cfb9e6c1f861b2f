package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.log.ValueCodec;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.DataType;

/**
 * Datoms as keys of an MVMap: their order, and a page of them as bytes. Immutable, but for the keys of a leaf that is made.
 *
 * <p>A page begins with the CRC-32C of the rest, since H2 checks no more of a page than its place and length: a torn or
 * rotten page must be found out, not believed. Then each datom: one byte (value tag in the low four bits; then whether
 * entity, attribute and transaction are those of the datom before, and whether it is an assertion), what differs, as
 * zigzag variable-length differences, and the value.
 */
final class DatomType implements DataType<Datom> {
  private static final int SAME_E = 0x10;
  private static final int SAME_A = 0x20;
  private static final int SAME_TX = 0x40;
  private static final int ADDED = 0x80;
  private static final int TAG_MASK = 0x0f;
  private static final int DATOM_BYTES = 56;
  private static final int TUPLE_BYTES = 80;

  /** The keys of a leaf that a thread makes. */
  private record Filling(Thread by, Datom[] keys) {}

  private final Comparator<Datom> order;
  private Filling filling; // one field and all of it final: whoever sees another thread's knows that it is not meant

  DatomType(Comparator<Datom> order) {
    this.order = order;
  }

  @Override
  public int compare(Datom x, Datom y) {
    return order.compare(x, y);
  }

  Comparator<Datom> order() {
    return order;
  }

  @Override
  public int binarySearch(Datom key, Object storage, int size, int initialGuess) {
    Datom[] keys = (Datom[]) storage;
    int low = 0;
    int high = size - 1;
    int at = initialGuess - 1;
    if (at < 0 || at > high) {
      at = high >>> 1;
    }
    while (low <= high) {
      int c = order.compare(key, keys[at]);
      if (c == 0) {
        return at;
      }
      if (c > 0) {
        low = at + 1;
      } else {
        high = at - 1;
      }
      at = (low + high) >>> 1;
    }
    return ~low;
  }

  /**
   * Until {@link #filled}, gives this thread these keys when it asks for the storage of a single one. H2 makes leaves key by
   * key, with a new array for each; so a leaf is whole with its first key.
   */
  void fillNext(Datom[] keys) {
    filling = new Filling(Thread.currentThread(), keys);
  }

  /** Ends {@link #fillNext}. */
  void filled() {
    filling = null;
  }

  /** Bytes on the heap, roughly: what the page cache and the limit of unsaved pages count by. */
  @Override
  public int getMemory(Datom datom) {
    return bytesOf(datom);
  }

  static int bytesOf(Datom datom) {
    return DATOM_BYTES + valueBytes(datom.v());
  }

  /** By class first, which costs nothing; whether something is a list takes a search among its interfaces. */
  private static int valueBytes(Object value) {
    if (value instanceof Long) {
      return 24;
    }
    if (value instanceof String s) {
      return 40 + s.length();
    }
    if (value instanceof Bytes b) {
      return 40 + b.length();
    }
    return value instanceof List<?> tuple ? tupleBytes(tuple) : 24;
  }

  private static int tupleBytes(List<?> tuple) {
    int bytes = TUPLE_BYTES;
    // No iterator: an unmodifiable list makes two.
    for (int i = 0; i < tuple.size(); i++) {
      Object element = tuple.get(i);
      bytes += element == null ? 0 : valueBytes(element);
    }
    return bytes;
  }

  // Leaves are made with what their keys take. Were what is taken out later counted by an average, of datoms that are longer
  // elsewhere, less than nothing could be left, which H2 asserts that it is not.
  @Override
  public boolean isMemoryEstimationAllowed() {
    return false;
  }

  @Override
  public void write(WriteBuffer out, Object storage, int size) {
    Datom[] datoms = (Datom[]) storage;
    int begin = out.position();
    out.putInt(0);
    long e = 0;
    long a = 0;
    long tx = 0;
    for (int i = 0; i < size; i++) {
      Datom datom = datoms[i];
      int tag = ValueCodec.tag(datom.v());
      int flags = (datom.e() == e ? SAME_E : 0) | (datom.a() == a ? SAME_A : 0) | (datom.tx() == tx ? SAME_TX : 0);
      out.put((byte) (tag | flags | (datom.added() ? ADDED : 0)));
      e = difference(out, datom.e(), e);
      a = difference(out, datom.a(), a);
      tx = difference(out, datom.tx(), tx);
      ValueCodec.writeContent(out, tag, datom.v());
    }
    out.putInt(begin, crc(out.getBuffer(), begin + Integer.BYTES, out.position()));
  }

  private static long difference(WriteBuffer out, long now, long before) {
    if (now != before) {
      out.putVarLong(ValueCodec.zigzag(now - before));
    }
    return now;
  }

  @Override
  public void read(ByteBuffer in, Object storage, int size) {
    Datom[] datoms = (Datom[]) storage;
    int crc = in.getInt();
    if (crc != crc(in, in.position(), in.limit())) {
      throw new IllegalStateException("a page of the index does not have the checksum that was written with it");
    }
    long e = 0;
    long a = 0;
    long tx = 0;
    for (int i = 0; i < size; i++) {
      int head = in.get();
      e = (head & SAME_E) != 0 ? e : e + ValueCodec.unzigzag(DataUtils.readVarLong(in));
      a = (head & SAME_A) != 0 ? a : a + ValueCodec.unzigzag(DataUtils.readVarLong(in));
      tx = (head & SAME_TX) != 0 ? tx : tx + ValueCodec.unzigzag(DataUtils.readVarLong(in));
      datoms[i] = new Datom(e, a, ValueCodec.readContent(in, head & TAG_MASK), tx, (head & ADDED) != 0);
    }
  }

  private static int crc(ByteBuffer buffer, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }

  @Override
  public void write(WriteBuffer out, Datom datom) {
    write(out, new Datom[] {datom}, 1);
  }

  @Override
  public Datom read(ByteBuffer in) {
    Datom[] one = new Datom[1];
    read(in, one, 1);
    return one[0];
  }

  @Override
  public Datom[] createStorage(int size) {
    Filling now = filling;
    return now != null && size == 1 && now.by == Thread.currentThread() ? now.keys : new Datom[size];
  }
}
