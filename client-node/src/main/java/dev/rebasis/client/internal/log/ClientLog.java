package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The log of a store: everything that must not be lost, in H2 tables (see {@link LogTables}) with a write-ahead log in
 * front of them ({@link WriteAhead}).
 *
 * <p>Each {@link #write} is wholly in the log afterwards, or not at all. A forced write survives what the {@link
 * Durability} names when the call returns; what was not forced survives with the next force, or is lost by a crash. The
 * tables take over what was written before anyone reads them. A journal under H2 sees to it that a crash leaves them as
 * they were at some moment ({@link dev.rebasis.journal.JournaledPath}).
 *
 * <p>Confined: one thread at a time; what is for any thread says so. The tables take over on whatever thread calls {@link
 * #settle}, beside the owner, who goes on appending.
 */
public final class ClientLog implements AutoCloseable {
  private final StoreFiles files;
  private final Supplier<UUID> newIds;
  private final LogConnections connections;
  private final LogReads reads;
  private final MadeRows made;
  private final Durability durability;
  // Guards the tables; held while they take over and while they are read on the owner's connection.
  private final Object tables = new Object();
  private LogRows rows;
  private LogWrites writes;
  private StoreScrub scrub;
  private LogState state;
  private StoredIds stored;

  private ClientLog(StoreFiles files, Durability durability, Supplier<UUID> newIds, LogConnections connections) {
    this.files = files;
    this.durability = durability;
    this.newIds = newIds;
    this.connections = connections;
    this.reads = new LogReads(files.name(), this::plainReader);
    this.made = new MadeRows(files.name(), connections::reader);
  }

  /**
   * Opens the log of a store, and makes it if there is none.
   *
   * @param files where it is
   * @param durability what a forced write survives
   * @param newIds gives the ids of a new store and of a new incarnation
   * @throws RebasisException {@code :rebasis.error/store-in-use}, {@code store-format}, {@code store-damaged} or
   *     {@code store-failed}; in each case nothing was changed
   */
  public static ClientLog open(StoreFiles files, Durability durability, Supplier<UUID> newIds) {
    LogConnections connections = LogConnections.open(files, durability);
    ClientLog log = new ClientLog(files, durability, newIds, connections);
    try {
      log.prepare();
      if (files.folder() == null || !log.rows.isScrubDue()) {
        return log;
      }
    } catch (SQLException | IOException | RuntimeException e) {
      throw connections.closing(log.releasing(LogConnections.explained(files, e)));
    }
    // The program ended without closing the store: what that would have done is done now.
    log.close();
    ClientLog scrubbed = new ClientLog(files, durability, newIds, LogConnections.open(files, durability));
    try {
      scrubbed.prepare();
      return scrubbed;
    } catch (SQLException | IOException | RuntimeException e) {
      throw scrubbed.connections.closing(scrubbed.releasing(LogConnections.explained(files, e)));
    }
  }

  private RebasisException releasing(RebasisException error) {
    try {
      if (writes != null) {
        writes.release();
      }
    } catch (IOException e) {
      error.addSuppressed(e);
    }
    return error;
  }

  private void prepare() throws SQLException, IOException {
    rows = new LogFormat(files, connections.own(), newIds).prepare();
    WriteAhead ahead = files.isDurable() ? WriteAhead.open(files, durability, rows) : WriteAhead.inMemory();
    writes = new LogWrites(files, durability, rows, ahead, tables);
    writes.begin();
    state = readState();
  }

  private LogState readState() throws SQLException {
    stored = rows.intents().stored(made);
    return rows.state(MadeIds.of(stored));
  }

  /** Reads its state again, after something was written that changes it. */
  public void refresh() {
    state = reading(this::readState);
  }

  /** What was in the log when it was opened. */
  public LogState state() {
    return state;
  }

  /** The newest confirmed T in the log, 0 if none. */
  public long position() {
    return reading(() -> rows.confirmed().t());
  }

  /** The hash chain at the newest confirmed T. */
  public String chain() {
    return reading(() -> rows.confirmed().chain());
  }

  /** The hash chain at a T, or null if the log holds no transaction with this T. T 0 is the begin of the chain. */
  public String chainAt(long t) {
    return reading(() -> rows.confirmed().chainAt(t));
  }

  /** The T from which on the history of the confirmed datoms is complete, 0 if all of it is. */
  public long historyFrom() {
    return reading(() -> rows.historyFrom());
  }

  /** Changes when the confirmed transactions were dropped. */
  public UUID incarnation() {
    return reading(() -> UUID.fromString(rows.setting("incarnation")));
  }

  /**
   * Writes entries, all or none.
   *
   * @param entries in order
   * @param force whether they must survive what the durability names; confirmed transactions need no force, since they
   *     can be fetched again: those of large messages, which have no record in the write-ahead log, are forced some {@value
   *     LogWrites#UNFORCED_DATOMS_MAX} datoms at a time, and until then the end of the process takes them back too
   * @throws dev.rebasis.error.TransactionException {@code :rebasis.error/value-too-large}, and nothing was written
   * @throws RebasisException {@code :rebasis.error/store-failed} if the disk or H2 refused; what was acknowledged before
   *     is safe, these entries may or may not be in the log, and no more can be written until it is opened again
   */
  public void write(List<LogEntry> entries, boolean force) {
    writes.admit(entries);
    stored.announce(entries);
    writes.write(entries, force);
  }

  /**
   * Writes confirmed transactions into the tables at once, past the write-ahead log: all or none, and not forced.
   * Whatever else is written afterwards forces them first.
   *
   * @param transactions by rising T, some thousand datoms: H2 holds them in memory twice until they are committed
   * @throws RebasisException as {@link #write} does
   */
  public void load(List<Transaction> transactions) {
    List<LogEntry> entries = List.of(new LogEntry.Confirmed(transactions));
    writes.admit(entries);
    writes.load(entries);
  }

  /**
   * Writes a copy of the log into a folder. For any thread; the owner goes on appending meanwhile, and may have to wait.
   *
   * @param folder made if it is not there; must not hold a store
   * @throws RebasisException {@code :rebasis.error/store-failed}, also if an earlier write has failed; {@code store-exists}
   */
  public void backup(Path folder) {
    reading(() -> {
      writes.settleOrFail();
      if (files.isDurable()) {
        StoreBackup.write(connections.own(), folder);
      } else {
        StoreBackup.writeRows(connections.own(), folder, newIds);
      }
      return null;
    });
  }

  /** The same without what is past at a T, of which the copy's history begins. */
  void copyTrimmed(Path folder, long t) {
    reading(() -> {
      makeAllRows();
      StoreBackup.writeTrimmed(connections.own(), rows, folder, t, newIds);
      return null;
    });
  }

  /** Whether it is in files, and not only in memory. For any thread. */
  public boolean isDurable() {
    return files.isDurable();
  }

  /**
   * Whether so much was written that the tables should take over some time: someone should call {@link #settle}. For any
   * thread.
   */
  public boolean isBehind() {
    return writes.isBehind();
  }

  /** Whether they should take over now: the next writes might have to wait, or memory is to forget. For any thread. */
  public boolean isFarBehind() {
    return writes.isFarBehind();
  }

  /**
   * Sees to it that the tables hold all that was written before this call. For any thread; the owner may go on writing
   * meanwhile.
   *
   * @throws RebasisException {@code :rebasis.error/store-failed}; what was written is safe, and nothing more can be
   */
  public void settle() {
    writes.settle();
  }

  /**
   * Whether datoms of large messages wait to become rows, so that someone should call {@link #makeRows} when there is time. Never
   * in memory, where rows only take more room. For any thread.
   */
  public boolean hasRowsToMake() {
    return isDurable() && writes.hasRowsToMake();
  }

  /** Whether a write has failed, so that nothing more can be written until the log is opened again. For any thread. */
  public boolean hasFailed() {
    return writes.hasFailed();
  }

  /** How many blocks of some thousand datoms are no rows yet, damaged ones among them. For any thread. */
  public int countBlocks() {
    return writes.countBlocks();
  }

  /**
   * Makes rows of one such block, if there is one. For any thread.
   *
   * @throws RebasisException {@code :rebasis.error/store-damaged} if it is not what was written: nothing has changed, and the
   *     next call is about the next one; {@code store-failed}, and what was written is safe, and nothing more can be
   */
  public void makeRows() {
    writes.makeRows();
  }

  /** Makes rows of all datoms that wait for it: soon after a large load that may take seconds. For any thread. */
  void makeAllRows() {
    writes.makeAllRows(() -> { });
  }

  /**
   * Forces what was written so far. For any thread. Whoever keeps something derived from the log calls it before it writes
   * that to a file.
   *
   * @throws RebasisException {@code :rebasis.error/store-failed} if the disk refused
   */
  public void force() {
    writes.force();
  }

  /**
   * Reads the confirmed transactions after a T that the log holds, or all after T 0, by rising T.
   *
   * @throws RebasisException {@code :rebasis.error/store-damaged} if they are not what was written
   */
  public void transactionsAfter(long t, Consumer<Transaction> consumer) {
    chainedAfter(t, (transaction, chain) -> consumer.accept(transaction));
  }

  /** The same with the hash chain at each of them. */
  public void chainedAfter(long t, BiConsumer<Transaction, String> consumer) {
    reading(() -> {
      rows.confirmed().read(t, Long.MAX_VALUE, consumer);
      return null;
    });
  }

  /** Reads the local numbers that are confirmed, with the server's ids, from the table. For any thread. */
  public void made(BiConsumer<Long, Long> consumer) {
    settle();
    made.between(Long.MIN_VALUE, Long.MAX_VALUE, consumer::accept);
  }

  /** What is read beside the owner. For any thread. */
  public LogReads reads() {
    return reads;
  }

  /** How many transactions made here are parked. For any thread. */
  public long parkedCount() {
    return reading(() -> NotableRows.countParked(connections.own()));
  }

  /**
   * A JDBC connection of its own that can read the tables and change nothing; the tables hold all that was written before
   * this call, and all of its datoms are rows: soon after a large load that may take seconds. For any thread. Whoever asked for it closes it; closing the log closes it too.
   *
   * @param beforeEach called before each block of some thousand datoms becomes rows; what it throws ends this, and what is left waits on
   * @throws RebasisException {@code :rebasis.error/store-damaged} if such a block is not what was written; {@code store-failed},
   *     also if an earlier write has failed
   */
  public Connection readOnlyConnection(Runnable beforeEach) {
    writes.makeAllRows(beforeEach);
    return connections.reader();
  }

  /** The same, though datoms of large messages may not be rows yet. */
  Connection plainReader() {
    settle();
    return connections.reader();
  }

  /** Reads on the owner's connection. */
  private <T> T reading(StoreErrors.Read<T> read) {
    synchronized (tables) {
      settle();
      return StoreErrors.explainingReads(files.name(), read);
    }
  }

  /** Closes the log and every connection that was handed out, forces it, and lets others in. Twice does nothing. */
  @Override
  public void close() {
    synchronized (tables) {
      if (writes.isClosed()) {
        return;
      }
      try {
        if (files.isDurable()) {
          writes.finish(() -> scrub = StoreScrub.begin(files, rows, connections.own()));
        }
        made.close();
        // The lock goes last, for until then the files are ours.
        connections.closeTables();
      } catch (RuntimeException e) {
        writes.fail();
        throw e;
      } finally {
        closeFiles();
      }
    }
  }

  private void closeFiles() {
    try (connections) {
      if (writes.close() && scrub != null) {
        scrub.finish();
      }
    } catch (IOException e) {
      throw StoreErrors.failed(files.name(), "close its log", e);
    }
  }
}
