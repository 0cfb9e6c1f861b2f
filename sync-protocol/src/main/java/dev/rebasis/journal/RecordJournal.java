package dev.rebasis.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.h2.store.fs.FilePath;

/**
 * A write-ahead log: records that are appended in front of a database, so that one write and one force acknowledge them,
 * and the database takes them over later, many at once.
 *
 * <pre>
 * header   magic, the number of the first record, lazy, checksum        one block, written within one sector
 * record   magic, its number, the number up to which all were forced
 *          when it was written, length, checksum | content              from the next byte, or the next block
 * </pre>
 *
 * <p>Records are numbered without gaps. After a force the next record begins a new block of {@value #BLOCK} bytes, so that
 * no write can damage a record that was acknowledged. When the database has taken over all records and was forced,
 * {@link #restart} begins at the front again; what stands behind the newest record is then of an earlier round, which its
 * number shows. The file keeps its size meanwhile: overwriting costs less than growing.
 *
 * <p>A record that cannot be read ends the log if it was not forced, as a crash leaves it so. If a later record says that
 * it was forced, the file is damaged, and {@link #replay} says so.
 *
 * <p>Thread-safe: one lock, held across the disk's work.
 */
public final class RecordJournal implements AutoCloseable {
  /** From this size on, {@link #isFull} says that the database should take over. In bytes. */
  static final int FULL_BYTES = 8 << 20;

  private static final int BLOCK = 4096;
  private static final int GROWTH_BYTES = 256 << 10;
  private static final long HEADER_MAGIC = 0x72656261_77616c31L;
  private static final int RECORD_MAGIC = 0x72776c31;
  private static final int HEADER_BYTES = 8 + 8 + 4 + 4;
  private static final int RECORD_BYTES = 4 + 8 + 8 + 4 + 4;
  private static final int CHECKSUM_AT = RECORD_BYTES - 4;

  private final String path;
  private final FileChannel channel;
  private final boolean lazy;
  private boolean replayed;
  private boolean broken;
  private boolean wasLazy;
  private long first = 1;
  private long nextNumber = 1;
  private long forcedNumber;
  private long end = BLOCK;
  private long size;

  private RecordJournal(String path, FileChannel channel, boolean lazy) throws IOException {
    this.path = path;
    this.channel = channel;
    this.lazy = lazy;
    this.size = channel.size();
  }

  /** What is done with each record of an earlier run. */
  @FunctionalInterface
  public interface Replay {
    /**
     * Takes one record over.
     *
     * @param number its number
     * @param content what was appended
     */
    void record(long number, ByteBuffer content) throws IOException;
  }

  /**
   * Opens the file, and makes it if it is not there. Call {@link #replay} next.
   *
   * @param path a path that one of H2's file systems understands
   * @param lazy whether a force only hands over to the operating system, so that records survive the end of the process
   *     but not a loss of power
   * @throws IOException if the disk refuses
   */
  public static RecordJournal open(String path, boolean lazy) throws IOException {
    return new RecordJournal(Objects.requireNonNull(path, "path"), FilePath.get(path).open("rw"), lazy);
  }

  /**
   * Reads what an earlier run left, oldest first.
   *
   * @param taken the number of the newest record that the database has taken over already; those up to it are skipped
   * @param replay gets each of the others
   * @return false if records are missing between the database and this file, which only a loss of power after lazy
   *     writing can cause; nothing was read then
   * @throws JournalDamagedException if a record that was acknowledged cannot be read
   * @throws IOException if the disk refuses
   */
  public synchronized boolean replay(long taken, Replay replay) throws IOException {
    if (!readHeader()) {
      if (hasRecord(BLOCK, record -> true)) {
        throw new JournalDamagedException("the header of " + name() + " is damaged");
      }
      nextNumber = taken + 1;
      return true;
    }
    if (first > taken + 1) {
      if (!wasLazy) {
        throw new JournalDamagedException(name() + " says that the database has taken over all records up to "
            + (first - 1) + ", but it has those up to " + taken
            + ": it has lost its newest state, or is an older copy");
      }
      nextNumber = first;
      skipNumbers();
      return false;
    }
    nextNumber = first;
    for (ByteBuffer content = next(); content != null; content = next()) {
      if (nextNumber - 1 > taken) {
        replay.record(nextNumber - 1, content);
      }
    }
    long missing = nextNumber;
    if (hasRecord(roundUp(end), record -> record.number() > missing && record.forced() >= missing)) {
      throw new JournalDamagedException("record " + missing + " of " + name() + " was forced to the disk and cannot be read");
    }
    nextNumber = Math.max(nextNumber, taken + 1);
    skipNumbers();
    return true;
  }

  /** Records behind a torn one may be whole: their numbers must not come again. */
  private void skipNumbers() {
    nextNumber += size / RECORD_BYTES + 1;
  }

  /**
   * Begins at the front again. The database must have taken over all records up to {@link #lastNumber()}, remember that
   * number, and have been forced.
   */
  public synchronized void restart() throws IOException {
    orBreak(() -> {
      writeHeader(lazy);
      // Even a lazy journal's header must not be lost when it is the first.
      if (!lazy || !replayed) {
        channel.force(true);
      }
      replayed = true;
      first = nextNumber;
      forcedNumber = nextNumber - 1;
      end = BLOCK;
    });
  }

  private void writeHeader(boolean isLazy) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putLong(HEADER_MAGIC).putLong(nextNumber).putInt(isLazy ? 1 : 0);
    header.putInt(checksum(header, HEADER_BYTES - 4));
    write(0, header);
    size = Math.max(size, HEADER_BYTES);
  }

  /** The number of the record appended last, or one before the next to come. */
  public synchronized long lastNumber() {
    return nextNumber - 1;
  }

  /** Whether the file has grown so large that the database should take over what is in it. */
  public synchronized boolean isFull() {
    return end > FULL_BYTES;
  }

  /**
   * Appends a record. It survives the end of the process when this returns, and a loss of power after {@link #force}.
   *
   * @throws IOException if the disk refuses; the journal can only be closed then
   */
  public synchronized void append(byte[] content) throws IOException {
    if (!replayed) {
      throw new IllegalStateException("replay and restart come first");
    }
    orBreak(() -> {
      ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES + content.length);
      record.putInt(RECORD_MAGIC).putLong(nextNumber).putLong(forcedNumber).putInt(content.length).putInt(0).put(content);
      record.putInt(CHECKSUM_AT, checksum(record, record.capacity()));
      grow(end + record.capacity());
      write(end, record);
      end += record.capacity();
      nextNumber++;
    });
  }

  /** Growing in large steps saves the file system's own work at each force. */
  private void grow(long needed) throws IOException {
    if (needed > size && !lazy) {
      long from = size;
      size = (needed / GROWTH_BYTES + 1) * GROWTH_BYTES;
      write(from, ByteBuffer.allocate(Math.toIntExact(size - from)));
    }
    size = Math.max(size, needed);
  }

  /** Forces what was appended so far, unless this journal is lazy. */
  public synchronized void force() throws IOException {
    if (lazy || forcedNumber == nextNumber - 1) {
      return;
    }
    orBreak(() -> {
      channel.force(false);
      forcedNumber = nextNumber - 1;
      end = roundUp(end);
    });
  }

  /**
   * Empties the file and closes it, when the database has taken over everything, remembers {@link #lastNumber()}, and was
   * forced and closed. What stays is the header: a database that has lost its newest state, or an older copy of it, is
   * noticed by the number in it.
   */
  public synchronized void closeEmpty() throws IOException {
    try (channel) {
      orBreak(() -> {
        writeHeader(false);
        channel.truncate(BLOCK);
        channel.force(true);
      });
    }
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }

  // ---- reading

  private record Found(long number, long forced, ByteBuffer content) {}

  private String name() {
    return FilePath.get(path).getName();
  }

  private boolean readHeader() throws IOException {
    ByteBuffer header = read(0, HEADER_BYTES);
    if (header == null || header.getLong() != HEADER_MAGIC) {
      return false;
    }
    first = header.getLong();
    wasLazy = header.getInt() != 0;
    return header.getInt() == checksum(header, HEADER_BYTES - 4);
  }

  private ByteBuffer next() throws IOException {
    Found found = recordAt(end);
    if (found == null || found.number() != nextNumber) {
      end = roundUp(end);
      found = recordAt(end);
    }
    if (found == null || found.number() != nextNumber) {
      return null;
    }
    end += RECORD_BYTES + found.content().remaining();
    nextNumber++;
    return found.content();
  }

  private Found recordAt(long position) throws IOException {
    ByteBuffer fixed = read(position, RECORD_BYTES);
    if (fixed == null || fixed.getInt() != RECORD_MAGIC) {
      return null;
    }
    long number = fixed.getLong();
    long forced = fixed.getLong();
    int length = fixed.getInt();
    int expected = fixed.getInt();
    if (length < 0 || position + RECORD_BYTES + length > size) {
      return null;
    }
    ByteBuffer record = read(position, RECORD_BYTES + length);
    record.putInt(CHECKSUM_AT, 0);
    if (checksum(record, record.capacity()) != expected) {
      return null;
    }
    return new Found(number, forced, record.position(RECORD_BYTES));
  }

  /** Whether a whole record of a kind begins in one of the blocks from a position on. */
  private boolean hasRecord(long from, java.util.function.Predicate<Found> wanted) throws IOException {
    for (long position = from; position < size; position += BLOCK) {
      Found found = recordAt(position);
      if (found != null && wanted.test(found)) {
        return true;
      }
    }
    return false;
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

  // ---- writing

  private interface DiskWork {
    void run() throws IOException;
  }

  /** After a failed write or force nobody knows what is on the disk; the next to open the file replays what is whole. */
  private void orBreak(DiskWork work) throws IOException {
    if (broken) {
      throw new IOException("an earlier write to the disk failed: " + path);
    }
    boolean done = false;
    try {
      work.run();
      done = true;
    } finally {
      broken = !done;
    }
  }

  private void write(long position, ByteBuffer buffer) throws IOException {
    buffer.rewind().limit(buffer.capacity());
    while (buffer.hasRemaining()) {
      channel.write(buffer, position + buffer.position());
    }
  }

  private static long roundUp(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
  }

  private static int checksum(ByteBuffer buffer, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), 0, length);
    return (int) crc.getValue();
  }
}
