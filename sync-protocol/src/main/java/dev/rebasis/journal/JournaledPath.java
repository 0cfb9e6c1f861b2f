package dev.rebasis.journal;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.h2.message.DbException;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * The scheme {@value #SCHEME} for H2: {@code jdbc:h2:rebasis:/some/where/log} opens the database
 * {@code /some/where/log.mv.db} with the journal {@code /some/where/log.mv.db.journal} beside it. It may stand before any
 * other scheme of H2's.
 *
 * <p>What H2 writes goes to the journal first, and to the file only after the journal was forced. {@code
 * FileChannel.force} costs one sequential write and one {@code fdatasync}, as a bare log would. After a crash the file is
 * brought to the state of the last force that reached the disk, or to a later one; never to a part of one.
 *
 * <p>After a clean close the journal is empty, and the file is a plain H2 database that any tool may open. After a crash,
 * open it through this scheme first.
 *
 * <p>Only databases ({@code .mv.db}) and stores ({@code .mv}) have a journal; H2's temporary and trace files pass through.
 *
 * <p>Thread-safe.
 */
public class JournaledPath extends FilePathWrapper {

  /** Stands before the path, with a colon. */
  public static final String SCHEME = "rebasis";

  private static final String JOURNAL = ".journal";

  /** The channel last opened for writing, by the path under this scheme: H2 renames files that it has open. */
  private static final ConcurrentMap<String, WeakReference<JournaledChannel>> OPEN = new ConcurrentHashMap<>();

  /** H2 needs it. Use {@link #register()}. */
  public JournaledPath() {}

  /** Makes this scheme, and {@link LazyJournaledPath#SCHEME}, known to H2 in this process. Again does no harm. */
  public static void register() {
    FilePath.register(new JournaledPath());
    FilePath.register(new LazyJournaledPath());
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    if (!hasJournal()) {
      return super.open(mode);
    }
    boolean readOnly = mode.equals("r");
    JournaledChannel channel = new JournaledChannel(getBase().open(mode), journal(), readOnly, isLazy());
    if (!readOnly) {
      OPEN.values().removeIf(last -> last.get() == null);
      OPEN.put(getBase().name, new WeakReference<>(channel));
    }
    return channel;
  }

  @Override
  public void delete() {
    if (hasJournal()) {
      // first: a journal that outlives its file would be replayed into the next of this name
      journal().delete();
    }
    super.delete();
  }

  /** A journal belongs to one content: it is worked off before another file takes the name. H2's compaction does that. */
  @Override
  public void moveTo(FilePath newName, boolean atomicReplace) {
    try {
      workOffJournal();
      ((JournaledPath) newName).workOffJournal();
    } catch (IOException e) {
      throw DbException.convertIOException(e, name);
    }
    super.moveTo(newName, atomicReplace);
  }

  private void workOffJournal() throws IOException {
    if (!hasJournal() || !journal().exists()) {
      return;
    }
    WeakReference<JournaledChannel> last = OPEN.get(getBase().name);
    JournaledChannel channel = last == null ? null : last.get();
    if (channel != null && channel.isOpen()) {
      channel.workOffJournal();
    } else {
      try (FileChannel own = open("rw")) {
        own.size();
      }
    }
    journal().delete();
  }

  /** Whether a force only hands over to the operating system. */
  boolean isLazy() {
    return false;
  }

  private boolean hasJournal() {
    return name.endsWith(".mv.db") || name.endsWith(".mv");
  }

  private FilePath journal() {
    FilePath base = getBase();
    return base.getPath(base + JOURNAL);
  }
}
