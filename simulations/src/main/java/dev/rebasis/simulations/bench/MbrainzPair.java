package dev.rebasis.simulations.bench;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.Durability;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/** The same data in {@code datomic:mem} and in a client's store on disk, entity ids and all. */
final class MbrainzPair implements AutoCloseable {
  private static final int BATCH_TRANSACTIONS = 16;

  private final String uri = "datomic:mem://mbrainz-" + UUID.randomUUID();
  private final Path store;
  private final Connection connection;
  private long datoms;
  private long loadNanos;
  private SyncClient client;

  /** Makes both; afterwards the store is closed. */
  MbrainzPair(MbrainzData data, Path store) {
    this.store = store;
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
    transact((List<?>) Util.read(MbrainzData.SCHEMA));
    transact((List<?>) Util.read(MbrainzData.TYPES));
    data.forEachTransaction(this::transact);
    List<Transaction> transactions = transactions();
    transactions.forEach(transaction -> datoms += transaction.datoms().size());
    long start = System.nanoTime();
    load(transactions);
    loadNanos = System.nanoTime() - start;
    client = SyncClient.builder().store(store).open();
  }

  private void transact(List<?> forms) {
    try {
      connection.transact(forms).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Datomic refuses the data of the benchmark", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private List<Transaction> transactions() {
    List<Transaction> all = new ArrayList<>();
    for (Map<?, ?> entry : connection.log().txRange(null, null)) {
      Set<Datom> distinct = new LinkedHashSet<>();
      for (Object datom : (Iterable<?>) entry.get(datomic.Log.DATA)) {
        datomic.Datom d = (datomic.Datom) datom;
        distinct.add(new Datom(
            (Long) d.e(), ((Number) d.a()).longValue(), value(d.v()), (Long) d.tx(), d.added()));
      }
      all.add(new Transaction((Long) entry.get(datomic.Log.T), List.copyOf(distinct)));
    }
    return all;
  }

  private static Object value(Object theirs) {
    if (theirs instanceof clojure.lang.Keyword keyword) {
      return Keyword.of(keyword.toString());
    }
    return theirs instanceof Date date ? date.toInstant() : theirs;
  }

  private void load(List<Transaction> transactions) {
    StoreFiles files = StoreFiles.folder(store);
    try (ClientLog log = ClientLog.open(files, Durability.POWER_LOSS, UUID::randomUUID);
        DatomIndex index = DatomIndex.open(files, log)) {
      for (int i = 0; i < transactions.size(); i += BATCH_TRANSACTIONS) {
        List<Transaction> batch = transactions.subList(i, Math.min(transactions.size(), i + BATCH_TRANSACTIONS));
        log.write(List.of(new LogEntry.Confirmed(batch)), i + BATCH_TRANSACTIONS >= transactions.size());
        index.apply(batch);
      }
      index.persist();
    }
  }

  /** How many datoms were loaded, those of the schema included. */
  long datoms() {
    return datoms;
  }

  /** How long the load into the client's store took, to the end of its last force and its closing. */
  long loadNanos() {
    return loadNanos;
  }

  datomic.Database theirs() {
    return connection.db();
  }

  dev.rebasis.client.Database ours() {
    return client.db();
  }

  @Override
  public void close() {
    client.close();
    Peer.deleteDatabase(uri);
  }
}
