package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.HashChain;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.store.fs.FileUtils;

/**
 * The confirmed datoms in four orders, current and past: a view of the log, made from it whenever it is missing,
 * damaged, of another version, or stands at something that the log does not hold.
 *
 * <p>On the disk. H2's own background writer is off: the file is written only by {@link #persist()} and when many pages
 * are unsaved, always between two transactions. Each time the file is forced first, and then {@link IndexPosition} says
 * what it stands at; an index file whose version is not the one named there is not used. So no state that a crash left
 * half written is ever believed.
 *
 * <p>Confined: one owner applies, takes snapshots and closes. Snapshots may be shared by threads.
 */
public final class DatomIndex implements AutoCloseable {
  /** Past so many bytes held back by one old value, the value is given up. */
  public static final long BYTES_HELD_BACK_MAX = 512L << 20;

  private static final Logger LOG = System.getLogger(DatomIndex.class.getName());
  private static final int UNSAVED_BYTES_MAX = 48 << 20;
  private static final int CACHE_MEGABYTES = 32;
  private static final int TRANSACTIONS_AT_ONCE = 1_000;
  private static final int DATOMS_AT_ONCE = 50_000;

  private final StoreFiles files;
  private final UUID incarnation;
  private final MVStore store;
  private final IndexMaps maps;
  private final ReferenceQueue<Snapshot> dropped = new ReferenceQueue<>();
  private final Set<Pin> pins = new LinkedHashSet<>();
  private final HashChain chain;
  private long bytesHeldBackMax = BYTES_HELD_BACK_MAX;
  private long t;
  private Schema schema;
  private Snapshot newest;
  private boolean changed;
  private long bytesWritten;

  private DatomIndex(StoreFiles files, MVStore store, IndexPosition position) {
    this.files = files;
    this.store = store;
    this.incarnation = position.incarnation();
    this.chain = new HashChain(position.chain());
    this.t = position.t();
    this.maps = new IndexMaps(store);
  }

  // ---- opening

  /**
   * Opens the index of a store and brings it up to date with the log.
   *
   * @param files where it is
   * @param log the store's log, open
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/store-damaged} or {@code store-failed} if the log
   *     cannot be read; whatever ails the index itself is mended
   */
  public static DatomIndex open(StoreFiles files, ClientLog log) {
    DatomIndex index = files.indexFile() == null ? null : openFile(files, log);
    if (index == null) {
      index = make(files, log);
    }
    try {
      index.catchUp(log);
      return index;
    } catch (RuntimeException e) {
      index.abandon();
      throw e;
    }
  }

  /** The index as it is in its file, or null if it has to be made again. */
  private static DatomIndex openFile(StoreFiles files, ClientLog log) {
    if (!FileUtils.exists(files.indexFile())) {
      return null;
    }
    MVStore store = null;
    try {
      IndexPosition position = IndexPosition.read(files.indexPositionFile());
      String unfit = unfit(position, log);
      if (unfit == null) {
        store = builder(files.indexFile()).open();
        if (store.getCurrentVersion() == position.version()) {
          DatomIndex index = new DatomIndex(files, store, position);
          index.schema = index.readSchema();
          return index;
        }
        unfit = "its file is not the one that was forced to the disk last";
      }
      LOG.log(Level.INFO, "The index of {0} is made again from the log: {1}.", files, unfit);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "The index of " + files + " is made again from the log, for it cannot be read.", e);
    }
    if (store != null) {
      store.closeImmediately();
    }
    return null;
  }

  private static String unfit(IndexPosition position, ClientLog log) {
    if (position == null) {
      return "it does not say what it stands at, or has another format";
    }
    if (!position.incarnation().equals(log.incarnation())) {
      return "it was made from an earlier log";
    }
    if (position.t() > log.position()) {
      return "it stands at T " + position.t() + ", beyond the log's T " + log.position();
    }
    return position.chain().equals(log.chainAt(position.t())) ? null : "the log holds other transactions";
  }

  private static DatomIndex make(StoreFiles files, ClientLog log) {
    if (files.indexFile() != null) {
      FileUtils.delete(files.indexPositionFile());
      FileUtils.delete(files.indexFile());
    }
    DatomIndex index =
        new DatomIndex(files, builder(files.indexFile()).open(), IndexPosition.start(log.incarnation()));
    index.schema = Bootstrap.schema();
    index.maps.apply(Bootstrap.datomsByT(), index.schema);
    index.changed = true;
    return index;
  }

  private static MVStore.Builder builder(String file) {
    MVStore.Builder builder = new MVStore.Builder().autoCommitDisabled();
    // Buffer size 0: H2 never writes by itself, in the middle of a transaction.
    return file == null ? builder : builder.fileName(file).autoCommitBufferSize(0).cacheSize(CACHE_MEGABYTES);
  }

  private void catchUp(ClientLog log) {
    List<Transaction> batch = new ArrayList<>();
    int[] datoms = new int[1];
    log.transactionsAfter(t, transaction -> {
      batch.add(transaction);
      datoms[0] += transaction.datoms().size();
      if (batch.size() == TRANSACTIONS_AT_ONCE || datoms[0] >= DATOMS_AT_ONCE) {
        apply(batch);
        batch.clear();
        datoms[0] = 0;
      }
    });
    apply(batch);
  }

  /** The schema from its own datoms, past ones too, since a former ident goes on naming its entity. */
  private Schema readSchema() {
    List<Datom> datoms = new ArrayList<>();
    for (MVMap<Datom, Boolean> aevt : List.of(maps.current(IndexOrder.AEVT), maps.past(IndexOrder.AEVT))) {
      for (long a = SystemIds.DB_IDENT; a <= SystemIds.DB_TUPLE_ATTRS; a++) {
        if (SystemIds.isSchemaAttribute(a)) {
          read(aevt, Prefix.of(IndexOrder.AEVT, a), datoms);
        }
      }
    }
    datoms.sort(Comparator.comparingLong(Datom::tx).thenComparing(DatomOrder.EAVT));
    return Schema.EMPTY.with(datoms);
  }

  private static void read(MVMap<Datom, Boolean> map, Prefix range, List<Datom> into) {
    Cursor<Datom, Boolean> cursor = map.cursor(range.first());
    while (cursor.hasNext()) {
      Datom datom = cursor.next();
      if (!range.matches(datom)) {
        return;
      }
      into.add(datom);
    }
  }

  // ---- applying

  /** The newest T that is applied, 0 if none. */
  public long position() {
    return t;
  }

  /**
   * Applies confirmed transactions.
   *
   * @param batch by rising T, all above {@link #position()}
   */
  public void apply(List<Transaction> batch) {
    for (Transaction transaction : batch) {
      if (transaction.t() <= t) {
        throw new IllegalArgumentException("T " + transaction.t() + " cannot follow T " + t + " in the index");
      }
      Schema after = schema.with(transaction.datoms());
      if (after != schema) {
        maps.reindex(schema, after);
        schema = after;
      }
      maps.apply(transaction.datoms(), schema);
      chain.add(transaction);
      t = transaction.t();
      newest = null;
      changed = true;
      if (store.isPersistent() && store.getUnsavedMemory() > UNSAVED_BYTES_MAX) {
        persist();
      }
    }
  }

  /**
   * Writes what was applied since the last time to the file and forces it. Without it a restart applies the rest again
   * from the log. Costs some milliseconds; meant to be called now and then.
   */
  public void persist() {
    releaseDropped();
    if (!changed || !store.isPersistent()) {
      return;
    }
    expireOldest();
    store.commit();
    store.sync();
    writePosition();
    bytesWritten = readBytesWritten();
    changed = false;
  }

  private void writePosition() {
    try {
      new IndexPosition(incarnation, t, chain.link(), store.getCurrentVersion()).write(files.indexPositionFile());
    } catch (IOException e) {
      // The index file is then ahead of its position, and is made again at the next start.
      LOG.log(Level.WARNING, "The position of the index of " + files + " could not be written.", e);
    }
  }

  // ---- snapshots

  /** The confirmed datoms as they are now; the same object until the next transaction is applied. */
  public IndexSnapshot snapshot() {
    releaseDropped();
    if (newest == null) {
      MVStore.TxCounter version = store.isPersistent() ? store.registerVersionUsage() : null;
      Pin.PinState state = new Pin.PinState(t, bytesWritten);
      newest = new Snapshot(maps, schema, state);
      pins.add(new Pin(newest, dropped, version, state));
    }
    return newest;
  }

  /** Which old values are held, and what that costs. */
  public PinStatus pins() {
    releaseDropped();
    if (pins.isEmpty()) {
      return new PinStatus(0, t, 0);
    }
    Pin oldest = pins.iterator().next();
    return new PinStatus(pins.size(), oldest.state().t, bytesWritten - oldest.state().bytesWrittenBefore);
  }

  /** For tests: past how many bytes written since it was taken an old value is given up. */
  void limitBytesHeldBack(long bytes) {
    bytesHeldBackMax = bytes;
  }

  private void releaseDropped() {
    for (Reference<? extends Snapshot> pin = dropped.poll(); pin != null; pin = dropped.poll()) {
      pins.remove(pin);
      ((Pin) pin).release(store);
    }
  }

  private void expireOldest() {
    for (Pin pin : List.copyOf(pins)) {
      if (bytesWritten - pin.state().bytesWrittenBefore <= bytesHeldBackMax) {
        return;
      }
      pin.expire("it was held while more than " + bytesHeldBackMax + " bytes were written");
      pins.remove(pin);
      pin.release(store);
    }
  }

  /** Bytes written to the file since it was opened. */
  private long readBytesWritten() {
    long[] bytes = new long[1];
    store.getFileStore().populateInfo((name, value) -> {
      if (name.equals("info.FILE_WRITE_BYTES")) {
        bytes[0] = Long.parseLong(value);
      }
    });
    return bytes[0];
  }

  // ---- closing

  /** Writes what is left and closes; every snapshot throws from now on. To close twice does nothing. */
  @Override
  public void close() {
    if (store.isClosed()) {
      return;
    }
    for (Pin pin : pins) {
      pin.expire("the client was closed");
      pin.release(store);
    }
    pins.clear();
    newest = null;
    try {
      store.close();
      if (store.isPersistent()) {
        writePosition();
      }
    } catch (MVStoreException e) {
      throw StoreErrors.indexFailed(files.name(), e);
    }
  }

  /** Closes without writing. */
  private void abandon() {
    pins.forEach(pin -> pin.expire("the index could not be opened"));
    store.closeImmediately();
  }
}
