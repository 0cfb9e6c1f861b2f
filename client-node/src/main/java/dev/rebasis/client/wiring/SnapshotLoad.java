package dev.rebasis.client.wiring;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.LogState;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.codec.WireCodec;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * Fills a new store from a file that holds what a server's {@code GET /db/NAME/snapshot} answered, before the store's
 * client is opened. The file is read twice at the same time: on the caller's thread for the log, on another one for the
 * index. Confined to the caller.
 *
 * <p>Until its end the load is marked as one under way, so that no client ever sees a part of it; one that a crash cut
 * begins anew.
 */
public final class SnapshotLoad {
  private static final Keyword UNREADABLE = Keyword.of(":rebasis.error/snapshot-unreadable");
  /** So many datoms go into the log at once: if H2 holds much more uncommitted, it writes it out and writes it again. */
  private static final int BATCH_DATOMS = 8_000;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  private final Path snapshot;
  private final ClientLog log;
  private final DatomIndex index;

  private SnapshotLoad(Path snapshot, ClientLog log, DatomIndex index) {
    this.snapshot = snapshot;
    this.log = log;
    this.index = index;
  }

  /**
   * Loads the file, if the store holds nothing confirmed yet and follows no database; else nothing happens.
   *
   * @param snapshot as the server sent it in CBOR, compressed by gzip or not
   * @param files a store on the disk that nobody has open
   * @throws RebasisException {@code :rebasis.error/snapshot-unreadable} if the file is no whole snapshot, or what the
   *     opening of a store throws; the store then holds nothing confirmed
   */
  public static void intoNew(Path snapshot, StoreFiles files, Durability durability) {
    try (ClientLog log = ClientLog.open(files, durability, UUID::randomUUID)) {
      LogState state = log.state();
      if (state.databaseId() != null || state.visibleT() > 0) {
        return;
      }
      if (state.loading() != null) {
        forget(log);
      }
      try (DatomIndex index = DatomIndex.open(files, log)) {
        new SnapshotLoad(snapshot, log, index).run();
      }
    }
  }

  private static void forget(ClientLog log) {
    log.write(List.of(new LogEntry.DropConfirmed(), new LogEntry.Loaded(0)), true);
  }

  private void run() {
    try {
      inParallel(this::fillIndex, this::fillLog);
      index.loaded();
      UUID database = databaseId();
      if (database != null) {
        log.write(List.of(new LogEntry.DatabaseId(database)), true);
      }
      index.persist();
    } catch (RuntimeException e) {
      giveUp(e);
      throw e;
    }
  }

  // What cannot be taken back, since the disk refuses, stays marked as a load under way.
  private void giveUp(RuntimeException cause) {
    try {
      forget(log);
      index.clear();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  private static void inParallel(Runnable beside, Runnable here) {
    List<RuntimeException> failures = new ArrayList<>();
    Thread thread = new Thread(() -> {
      try {
        beside.run();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }, "rebasis-index");
    thread.setDaemon(true);
    thread.start();
    try {
      here.run();
    } finally {
      join(thread);
    }
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }

  // Whoever was interrupted sees it afterwards: two threads cannot leave a store half way.
  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void fillIndex() {
    forEachMessage(message -> index.load(message.transactions()));
    index.build();
  }

  private void fillLog() {
    List<Transaction> batch = new ArrayList<>();
    long[] datoms = {0};
    boolean[] begun = {false};
    long end = forEachMessage(message -> {
      if (!begun[0]) {
        begun[0] = true;
        log.write(List.of(new LogEntry.Loading(0, message.basisT())), true);
      }
      for (Transaction transaction : message.transactions()) {
        batch.add(transaction);
        datoms[0] += transaction.datoms().size();
      }
      if (datoms[0] >= BATCH_DATOMS) {
        log.load(List.copyOf(batch));
        batch.clear();
        datoms[0] = 0;
      }
    });
    if (!batch.isEmpty()) {
      log.load(batch);
    }
    log.write(List.of(new LogEntry.Loaded(end)), true);
  }

  private UUID databaseId() {
    IndexSnapshot loaded = index.snapshot();
    Long entity = loaded.schema().entid(RebasisSchema.DATABASE);
    Long attribute = loaded.schema().entid(RebasisSchema.DB_ID);
    if (entity == null || attribute == null) {
      return null;
    }
    for (Datom datom : loaded.datoms(IndexOrder.EAVT, entity, attribute)) {
      return (UUID) datom.v();
    }
    return null;
  }

  // ---- the file

  /** Gives its messages in order, and at the end the T of the last transaction. */
  private long forEachMessage(Consumer<Message.Transactions> consumer) {
    WireCodec codec = WireCodec.cbor(Limits.client());
    long t = 0;
    try (DataInputStream in = open()) {
      while (true) {
        Message message = codec.decode(message(in));
        if (message instanceof Message.Basis) {
          return t;
        }
        if (!(message instanceof Message.Transactions transactions) || transactions.follows() != t) {
          throw unreadable("a message in it is no part of a first load: ask the server without 'after'", null);
        }
        consumer.accept(transactions);
        t = transactions.transactions().get(transactions.transactions().size() - 1).t();
      }
    } catch (ProtocolException e) {
      throw unreadable("a message in it cannot be read: " + e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable("it ends before its end, or is something else: " + e, e);
    }
  }

  private DataInputStream open() throws IOException {
    InputStream file = new BufferedInputStream(Files.newInputStream(snapshot), BUFFER_BYTES);
    boolean done = false;
    try {
      DataInputStream content = new DataInputStream(content(file));
      done = true;
      return content;
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  private InputStream content(InputStream file) throws IOException {
    file.mark(2);
    int first = file.read();
    boolean gzip = first == GZIP_FIRST && file.read() == GZIP_SECOND;
    file.reset();
    if (first == '{') {
      throw unreadable("it is JSON; ask the server without 'Accept: application/x-ndjson'", null);
    }
    return gzip ? new BufferedInputStream(new GZIPInputStream(file, BUFFER_BYTES), BUFFER_BYTES) : file;
  }

  private byte[] message(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > Limits.client().receiveBytesMax()) {
      throw unreadable("a message says that it has " + length + " bytes", null);
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  private RebasisException unreadable(String why, Exception cause) {
    return new RebasisException(UNREADABLE, ErrorCategory.FIX_REQUEST, "The snapshot " + snapshot + " cannot be loaded, for "
        + why + ". The store is as it was.", Map.of(Keyword.of(":snapshot"), snapshot.toString()), cause);
  }
}
