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
 * <p>What is written goes to memory, page by page. A force appends the changed pages to the journal and forces the
 * journal. A checkpoint, when the journal has grown past {@value #JOURNAL_BYTES_MAX} bytes or at the close, copies the pages
 * from the journal to the file, forces the file, and begins the journal anew. The invariants:
 *
 * <ol>
 *   <li>the file is written only in a checkpoint, after every record has been forced, the last of them ending a force;
 *   <li>the journal begins anew only when the file has been forced since;
 *   <li>so file and journal together always give the state of the last force that reached the disk, after any crash.
 * </ol>
 *
 * <p>A large transaction would fill the memory before its force: past {@value #DIRTY_PAGES_MAX} pages a record is appended that
 * ends no force, and counts for nothing without the one that does. The journal grows with such a transaction.
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
  private static final int RUN_PAGES_MAX = 64;

  private final FileChannel file;
  private final FilePath journalPath;
  private final boolean readOnly;
  private final boolean lazy;
  private final SortedMap<Long, byte[]> dirty = new TreeMap<>();
  private final SortedMap<Long, Long> inJournal = new TreeMap<>();
  private Journal journal;
  private boolean prepared;
  private boolean broken;
  private long size;
  private long sizeInJournal;
  private boolean openForce; // the last record ended no force
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
    // H2 takes what it cannot read for what is not there, falls back to an older state, or to none, and writes on from it.
    orBreak(() -> readPages(into, position, length));
    return length;
  }

  private void readPages(ByteBuffer into, long position, int length) throws IOException {
    for (int done = 0; done < length; ) {
      long number = (position + done) / PAGE;
      int offset = (int) ((position + done) % PAGE);
      int part = Math.min(length - done, PAGE - offset);
      if (dirty.containsKey(number)) {
        into.put(dirty.get(number), offset, part);
      } else if (inJournal.containsKey(number)) {
        journal.readPage(inJournal.get(number), offset, into, part);
      } else {
        part = readFile(into, position + done, runLength(number, position + done, length - done));
      }
      done += part;
    }
  }

  /** How many bytes from here on are those of the file, so that one read gives them. */
  private int runLength(long firstPage, long position, int wanted) {
    long page = firstPage + 1;
    while (page * PAGE < position + wanted && !dirty.containsKey(page) && !inJournal.containsKey(page)) {
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
      orBreak(() -> append(false));
    }
    return length;
  }

  private byte[] pageToChange(long number, boolean wholly) throws IOException {
    byte[] page = dirty.get(number);
    if (page != null) {
      return page;
    }
    page = new byte[PAGE];
    if (!wholly && inJournal.containsKey(number)) {
      journal.readPage(inJournal.get(number), 0, ByteBuffer.wrap(page), PAGE);
    } else if (!wholly) {
      readFile(ByteBuffer.wrap(page), number * PAGE, PAGE);
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
      append(true);
      if (!lazy) {
        journal.force();
      }
      if (journal.bytes() > JOURNAL_BYTES_MAX) {
        checkpoint();
        journal.restart();
      }
    });
  }

  private void append(boolean endsForce) throws IOException {
    if (dirty.isEmpty() && size == sizeInJournal && cutTo == sizeInJournal && !(endsForce && openForce)) {
      return;
    }
    inJournal.putAll(journal.append(size, cutTo, endsForce, dirty));
    dirty.clear();
    settle();
    openForce = !endsForce;
  }

  private interface DiskWork {
    void run() throws IOException;
  }

  /**
   * After a failed write or force nobody knows what is on the disk, and the next force may succeed without having written
   * what the failed one had to; after a failed read H2 may go on without what it could not read. So the channel is of no
   * further use, and the next to open the file replays the journal.
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
    append(true);
    journal.force();
    if (file.size() > validBytes) {
      file.truncate(validBytes);
    }
    ByteBuffer run = ByteBuffer.allocate(RUN_PAGES_MAX * PAGE);
    long begin = 0;
    for (Map.Entry<Long, Long> place : inJournal.entrySet()) {
      long position = place.getKey() * PAGE;
      if (position != begin + run.position() || !run.hasRemaining()) {
        writeFile(run, begin);
        begin = position;
      }
      journal.readPage(place.getValue(), 0, run, PAGE);
    }
    writeFile(run, begin);
    file.force(true);
    inJournal.clear();
    validBytes = size;
  }

  /** Writes a run of pages, up to the end of the file, and empties it. */
  private void writeFile(ByteBuffer run, long begin) throws IOException {
    run.flip().limit((int) Math.max(0, Math.min(run.limit(), size - begin)));
    while (run.hasRemaining()) {
      file.write(run, begin + run.position());
    }
    run.clear();
  }

  /** Brings all to the file and empties the journal. */
  synchronized void workOffJournal() throws IOException {
    prepare();
    orBreak(() -> {
      checkpoint();
      journal.clear();
      journal.restart();
    });
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
      throw new IOException("an earlier read or write of the disk failed: " + journalPath);
    }
    if (!prepared) {
      orBreak(this::recover);
      prepared = true;
    }
  }

  private void recover() throws IOException {
    size = file.size();
    validBytes = size;
    if (!readOnly || journalPath.exists()) {
      journal = new Journal(journalPath.open(readOnly ? "r" : "rw"));
      journal.replay().forEach(this::replay);
    }
    settle();
    if (!readOnly) {
      checkpoint();
      if (journal.bytes() == 0) {
        // not one that this class had begun, whatever is in it
        journal.clear();
      }
      journal.restart();
    }
  }

  private void replay(Journal.Entry entry) {
    dropPagesFrom(entry.cutTo());
    validBytes = Math.min(validBytes, entry.cutTo());
    inJournal.putAll(entry.places());
    size = entry.fileSize();
  }

  private void settle() {
    sizeInJournal = size;
    cutTo = size;
  }

  private void dropPagesFrom(long bytes) {
    long firstGone = (bytes + PAGE - 1) / PAGE;
    dirty.tailMap(firstGone).clear();
    inJournal.tailMap(firstGone).clear();
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
          if (!broken && !readOnly) {
            checkpoint();
            closing.clear();
          }
        }
      }
    }
  }
}
