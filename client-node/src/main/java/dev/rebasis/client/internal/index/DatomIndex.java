package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.error.RebasisException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.UUID;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * The confirmed datoms in four orders, current and past: a view of the log, made from it whenever it is missing,
 * damaged, of another version, or stands at something that the log does not hold.
 *
 * <p>On the disk. {@link #persist()} forces the index file first; then {@link IndexPosition} says in a file of its own
 * what the index file stands at, and at which version it is. An index file at another version is not used. So no state
 * that a crash left half written is ever believed; what a page holds is checked when it is read.
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
  private volatile UUID incarnation;
  private final Pins pins = new Pins();
  private long bytesHeldBackMax = Long.MAX_VALUE;
  private IndexStore index;
  /** Takes the transactions of a load into an empty store until its end; null while there is none. */
  private IndexBuilder builder;
  private IndexSnapshot newest;
  private boolean changed;
  /** While it opens, no T above this one is applied: a load may have been cut, and what is above it is not whole. */
  private long openingT;
  private long historyFrom;
  private volatile boolean damaged;
  /** The T at which the log forgot entities last: what it held before cannot be made again from it. */
  private volatile long withdrawnT;

  private DatomIndex(StoreFiles files, ClientLog log) {
    this.files = files;
    this.log = log;
    this.source = new IndexSource(files, log);
    this.incarnation = log.incarnation();
    this.openingT = log.state().visibleT();
    this.historyFrom = log.state().historyFrom();
  }

  // ---- opening

  /**
   * Opens the index of a store and brings it up to date with the log.
   *
   * @param files where it is
   * @param log the store's log, open, and kept open as long as the index
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/store-damaged} or {@code store-failed} if the log
   *     cannot be read; whatever ails the index itself is mended
   */
  public static DatomIndex open(StoreFiles files, ClientLog log) {
    DatomIndex opened = new DatomIndex(files, log);
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
    newest = null;
    changed = true;
    damaged = false;
    index = source.make(openingT, this::noteWithdrawal);
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
    logger().log(Level.WARNING, "The index of {0} is damaged and is made again from the log: {1}", files,
        damage == null ? "a reader met damage" : damage);
    index.abandon();
    makeFile();
  }

  // ---- applying

  /** The newest T that is applied, 0 if none. */
  public long position() {
    return builder == null ? index.t() : Math.max(index.t(), builder.t());
  }

  /**
   * Applies confirmed transactions.
   *
   * @param batch by rising T, all above {@link #position()} or amending the transaction there, in the log already
   */
  public void apply(List<Transaction> batch) {
    if (!batch.isEmpty() && batch.get(0).t() <= index.t() && !amends(batch.get(0))) {
      throw new IllegalArgumentException(
          "T " + batch.get(0).t() + " cannot follow T " + index.t() + " in the index");
    }
    batch.forEach(transaction -> applyOrRemake(transaction, null));
  }

  private boolean amends(Transaction transaction) {
    return transaction.t() == index.t() && !transaction.withdrawn().isEmpty();
  }

  /**
   * Takes transactions that are part of a load. They are not in snapshots before {@link #loaded}: nobody may see a part of
   * a load, and an index that is empty is made at once, at its end.
   *
   * @param batch as for {@link #apply}
   */
  public void load(List<Transaction> batch) {
    if (!batch.isEmpty() && batch.get(0).t() <= position() && !amends(batch.get(0))) {
      throw new IllegalArgumentException(
          "T " + batch.get(0).t() + " cannot follow T " + position() + " in the index");
    }
    batch.forEach(transaction -> load(transaction, null));
  }

  private void load(Transaction transaction, String chain) {
    if (index.isEmpty() && IndexBuilder.takes(transaction)) {
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
    if (builder != null) {
      finishBuilding();
    }
  }

  /** A load has come to its end: what it brought is there, and how far back the history goes may be another. */
  public void loaded() {
    build();
    historyFrom = log.historyFrom();
    newest = null;
  }

  private void finishBuilding() {
    try (IndexBuilder all = builder) {
      builder = null;
      changed = true;
      index.become(all);
    } catch (MVStoreException e) {
      remake(e);
    }
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
    openingT = index.t();
    makeFile();
    openingT = Long.MAX_VALUE;
  }

  /** The digest of the current datoms. */
  public Digest digest() {
    return index.maps().digest();
  }

  /**
   * Forgets everything, for the log was told to forget all that is confirmed. Snapshots stay what they are, unless they
   * are damaged: nothing is left that they could be made again from.
   */
  public void clear() {
    dropBuilder();
    index.clear();
    incarnation = log.incarnation();
    historyFrom = 0;
    newest = null;
    changed = true;
  }

  private void applyOrRemake(Transaction transaction, String chain) {
    if (damaged) {
      remake(null);
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
    if (transaction.t() <= index.t() && !amends(transaction) || transaction.t() > openingT) {
      // It is there, or it is part of a load.
      return;
    }
    index.apply(transaction, chain);
    noteWithdrawal(transaction);
    newest = null;
    changed = true;
    if (index.isFull()) {
      persist();
    }
  }

  private void noteWithdrawal(Transaction transaction) {
    if (!transaction.withdrawn().isEmpty()) {
      withdrawnT = transaction.t();
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
    expireOld();
    // An index beyond the end of the log is of no use after a crash.
    log.force();
    try {
      index.commit(heldBytesWritten() < HELD_BYTES_TO_COMPACT_MAX);
    } catch (MVStoreException e) {
      remake(e);
      commitRemade();
    }
    source.writePosition(index, incarnation);
    changed = false;
  }

  private void commitRemade() {
    try {
      index.commit(false);
    } catch (MVStoreException e) {
      throw StoreErrors.indexFailed(files.name(), e);
    }
  }

  // ---- snapshots

  /** The confirmed datoms as they are now; the same object until the next transaction is applied. */
  public IndexSnapshot snapshot() {
    pins.releaseDropped();
    if (newest == null) {
      MVStore.TxCounter version = index.isInFile() ? index.store().registerVersionUsage() : null;
      UUID madeFrom = incarnation;
      Pin.PinState state = new Pin.PinState(index.t(), index.bytesWritten());
      Snapshot snapshot = new Snapshot(new IndexRoots(index.maps()), index.schema(), historyFrom, state,
          (t, damage) -> mended(madeFrom, t, damage));
      pins.add(snapshot, index, version, state);
      newest = snapshot;
    }
    return newest;
  }

  /** A version made again from the log, in memory. Called by readers, on any thread. */
  private IndexRoots mended(UUID madeFrom, long t, MVStoreException damage) {
    if (!madeFrom.equals(incarnation)) {
      throw StoreErrors.expired(t, "its storage is damaged and the store was loaded anew since");
    }
    if (withdrawnT >= t) {
      throw StoreErrors.expired(t, "its storage is damaged and what it held has left the scopes of this store since");
    }
    logger().log(Level.WARNING, "The index of {0} is damaged; a reader''s value of T {1} is made again from the log: {2}",
        files, Long.toString(t), damage);
    damaged = true;
    return new IndexRoots(source.makeInMemory(t).maps());
  }

  /** Which old values are held, and what that costs. */
  public PinStatus pins() {
    pins.releaseDropped();
    Pin.PinState oldest = pins.oldest();
    return oldest == null ? new PinStatus(0, index.t(), 0) : new PinStatus(pins.size(), oldest.t, bytesHeldBack());
  }

  /** Past so many bytes of the file held back by an old value, the value is given up; no limit at first. */
  public void limitBytesHeldBack(long bytes) {
    bytesHeldBackMax = bytes;
  }

  /** For tests: makes the next reads go to the file. */
  void dropCache() {
    index.dropCache();
  }

  private long bytesHeldBack() {
    return Math.min(heldBytesWritten(), index.bytesDead());
  }

  /** Bytes written since the oldest value that is held was taken. */
  private long heldBytesWritten() {
    Pin.PinState oldest = pins.oldest();
    return oldest == null ? 0 : Math.max(0, index.bytesWritten() - oldest.bytesWrittenBefore);
  }

  private void expireOld() {
    while (pins.size() > 0 && bytesHeldBack() > bytesHeldBackMax) {
      pins.expireOldest("it was held for so long that it kept more than " + bytesHeldBackMax
          + " bytes of the index file from being used again");
    }
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
        log.force();
      }
      index.close();
      if (index.isInFile() && !damaged) {
        source.writePosition(index, incarnation);
      }
    } catch (MVStoreException | RebasisException e) {
      // The log has it all. The index file is at another version than its position says, and is made again.
      logger().log(Level.WARNING, "The index of {0} could not be written: {1}", files, e);
      index.abandon();
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(DatomIndex.class.getName());
  }
}
