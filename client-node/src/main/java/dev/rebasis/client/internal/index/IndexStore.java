package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.client.internal.log.HashChain;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * One MVStore with the maps of the index in it, and what they stand at: T, hash chain and schema. Confined to who made
 * it.
 *
 * <p>H2 writes nothing by itself: no background writer, no limit of unsaved pages. The file changes only in
 * {@link #commit()} and {@link #close()}, each between two transactions. Since every commit is forced before the next
 * begins, space of dead pages may be used again at once (retention time 0): what an unfinished commit writes over was
 * not needed by the one before.
 */
final class IndexStore {
  // In a small heap an eighth each: with what sorts and reads need beside them, a first load runs in 128 MB.
  private static final int UNSAVED_BYTES_MAX = (int) Math.min(48 << 20, Runtime.getRuntime().maxMemory() / 8);
  // While all is filled at once nothing, or only what is replaced, is read: the less is in the heap, the less the collector copies.
  private static final int UNSAVED_BYTES_WHILE_FILLED_MAX = UNSAVED_BYTES_MAX / 4;
  private static final int CACHE_MEGABYTES_WHILE_FILLED = 1;
  private static final int CACHE_MEGABYTES = (int) Math.min(32, Runtime.getRuntime().maxMemory() / 8 >> 20);
  // Chunks less than half full are written anew, a few megabytes at each commit.
  private static final int FILL_PERCENT_MIN = 50;
  private static final int COMPACTED_BYTES_MAX = 8 << 20;

  private final MVStore store;
  private final IndexMaps maps;
  private HashChain chain;
  private long t;
  private Schema schema;
  private long bytesWritten;

  private IndexStore(MVStore store, long t, String chain) {
    this.store = store;
    this.maps = new IndexMaps(store);
    this.chain = new HashChain(chain);
    this.t = t;
  }

  /** A new one that holds what every database begins with; in a file, or in memory if the file is null. */
  static IndexStore make(String file) {
    IndexStore index = new IndexStore(open(file), 0, HashChain.START);
    index.schema = Bootstrap.schema();
    index.maps.apply(Bootstrap.datomsByT(), index.schema);
    return index;
  }

  /** Goes back to what every database begins with; versions that are held stay as they are. */
  void clear() {
    maps.clear();
    chain = new HashChain(HashChain.START);
    t = 0;
    schema = Bootstrap.schema();
    maps.apply(Bootstrap.datomsByT(), schema);
  }

  /** The one in a file; null if the file is not at the version that the position names. */
  static IndexStore open(String file, IndexPosition position) {
    MVStore store = open(file);
    boolean done = false;
    try {
      if (store.getCurrentVersion() != position.version()) {
        return null;
      }
      IndexStore index = new IndexStore(store, position.t(), position.chain());
      index.schema = index.readSchema();
      done = true;
      return index;
    } finally {
      if (!done) {
        store.closeImmediately();
      }
    }
  }

  private static MVStore open(String file) {
    MVStore.Builder builder = new MVStore.Builder().autoCommitDisabled().keysPerPage(DatomMap.PAGE_KEYS_MAX);
    if (file == null) {
      return builder.open();
    }
    MVStore store = builder.fileName(file).autoCommitBufferSize(0).cacheSize(CACHE_MEGABYTES).open();
    store.setRetentionTime(0);
    return store;
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

  /** Applies a transaction that is as it came. */
  void apply(Transaction transaction) {
    apply(transaction, null);
  }

  /**
   * Applies a transaction.
   *
   * @param link the hash chain at it as the log tells; null for a transaction that is as it came
   */
  void apply(Transaction transaction, String link) {
    if (!transaction.withdrawn().isEmpty()) {
      transaction.withdrawn().forEach(maps::withdraw);
    }
    Schema after = schema.with(transaction.datoms());
    if (after != schema) {
      maps.reindex(schema, after);
      schema = after;
    }
    maps.apply(transaction.datoms(), schema);
    link(transaction, link);
  }

  /**
   * Applies transactions that withdraw nothing and leave the schema as it is, at once.
   *
   * @param links of each what {@link #apply(Transaction, String)} takes
   */
  void apply(List<Transaction> transactions, List<String> links) {
    List<Datom> datoms = new ArrayList<>(transactions.stream().mapToInt(transaction -> transaction.datoms().size()).sum());
    transactions.forEach(transaction -> datoms.addAll(transaction.datoms()));
    maps.apply(datoms, schema);
    for (int i = 0; i < transactions.size(); i++) {
      link(transactions.get(i), links.get(i));
    }
  }

  private void link(Transaction transaction, String link) {
    if (link == null) {
      chain.add(transaction);
    } else {
      chain = new HashChain(link);
    }
    t = transaction.t();
  }

  /** Whether it holds nothing but what every database begins with. */
  boolean isEmpty() {
    return t == 0;
  }

  /** Becomes what a builder has taken, whatever was here before; versions that are held stay as they are. */
  void become(IndexBuilder builder) {
    maps.clear();
    maps.whenMany(() -> {
      if (isInFile() && store.getUnsavedMemory() > UNSAVED_BYTES_WHILE_FILLED_MAX) {
        store.commit();
      }
    });
    limitCache(CACHE_MEGABYTES_WHILE_FILLED);
    builder.build(maps);
    limitCache(CACHE_MEGABYTES);
    schema = builder.schema();
    chain = new HashChain(builder.chain());
    t = builder.t();
  }

  long t() {
    return t;
  }

  String chain() {
    return chain.link();
  }

  Schema schema() {
    return schema;
  }

  IndexMaps maps() {
    return maps;
  }

  MVStore store() {
    return store;
  }

  boolean isInFile() {
    return store.isPersistent();
  }

  /** Whether so much is unsaved that it should be written for the sake of the heap. */
  boolean isFull() {
    return isInFile() && store.getUnsavedMemory() > UNSAVED_BYTES_MAX;
  }

  /**
   * Writes what was applied, and forces it.
   *
   * @param compact whether to write the live pages of chunks that are mostly dead anew
   */
  void commit(boolean compact) {
    maps.saveDigest();
    FileStore<?> file = store.getFileStore();
    if (compact && file.getChunksFillRate() < FILL_PERCENT_MIN) {
      store.compact(FILL_PERCENT_MIN, COMPACTED_BYTES_MAX);
    }
    store.commit();
    store.sync();
    file.populateInfo((name, value) -> {
      if (name.equals("info.FILE_WRITE_BYTES")) {
        bytesWritten = Long.parseLong(value);
      }
    });
  }

  /** Writes what was made again just now; if the disk does not take that either, the store can do no more. */
  void commitOrFail(String store) {
    try {
      commit(false);
    } catch (MVStoreException e) {
      throw StoreErrors.indexFailed(store, e);
    }
  }

  /** Bytes written to the file since it was opened, as of the last commit. */
  long bytesWritten() {
    return bytesWritten;
  }

  /** Bytes of the file that are taken and hold nothing current. */
  long bytesDead() {
    if (!isInFile()) {
      return 0;
    }
    FileStore<?> file = store.getFileStore();
    return file.size() / 100 * file.getFillRate() / 100 * (100 - file.getChunksFillRate());
  }

  /** For tests: makes the next reads go to the file. */
  void dropCache() {
    limitCache(CACHE_MEGABYTES);
  }

  /** Begins with an empty cache of that size. */
  private void limitCache(int megabytes) {
    store.setCacheSize(megabytes << 10); // kilobytes
  }

  /** Writes what is left and closes. */
  void close() {
    maps.saveDigest();
    store.close();
  }

  /** Closes and writes nothing. */
  void abandon() {
    store.closeImmediately();
  }
}
