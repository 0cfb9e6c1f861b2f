package dev.rebasis.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The file beside a database file: a header and records, one for each force, in blocks of {@value #PAGE} bytes.
 *
 * <pre>
 * header   magic, the number of the first record, checksum of these       one block, written within one sector
 * record   magic, its number, file size, the shortest that the file was
 *          since the last record, count of pages, checksum, page
 *          numbers | pages                                                whole blocks
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

  private static final long HEADER_MAGIC = 0x72656261_6a6f7532L;
  private static final long RECORD_MAGIC = 0x72656261_72656332L;
  private static final int HEADER_BYTES = 8 + 8 + 4;
  private static final int RECORD_BYTES = 8 + 8 + 8 + 8 + 4 + 4;
  private static final int CHECKSUM_AT = RECORD_BYTES - 4;

  private final FileChannel channel;
  private long nextNumber = 1;
  private long end;
  private boolean forced = true;

  /** The pages that changed since the last entry, how long the file is, and the shortest that it was in between. */
  record Entry(long fileSize, long cutTo, SortedMap<Long, byte[]> pages) {}

  /** Takes the records of an earlier run, oldest first. */
  interface Replay {
    void apply(Entry entry);
  }

  Journal(FileChannel channel) {
    this.channel = channel;
  }

  /** Reads what an earlier run left, up to the first record that is not whole. False if it is no journal yet. */
  boolean replay(Replay replay) throws IOException {
    ByteBuffer header = read(0, HEADER_BYTES);
    if (header == null || header.getLong() != HEADER_MAGIC) {
      return false;
    }
    nextNumber = header.getLong();
    if (header.getInt() != checksum(header, HEADER_BYTES - 4)) {
      nextNumber = 1;
      return false;
    }
    end = PAGE;
    for (Entry entry = next(); entry != null; entry = next()) {
      replay.apply(entry);
    }
    return true;
  }

  private Entry next() throws IOException {
    ByteBuffer fixed = read(end, RECORD_BYTES);
    if (fixed == null || fixed.getLong() != RECORD_MAGIC || fixed.getLong() != nextNumber) {
      return null;
    }
    long fileSize = fixed.getLong();
    long cutTo = fixed.getLong();
    int count = fixed.getInt();
    int expected = fixed.getInt();
    long bytes = recordBytes(count);
    if (count < 0 || end + bytes > channel.size()) {
      return null;
    }
    ByteBuffer record = read(end, (int) bytes);
    record.putInt(CHECKSUM_AT, 0);
    if (checksum(record, record.capacity()) != expected) {
      return null;
    }
    SortedMap<Long, byte[]> pages = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      byte[] page = new byte[PAGE];
      record.get(headBytes(count) + i * PAGE, page);
      pages.put(record.getLong(RECORD_BYTES + 8 * i), page);
    }
    end += bytes;
    nextNumber++;
    return new Entry(fileSize, cutTo, pages);
  }

  /** Appends a record; it is not on the disk before {@link #force}. */
  void append(Entry entry) throws IOException {
    int count = entry.pages.size();
    ByteBuffer record = ByteBuffer.allocate(Math.toIntExact(recordBytes(count)));
    record.putLong(RECORD_MAGIC).putLong(nextNumber).putLong(entry.fileSize).putLong(entry.cutTo).putInt(count)
        .putInt(0);
    entry.pages.keySet().forEach(record::putLong);
    record.position(headBytes(count));
    entry.pages.values().forEach(record::put);
    record.putInt(CHECKSUM_AT, checksum(record, record.capacity()));
    write(end, record);
    forced = false;
    end += record.capacity();
    nextNumber++;
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
    return headBytes(Math.max(0, count)) + (long) Math.max(0, count) * PAGE;
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
