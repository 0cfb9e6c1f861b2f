package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.error.RebasisException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.h2.mvstore.MVStoreException;

/**
 * The confirmed datoms in four orders, current and past: a view of the log, made from it whenever it is missing,
 * damaged, of another version, or stands at something that the log does not hold.
 *
 * <p>On the disk. {@link #persist()} forces the index file first; then {@link IndexPosition} says in a file of its own
 * what the index file stands at, and at which version it is. An index file at another version is not used. So no state
 * that a crash left half written is ever believed; what a page holds is checked when it is read.
 *
 * <p>The newest transactions wait in memory, laid over the trees by whoever reads ({@link Recent}), and go into the trees
 * together: neighbours share the pages that are copied then. The log holds them, as it does all.
 *
 * <p>Damage. Found at opening, the index is made again. Found by a reader, the reader's version is made again in memory
 * ({@link Snapshot}), and the file with the next transaction or at the next opening. Found by the owner, the file is made
 * again at once. None of it is an error to the program, unless the log is damaged as well.
 *
 * <p>Confined: one owner applies, takes snapshots, persists and closes. Snapshots may be shared by threads.
 */
public final class DatomIndex implements AutoCloseable {
  // Past so many bytes written while an old value is held, compacting only makes the file grow.
  private static final long HELD_BYTES_TO_COMPACT_MAX = 64L << 20;

  private final StoreFiles files;
  private final ClientLog log;
  private final IndexSource source;
  private final Mending mending;
  private final Pins pins = new Pins();
  private final RecentTransactions recent;
  private IndexStore index;
  /** Of the trees as they are; null if they have changed since it was asked for. */
  private IndexRoots roots;
  /** Takes the transactions of a load into an empty store until its end; null while there is none. */
  private IndexBuilder builder;
  private IndexSnapshot newest;
  private boolean changed;
  /** While it opens, no T above this one is applied: a load may have been cut, and what is above it is not whole. */
  private long openingT;
  private long historyFrom;

  private DatomIndex(StoreFiles files, ClientLog log, RecentTransactions recent) {
    this.files = files;
    this.log = log;
    this.recent = recent;
    this.source = new IndexSource(files, log);
    this.mending = new Mending(files, source, log.incarnation());
    this.openingT = log.state().visibleT();
    this.historyFrom = log.state().historyFrom();
  }

  /**
   * Opens the index of a store and brings it up to date with the log.
   *
   * @param files where it is
   * @param log the store's log, open, and kept open as long as the index
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/store-damaged} or {@code store-failed} if the log
   *     cannot be read; whatever ails the index itself is mended
   */
  public static DatomIndex open(StoreFiles files, ClientLog log) {
    return open(files, log, new RecentTransactions(RecentTransactions.DATOMS_MAX));
  }

  /** The same, for tests: with room for other numbers of datoms that wait. */
  static DatomIndex open(StoreFiles files, ClientLog log, RecentTransactions recent) {
    DatomIndex opened = new DatomIndex(files, log, recent);
    opened.index = opened.source.read(opened.openingT);
    if (opened.index == null) {
      opened.makeFile();
    } else {
      opened.catchUpOrMake();
    }
    opened.openingT = Long.MAX_VALUE;
    return opened;
  }

  private void catchUpOrMake() {
    boolean done = false;
    try {
      log.chainedAfter(index.t(), this::applyOne);
      done = true;
    } catch (MVStoreException e) {
      remake(e);
      done = true;
    } finally {
      if (!done) {
        index.abandon();
      }
    }
  }

  /** Makes the index from the log. */
  private void makeFile() {
    dropViews();
    mending.mended();
    index = source.make(openingT, this::noteWithdrawal);
  }

  private void dropViews() {
    recent.clear();
    roots = null;
    newest = null;
    changed = true;
  }

  /**
   * Makes the index again, for it is damaged. Snapshots of the old file mend themselves when they are read.
   *
   * @param damage what was met, or null if a reader met it
   */
  private void remake(MVStoreException damage) {
    if (!index.isInFile() && damage != null) {
      throw damage;
    }
    Object met = damage == null ? "a reader met it" : damage;
    logger().log(Level.WARNING, "The index of {0} is damaged and is made again from the log: {1}", files, met);
    index.abandon();
    makeFile();
  }

  // ---- applying

  /** The newest T that is applied, 0 if none. */
  public long position() {
    return builder == null ? appliedT() : Math.max(index.t(), builder.t());
  }

  private long appliedT() {
    return recent.isEmpty() ? index.t() : recent.t();
  }

  /**
   * Applies confirmed transactions.
   *
   * @param batch by rising T, all above {@link #position()} or amending the transaction there, in the log already
   */
  public void apply(List<Transaction> batch) {
    checkFollows(batch);
    batch.forEach(transaction -> applyOrRemake(transaction, null));
  }

  private void checkFollows(List<Transaction> batch) {
    if (!batch.isEmpty() && batch.get(0).t() <= position() && !amends(batch.get(0))) {
      throw new IllegalArgumentException("T " + batch.get(0).t() + " cannot follow T " + position() + " in the index");
    }
  }

  private boolean amends(Transaction transaction) {
    return transaction.t() == appliedT() && !transaction.withdrawn().isEmpty();
  }

  /**
   * Takes transactions that are part of a load. They are not in snapshots before {@link #loaded}: nobody may see a part of
   * a load, and an index that is empty is made at once, at its end.
   *
   * @param batch as for {@link #apply}
   */
  public void load(List<Transaction> batch) {
    checkFollows(batch);
    batch.forEach(transaction -> load(transaction, null));
  }

  private void load(Transaction transaction, String chain) {
    if (recent.isEmpty() && index.isEmpty() && IndexBuilder.takes(transaction)) {
      builder = builder == null ? new IndexBuilder(files.scratchFile()) : builder;
      builder.add(transaction, chain);
    } else {
      build();
      applyOrRemake(transaction, chain);
    }
  }

  /** Loads what the log holds up to a T and the index does not: what came of a load before the store was opened. */
  public void catchUp(long upToT) {
    log.chainedAfter(position(), (transaction, chain) -> {
      if (transaction.t() <= upToT) {
        load(transaction, chain);
      }
    });
  }

  /** Does the work of {@link #loaded} that needs no log, for a load that is to be shown as soon as it is at its end. */
  public void build() {
    if (builder == null) {
      return;
    }
    try (IndexBuilder all = builder) {
      builder = null;
      changed = true;
      roots = null;
      index.become(all);
    } catch (MVStoreException e) {
      remake(e);
    }
  }

  /** A load has come to its end: what it brought is there, and how far back the history goes may be another. */
  public void loaded() {
    build();
    historyFrom = log.historyFrom();
    newest = null;
  }

  private void dropBuilder() {
    if (builder != null) {
      try (IndexBuilder dropped = builder) {
        builder = null;
      } catch (MVStoreException e) {
        logger().log(Level.WARNING, "The scratch file of the index of {0} could not be deleted: {1}", files, e);
      }
    }
  }

  /** Makes the index again from the log, for it does not hold what was put into it. */
  public void makeAgain() {
    dropBuilder();
    if (index.isInFile()) {
      index.abandon();
    }
    openingT = appliedT();
    makeFile();
    openingT = Long.MAX_VALUE;
  }

  /** The digest of the current datoms. */
  public Digest digest() {
    moveToTreesOrRemake();
    return index.maps().digest();
  }

  /**
   * Forgets everything, for the log was told to forget all that is confirmed. Snapshots stay what they are, unless they
   * are damaged: nothing is left that they could be made again from.
   */
  public void clear() {
    dropBuilder();
    dropViews();
    index.clear();
    mending.begin(log.incarnation());
    historyFrom = 0;
  }

  private void applyOrRemake(Transaction transaction, String chain) {
    if (mending.isDamaged()) {
      remake(null);
    }
    if (amends(transaction)) {
      moveToTreesOrRemake();
    }
    if (amends(transaction) && index.chain().equals(log.chainAt(index.t()))) {
      // The log held it already when the index was made again.
      return;
    }
    try {
      applyOne(transaction, chain);
    } catch (MVStoreException e) {
      remake(e);
    }
  }

  private void applyOne(Transaction transaction, String chain) {
    if (transaction.t() <= appliedT() && !amends(transaction) || transaction.t() > openingT) {
      // It is there, or it is part of a load.
      return;
    }
    if (recent.takes(transaction)) {
      recent.add(transaction, chain, mending.incarnation());
      if (recent.isFull()) {
        moveToTrees();
      }
    } else {
      moveToTrees();
      index.apply(transaction, chain);
    }
    noteWithdrawal(transaction);
    newest = null;
    changed = true;
    if (index.isFull()) {
      persist();
    }
  }

  private void moveToTrees() {
    roots = null;
    recent.moveTo(index);
  }

  private void moveToTreesOrRemake() {
    try {
      moveToTrees();
    } catch (MVStoreException e) {
      remake(e);
    }
  }

  private void noteWithdrawal(Transaction transaction) {
    if (!transaction.withdrawn().isEmpty()) {
      mending.withdrawn(transaction.t());
      historyFrom = Math.max(historyFrom, transaction.t());
    }
  }

  /**
   * Writes what was applied since the last time to the file and forces it. Without it a restart applies the rest again
   * from the log. Costs some milliseconds; meant to be called now and then.
   */
  public void persist() {
    pins.releaseDropped();
    if (!changed || !index.isInFile()) {
      return;
    }
    moveToTreesOrRemake();
    pins.expireOld(index);
    // An index beyond the end of the log is of no use after a crash.
    log.force();
    try {
      index.commit(pins.bytesWrittenSinceOldest(index) < HELD_BYTES_TO_COMPACT_MAX);
    } catch (MVStoreException e) {
      remake(e);
      index.commitOrFail(files.name());
    }
    source.writePosition(index, mending.incarnation());
    changed = false;
  }

  // ---- snapshots

  /** The confirmed datoms as they are now; the same object until the next transaction is applied. */
  public IndexSnapshot snapshot() {
    pins.releaseDropped();
    if (newest == null) {
      Pin.PinState state = new Pin.PinState(appliedT(), index.bytesWritten());
      roots = roots == null ? new IndexRoots(index.maps()) : roots;
      Snapshot snapshot =
          new Snapshot(roots, recent.now(index.schema()), index.schema(), historyFrom, state, mending.of(index.t(), state.t));
      pins.add(snapshot, index, state);
      newest = snapshot;
    }
    return newest;
  }

  /** Which old values are held, and what that costs. */
  public PinStatus pins() {
    pins.releaseDropped();
    return pins.status(index, appliedT());
  }

  /** Past so many bytes of the file held back by an old value, the value is given up; no limit at first. */
  public void limitBytesHeldBack(long bytes) {
    pins.limitBytesHeldBack(bytes);
  }

  /** For tests: makes the next reads go to the file. */
  void dropCache() {
    index.dropCache();
  }

  // ---- closing

  /** Writes what is left and closes; every snapshot throws from now on. To close twice does nothing. */
  @Override
  public void close() {
    if (index.store().isClosed()) {
      return;
    }
    dropBuilder();
    pins.expireAll("the client was closed");
    newest = null;
    try {
      if (index.isInFile()) {
        moveToTrees();
        log.force();
      }
      index.close();
      if (index.isInFile() && !mending.isDamaged()) {
        source.writePosition(index, mending.incarnation());
      }
    } catch (MVStoreException | RebasisException e) {
      // The log has it all. The index file is at another version than its position says, and is made again.
      logger().log(Level.WARNING, "The index of {0} could not be written: {1}", files, e);
      index.abandon();
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  static Logger logger() {
    return System.getLogger(DatomIndex.class.getName());
  }
}
