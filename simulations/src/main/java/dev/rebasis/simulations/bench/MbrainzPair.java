package dev.rebasis.simulations.bench;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/** The same data in {@code datomic:mem} and in a client's store on disk, entity ids and all. */
final class MbrainzPair implements AutoCloseable {
  private static final int MESSAGE_DATOMS = 4_000;

  private final String uri = "datomic:mem://mbrainz-" + UUID.randomUUID();
  private final Connection connection;
  private long datoms;
  private long loadNanos;
  private SyncClient client;

  /** Makes both. */
  MbrainzPair(MbrainzData data, Path store) {
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
    transact((List<?>) Util.read(MbrainzData.SCHEMA));
    transact((List<?>) Util.read(MbrainzData.TYPES));
    data.forEachTransaction(this::transact);
    List<Transaction> transactions = transactions();
    transactions.forEach(transaction -> datoms += transaction.datoms().size());
    Path snapshot = store.resolveSibling("snapshot");
    writeSnapshot(transactions, snapshot);
    long start = System.nanoTime();
    client = SyncClient.builder().store(store).snapshot(snapshot).open();
    loadNanos = System.nanoTime() - start;
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

  /** Writes what a server would send to a client that holds nothing. */
  private static void writeSnapshot(List<Transaction> transactions, Path file) {
    WireCodec codec = WireCodec.cbor(Limits.client());
    long end = transactions.get(transactions.size() - 1).t();
    long follows = 0;
    List<Transaction> batch = new ArrayList<>();
    int size = 0;
    try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (Transaction transaction : transactions) {
        batch.add(transaction);
        size += transaction.datoms().size();
        if (size >= MESSAGE_DATOMS || transaction.t() == end) {
          write(codec.encode(new Message.Transactions(follows, List.copyOf(batch), end)), out);
          follows = transaction.t();
          batch.clear();
          size = 0;
        }
      }
      write(codec.encode(new Message.Basis(end)), out);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the snapshot of the benchmark", e);
    }
  }

  private static void write(byte[] message, DataOutputStream out) throws IOException {
    out.writeInt(message.length);
    out.write(message);
  }

  /** How many datoms were loaded, those of the schema included. */
  long datoms() {
    return datoms;
  }

  /** How long it took to fill the client's store from a snapshot file, to the end of its last force, and to open it. */
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
