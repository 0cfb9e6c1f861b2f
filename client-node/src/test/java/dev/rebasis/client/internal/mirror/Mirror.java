package dev.rebasis.client.internal.mirror;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.db.TransactionRange;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/**
 * A {@code datomic:mem} database and a client's index that is fed from its log, as confirmed transactions are: entity
 * ids, Ts and history are the same on both sides, so that answers can be compared without translation. Confined.
 */
public final class Mirror implements AutoCloseable {
  /** So many negative numbers are no local ids, so that cases can have them as values. */
  public static final int SMALL_NUMBERS = 100;

  private static final QueryEngine ENGINE = new QueryEngine();

  private final String uri = "datomic:mem://" + UUID.randomUUID();
  private final Connection connection;
  private final ClientLog log;
  private final DatomIndex index;
  private long mirroredT;
  private long indexedT;
  private Overlay overlay = Overlay.EMPTY;
  private boolean holdsBack;
  private final List<Transaction> unwritten = new ArrayList<>();
  private final Map<Long, Long> localIds = new HashMap<>();

  /** Makes an empty pair. */
  public Mirror() {
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
    StoreFiles files = StoreFiles.inMemory();
    log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    index = DatomIndex.open(files, log);
  }

  /** Transacts EDN on Datomic and takes the result over. */
  public Map<?, ?> transact(String edn) {
    return transact((List<?>) Util.read(edn));
  }

  /** Transacts forms in Datomic's types and takes the result over. */
  public Map<?, ?> transact(List<?> forms) {
    Map<?, ?> report;
    try {
      report = connection.transact(forms).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    follow();
    return report;
  }

  /** Takes over what was transacted on Datomic's connection. */
  public void follow() {
    List<Transaction> batch = transactionsAfter(mirroredT);
    if (batch.isEmpty()) {
      return;
    }
    mirroredT = batch.get(batch.size() - 1).t();
    if (holdsBack) {
      batch.forEach(this::addToOverlay);
    } else {
      index.apply(batch);
      unwritten.addAll(batch);
      indexedT = mirroredT;
    }
  }

  /**
   * From now on the client's side takes transactions as pending ones, with local ids for the transactions themselves;
   * {@link #translated} says which. Other entities keep Datomic's ids.
   */
  public void holdBack() {
    holdsBack = true;
  }

  private void addToOverlay(Transaction transaction) {
    localIds.put(transaction.tx(), -(SMALL_NUMBERS + localIds.size() + 1L));
    List<Datom> datoms = new ArrayList<>();
    transaction.datoms().forEach(datom -> datoms.add(translated(datom)));
    datoms.sort(Comparator.comparing(Datom::added));
    overlay = overlay.apply(datoms, overlay.schemaOn(index.snapshot().schema()));
  }

  /** The datom as the client's side has it. */
  public Datom translated(Datom datom) {
    return new Datom(
        (Long) translated(datom.e()), datom.a(), translated(datom.v()), (Long) translated(datom.tx()), datom.added());
  }

  /** The local id for the id of a transaction that is held back; every other value itself, lists element by element. */
  public Object translated(Object value) {
    if (value instanceof Collection<?> several) {
      List<Object> all = new ArrayList<>();
      several.forEach(one -> all.add(translated(one)));
      return all;
    }
    return value instanceof Long id ? (Object) localIds.getOrDefault(id, id) : value;
  }

  /** Datomic's log after a T, in our types, each datom once. */
  private List<Transaction> transactionsAfter(long t) {
    List<Transaction> batch = new ArrayList<>();
    for (Map<?, ?> entry : connection.log().txRange(t + 1, null)) {
      Set<Datom> datoms = new LinkedHashSet<>();
      for (Object datom : (Iterable<?>) entry.get(datomic.Log.DATA)) {
        datoms.add(ours((datomic.Datom) datom));
      }
      batch.add(new Transaction(
          (Long) entry.get(datomic.Log.T), Collections.unmodifiableList(new ArrayList<>(datoms))));
    }
    return batch;
  }

  /** A datom of Datomic's in our types. */
  public static Datom ours(datomic.Datom d) {
    return new Datom(
        (Long) d.e(), ((Number) d.a()).longValue(), Oracle.ours(d.v()), (Long) d.tx(), d.added());
  }

  /** Datomic's value. */
  public datomic.Database theirs() {
    return connection.db();
  }

  /** Datomic's connection. */
  public Connection connection() {
    return connection;
  }

  /** The client's value. */
  public DatabaseValue ours() {
    return ours(ENGINE);
  }

  /** The client's value, with an engine for its queries. */
  public DatabaseValue ours(QueryEngine engine) {
    return DatabaseValue.of(index.snapshot(), overlay, MadeIds.NONE, indexedT, engine);
  }

  /** The client's confirmed transactions of a span of time, as {@code SyncClient.txRange} gives them. */
  public Iterable<Transaction> txRange(Object start, Object end) {
    if (!unwritten.isEmpty()) {
      log.load(unwritten);
      unwritten.clear();
    }
    return TransactionRange.of(ours(), start, end, log.reads()::page);
  }

  @Override
  public void close() {
    index.close();
    log.close();
    connection.release();
    Peer.deleteDatabase(uri);
  }
}
