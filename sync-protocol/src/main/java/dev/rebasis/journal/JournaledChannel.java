package dev.rebasis.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;

/**
 * A file whose forces are atomic.
 *
 * <p>Pages that were written are held in memory, over those of the file. A force appends the changed ones to the journal
 * as one record and forces the journal. A checkpoint, when the journal has grown past {@value #JOURNAL_BYTES_MAX} bytes
 * or at the close, writes the held pages to the file, forces it, and begins the journal anew. The invariants:
 *
 * <ol>
 *   <li>the file is written only when every record of what is written has been forced to the journal;
 *   <li>the journal begins anew only when the file has been forced since;
 *   <li>so file and journal together always give the state of the last force, or of a later record, after any crash.
 * </ol>
 *
 * <p>What is written between two forces is held back, so that a large transaction would fill the memory: past {@value
 * #DIRTY_PAGES_MAX} pages a record is made of it without a force. It is then a point between two writes of H2's, which
 * H2 takes as the end of a killed process.
 *
 * <p>The journal is replayed at the first use after the lock is taken, so that a second process that cannot have the lock
 * does no harm.
 *
 * <p>Thread-safe: one lock, held across the disk's work, as H2 holds its own.
 */
final class JournaledChannel extends FileBaseDefault {

  static final int JOURNAL_BYTES_MAX = 4 << 20;
  static final int DIRTY_PAGES_MAX = 1024;

  private static final int PAGE = Journal.PAGE;

  private final FileChannel file;
  private final FilePath journalPath;
  private final boolean readOnly;
  private final boolean lazy;
  private final Map<Long, byte[]> held = new TreeMap<>();
  private final SortedMap<Long, byte[]> dirty = new TreeMap<>();
  private Journal journal;
  private boolean prepared;
  private boolean broken;
  private long size;
  private long sizeInJournal;
  private long cutTo; // the shortest that the file was since the last record
  private long validBytes; // of the file itself: what lies behind was cut off since the last checkpoint

  JournaledChannel(FileChannel file, FilePath journalPath, boolean readOnly, boolean lazy) {
    this.file = file;
    this.journalPath = journalPath;
    this.readOnly = readOnly;
    this.lazy = lazy;
  }

  @Override
  public synchronized long size() throws IOException {
    prepare();
    return size;
  }

  @Override
  public synchronized int read(ByteBuffer into, long position) throws IOException {
    prepare();
    if (position >= size) {
      return -1;
    }
    int length = (int) Math.min(into.remaining(), size - position);
    for (int done = 0; done < length; ) {
      long number = (position + done) / PAGE;
      int offset = (int) ((position + done) % PAGE);
      int part = Math.min(length - done, PAGE - offset);
      byte[] page = held.get(number);
      if (page != null) {
        into.put(page, offset, part);
      } else {
        part = readFile(into, position + done, runLength(number, position + done, length - done));
      }
      done += part;
    }
    return length;
  }

  /** How many bytes from here on are not held, so that one read of the file gives them. */
  private int runLength(long firstPage, long position, int wanted) {
    long page = firstPage + 1;
    while (page * PAGE < position + wanted && !held.containsKey(page)) {
      page++;
    }
    return (int) Math.min(wanted, page * PAGE - position);
  }

  private int readFile(ByteBuffer into, long position, int length) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(length);
    part.limit((int) Math.max(0, Math.min(length, validBytes - position)));
    while (part.hasRemaining() && file.read(part, position + part.position()) >= 0) {
      // until it is full or the file ends
    }
    // what the file does not have reads as zeros
    into.put(part.array());
    return length;
  }

  @Override
  public synchronized int write(ByteBuffer from, long position) throws IOException {
    prepareToWrite();
    int length = from.remaining();
    for (int done = 0; done < length; ) {
      long number = (position + done) / PAGE;
      int offset = (int) ((position + done) % PAGE);
      int part = Math.min(length - done, PAGE - offset);
      byte[] page = pageToChange(number, part == PAGE);
      from.get(page, offset, part);
      done += part;
    }
    if (position + length > size) {
      size = position + length;
    }
    if (dirty.size() >= DIRTY_PAGES_MAX) {
      orBreak(() -> {
        append();
        checkpointIfLong();
      });
    }
    return length;
  }

  private byte[] pageToChange(long number, boolean wholly) throws IOException {
    byte[] page = held.get(number);
    if (page == null) {
      page = new byte[PAGE];
      if (!wholly) {
        readFile(ByteBuffer.wrap(page), number * PAGE, PAGE);
      }
      held.put(number, page);
    }
    dirty.put(number, page);
    return page;
  }

  @Override
  protected synchronized void implTruncate(long newSize) throws IOException {
    prepareToWrite();
    if (newSize >= size) {
      return;
    }
    dropPagesFrom(newSize);
    int kept = (int) (newSize % PAGE);
    if (kept != 0) {
      byte[] page = pageToChange(newSize / PAGE, false);
      Arrays.fill(page, kept, PAGE, (byte) 0);
    }
    size = newSize;
    cutTo = Math.min(cutTo, newSize);
    validBytes = Math.min(validBytes, newSize);
  }

  @Override
  public synchronized void force(boolean metaData) throws IOException {
    prepare();
    if (readOnly) {
      return;
    }
    orBreak(() -> {
      append();
      if (!lazy) {
        journal.force();
      }
      checkpointIfLong();
    });
  }

  private void append() throws IOException {
    if (!dirty.isEmpty() || size != sizeInJournal || cutTo < sizeInJournal) {
      journal.append(new Journal.Entry(size, cutTo, dirty));
      dirty.clear();
      sizeInJournal = size;
      cutTo = size;
    }
  }

  private void checkpointIfLong() throws IOException {
    if (journal.bytes() > JOURNAL_BYTES_MAX) {
      checkpoint();
      journal.restart();
    }
  }

  private interface DiskWork {
    void run() throws IOException;
  }

  /**
   * After a failed write or force nobody knows what is on the disk, and the next force may succeed without having written
   * what the failed one had to. So the channel is of no further use, and the next to open the file replays the journal.
   */
  private void orBreak(DiskWork work) throws IOException {
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      broken = true;
      throw e;
    }
  }

  private void checkpoint() throws IOException {
    append();
    journal.force();
    if (file.size() > validBytes) {
      file.truncate(validBytes);
    }
    for (Map.Entry<Long, byte[]> page : held.entrySet()) {
      long position = page.getKey() * PAGE;
      ByteBuffer bytes = ByteBuffer.wrap(page.getValue(), 0, (int) Math.min(PAGE, size - position));
      while (bytes.hasRemaining()) {
        file.write(bytes, position + bytes.position());
      }
    }
    file.force(true);
    held.clear();
    validBytes = size;
  }

  private void prepareToWrite() throws IOException {
    prepare();
    if (readOnly) {
      throw new NonWritableChannelException();
    }
  }

  private void prepare() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    if (broken) {
      throw new IOException("an earlier write to the disk failed: " + journalPath);
    }
    if (!prepared) {
      orBreak(this::recover);
      prepared = true;
    }
  }

  private void recover() throws IOException {
    size = file.size();
    validBytes = size;
    if (readOnly) {
      recoverInMemory();
      return;
    }
    journal = new Journal(journalPath.open("rw"));
    boolean found = journal.replay(this::replay);
    settle();
    checkpoint();
    if (!found) {
      journal.clear();
    }
    journal.restart();
  }

  private void recoverInMemory() throws IOException {
    if (journalPath.exists()) {
      try (Journal read = new Journal(journalPath.open("r"))) {
        read.replay(this::replay);
      }
    }
    settle();
  }

  private void replay(Journal.Entry entry) {
    dropPagesFrom(entry.cutTo());
    validBytes = Math.min(validBytes, entry.cutTo());
    held.putAll(entry.pages());
    size = entry.fileSize();
  }

  private void settle() {
    sizeInJournal = size;
    cutTo = size;
  }

  private void dropPagesFrom(long bytes) {
    long firstGone = (bytes + PAGE - 1) / PAGE;
    held.keySet().removeIf(number -> number >= firstGone);
    dirty.keySet().removeIf(number -> number >= firstGone);
  }

  @Override
  public FileLock tryLock(long position, long length, boolean shared) throws IOException {
    return file.tryLock(position, length, shared);
  }

  @Override
  public FileLock lock(long position, long length, boolean shared) throws IOException {
    return file.lock(position, length, shared);
  }

  @Override
  protected synchronized void implCloseChannel() throws IOException {
    try (FileChannel closed = file) {
      if (journal != null) {
        try (Journal closing = journal) {
          if (!broken) {
            checkpoint();
            closing.clear();
          }
        }
      }
    }
  }
}
