package dev.rebasis.journal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The file beside a database file: a header and records, in blocks of {@value #PAGE} bytes.
 *
 * <pre>
 * header   magic, the number of the first record, checksum of these       one block, written within one sector
 * record   magic, its number, file size, the shortest that the file was
 *          since the last record, count of pages, whether it ends a
 *          force, checksum, page numbers | pages                          whole blocks
 * </pre>
 *
 * <p>Records are numbered without gaps. The header is rewritten, and forced, when the file has taken over all records and
 * the journal begins anew; what stands behind the newest record is then of an earlier round, which its number shows.
 * A block is never written twice in one round, so that no write can damage a record that was acknowledged.
 *
 * <p>Confined: its channel's lock is held.
 */
final class Journal implements AutoCloseable {

  static final int PAGE = 4096;

  private static final long HEADER_MAGIC = 0x72656261_6a6f7533L;
  private static final long RECORD_MAGIC = 0x72656261_72656333L;
  private static final int HEADER_BYTES = 8 + 8 + 4;
  private static final int RECORD_BYTES = 8 + 8 + 8 + 8 + 4 + 4 + 4;
  private static final int CHECKSUM_AT = RECORD_BYTES - 4;

  private final FileChannel channel;
  private long nextNumber = 1;
  private long end;
  private boolean forced; // not what an earlier run left: it may have been killed before its force

  /**
   * One record as it lies in the journal.
   *
   * @param fileSize how long the file is
   * @param cutTo the shortest that it was since the record before
   * @param endsForce whether the force that it belongs to ends with it
   * @param places where in the journal each page lies
   */
  record Entry(long fileSize, long cutTo, boolean endsForce, SortedMap<Long, Long> places) {}

  Journal(FileChannel channel) {
    this.channel = channel;
  }

  /** What an earlier run left: the records of all forces of which the last record is whole, oldest first. */
  List<Entry> replay() throws IOException {
    List<Entry> whole = new ArrayList<>();
    ByteBuffer header = read(0, HEADER_BYTES);
    if (header == null || header.getLong() != HEADER_MAGIC) {
      return whole;
    }
    long first = header.getLong();
    if (header.getInt() != checksum(header, HEADER_BYTES - 4)) {
      return whole;
    }
    nextNumber = first;
    end = PAGE;
    List<Entry> force = new ArrayList<>();
    for (Entry entry = next(); entry != null; entry = next()) {
      force.add(entry);
      if (entry.endsForce) {
        whole.addAll(force);
        force.clear();
      }
    }
    // records behind a torn one may be whole: their numbers must not come again
    nextNumber += channel.size() / PAGE + 1;
    return whole;
  }

  private Entry next() throws IOException {
    ByteBuffer fixed = read(end, RECORD_BYTES);
    if (fixed == null || fixed.getLong() != RECORD_MAGIC || fixed.getLong() != nextNumber) {
      return null;
    }
    long fileSize = fixed.getLong();
    long cutTo = fixed.getLong();
    int count = fixed.getInt();
    boolean endsForce = fixed.getInt() != 0;
    int expected = fixed.getInt();
    if (count < 0 || end + recordBytes(count) > channel.size()) {
      return null;
    }
    ByteBuffer record = read(end, Math.toIntExact(recordBytes(count)));
    record.putInt(CHECKSUM_AT, 0);
    if (checksum(record, record.capacity()) != expected) {
      return null;
    }
    SortedMap<Long, Long> places = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      places.put(record.getLong(RECORD_BYTES + 8 * i), end + headBytes(count) + (long) i * PAGE);
    }
    end += record.capacity();
    nextNumber++;
    return new Entry(fileSize, cutTo, endsForce, places);
  }

  /** Appends a record and returns where its pages lie. It is not on the disk before {@link #force}. */
  SortedMap<Long, Long> append(long fileSize, long cutTo, boolean endsForce, SortedMap<Long, byte[]> pages)
      throws IOException {
    int count = pages.size();
    ByteBuffer record = ByteBuffer.allocate(Math.toIntExact(recordBytes(count)));
    record.putLong(RECORD_MAGIC).putLong(nextNumber).putLong(fileSize).putLong(cutTo).putInt(count)
        .putInt(endsForce ? 1 : 0).putInt(0);
    pages.keySet().forEach(record::putLong);
    SortedMap<Long, Long> places = new TreeMap<>();
    record.position(headBytes(count));
    pages.forEach((number, page) -> {
      places.put(number, end + record.position());
      record.put(page);
    });
    record.putInt(CHECKSUM_AT, checksum(record, record.capacity()));
    write(end, record);
    forced = false;
    end += record.capacity();
    nextNumber++;
    return places;
  }

  /** Reads from a page that lies at this place. */
  void readPage(long place, int offset, ByteBuffer into, int length) throws IOException {
    ByteBuffer part = read(place + offset, length);
    if (part == null) {
      throw new EOFException("the journal ends before " + place);
    }
    into.put(part);
  }

  void force() throws IOException {
    if (!forced) {
      channel.force(false);
      forced = true;
    }
  }

  /** Forgets the records; the file must have taken them over, and been forced. */
  void restart() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putLong(HEADER_MAGIC).putLong(nextNumber);
    header.putInt(checksum(header, HEADER_BYTES - 4));
    write(0, header);
    channel.force(true);
    forced = true;
    end = PAGE;
  }

  /** Empties the file. */
  void clear() throws IOException {
    channel.truncate(0);
    channel.force(true);
    end = 0;
  }

  long bytes() {
    return end;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static int headBytes(int count) {
    return roundUp(RECORD_BYTES + 8L * count);
  }

  private static long recordBytes(int count) {
    return headBytes(count) + (long) count * PAGE;
  }

  private static int roundUp(long bytes) {
    return Math.toIntExact((bytes + PAGE - 1) / PAGE * PAGE);
  }

  private static int checksum(ByteBuffer buffer, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), 0, length);
    return (int) crc.getValue();
  }

  /** Null if the file ends before. */
  private ByteBuffer read(long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        return null;
      }
    }
    return buffer.flip();
  }

  private void write(long position, ByteBuffer buffer) throws IOException {
    buffer.rewind().limit(buffer.capacity());
    while (buffer.hasRemaining()) {
      channel.write(buffer, position + buffer.position());
    }
  }
}
