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
  private static final byte[] NO_RECORD = {};
  /**
   * So much of large messages, such as those of a load, is not forced at most, and one message more: after a crash it is fetched
   * again, and until the force the journal below the tables grows by all that H2 writes.
   */
  private static final long UNFORCED_DATOMS_MAX = 64_000;

  private final StoreFiles files;
  private final Supplier<UUID> newIds;
  private final LogConnections connections;
  private final LogReads reads;
  private final MadeRows made;
  private final Durability durability;
  // Guards the tables; held while they take over and while they are read on the owner's connection.
  private final Object tables = new Object();
  private LogRows rows;
  private Admission admission;
  private WriteAhead ahead;
  private volatile boolean loadedUnforced;
  private long unforcedDatoms;
  private volatile boolean failed;
  private volatile boolean closed;
  private StoreScrub scrub;
  private LogState state;
  private StoredIds stored;

  private ClientLog(StoreFiles files, Durability durability, Supplier<UUID> newIds, LogConnections connections) {
    this.files = files;
    this.durability = durability;
    this.newIds = newIds;
    this.connections = connections;
    this.reads = new LogReads(files.name(), this::readOnlyConnection);
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
      if (ahead != null) {
        ahead.close();
      }
    } catch (IOException e) {
      error.addSuppressed(e);
    }
    return error;
  }

  private void prepare() throws SQLException, IOException {
    rows = new LogFormat(files, connections.own(), newIds).prepare();
    ahead = files.isDurable() ? WriteAhead.open(files, durability, rows) : WriteAhead.inMemory();
    admission = rows.admission();
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
   *     #UNFORCED_DATOMS_MAX} datoms at a time, and until then the end of the process takes them back too
   * @throws dev.rebasis.error.TransactionException {@code :rebasis.error/value-too-large}, and nothing was written
   * @throws RebasisException {@code :rebasis.error/store-failed} if the disk or H2 refused; what was acknowledged before
   *     is safe, these entries may or may not be in the log, and no more can be written until it is opened again
   */
  public void write(List<LogEntry> entries, boolean force) {
    admit(entries);
    stored.announce(entries);
    if (entries.stream().anyMatch(LogEntry.Part.class::isInstance)) {
      prepareForParts();
    }
    byte[] record = files.isDurable() ? EntryCodec.encode(entries) : NO_RECORD;
    if (record == null && mayWaitForForce(entries, force)) {
      writeUnforced(entries);
      return;
    }
    forceLoaded();
    if (record != null) {
      changing("write its log", () -> ahead.append(record, entries, force));
      if (ahead.isOverdue()) {
        settle();
      }
    } else {
      synchronized (tables) {
        settle();
        changing("write its log", () -> {
          rows.write(entries);
          rows.commit();
          // Always: a later record in front of the tables must not survive what it stands on.
          rows.force();
        });
      }
    }
  }

  /** In memory too: each entity that leaves would be looked for among all rows there. */
  private void prepareForParts() {
    synchronized (tables) {
      changing("prepare its log", rows::prepareForParts);
    }
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
    admit(entries);
    loadAdmitted(entries);
  }

  /** For the end of a process a force is no wait for the disk. */
  private boolean mayWaitForForce(List<LogEntry> entries, boolean force) {
    return !force && durability == Durability.POWER_LOSS && entries.stream().allMatch(LogEntry.Confirmed.class::isInstance);
  }

  private void writeUnforced(List<LogEntry> entries) {
    loadAdmitted(entries);
    unforcedDatoms += datoms(entries);
    if (unforcedDatoms >= UNFORCED_DATOMS_MAX) {
      forceLoaded();
      unforcedDatoms = 0;
    }
  }

  private void loadAdmitted(List<LogEntry> entries) {
    synchronized (tables) {
      settle();
      changing("write its log", () -> {
        rows.write(entries);
        rows.commit();
        loadedUnforced = true;
      });
    }
  }

  private static long datoms(List<LogEntry> entries) {
    return entries.stream().flatMap(entry -> ((LogEntry.Confirmed) entry).transactions().stream())
        .mapToLong(transaction -> transaction.datoms().size()).sum();
  }

  /** Forces what was loaded: nothing may survive it that stands on it. */
  private void forceLoaded() {
    if (loadedUnforced) {
      synchronized (tables) {
        changing("force its log to the disk", () -> {
          rows.force();
          loadedUnforced = false;
        });
      }
    }
  }

  private void admit(List<LogEntry> entries) {
    boolean admitted = false;
    try {
      admission.admit(entries);
      admitted = true;
    } finally {
      if (!admitted) {
        synchronized (tables) {
          settle();
          admission = rows.admission();
        }
      }
    }
  }

  private interface Change {
    void make() throws SQLException, IOException;
  }

  /** Changes the tables or the write-ahead log. After a failure nobody knows what is on the disk. */
  private void changing(String what, Change change) {
    if (failed || closed) {
      throw StoreErrors.failed(files.name(), what,
          new IOException(failed ? "an earlier write failed" : "the log is closed"));
    }
    boolean done = false;
    // An interruption would close the file under H2; whoever was interrupted sees it afterwards.
    boolean interrupted = Thread.interrupted();
    try {
      change.make();
      done = true;
    } catch (SQLException | IOException e) {
      throw StoreErrors.failed(files.name(), what, e);
    } finally {
      if (!done) {
        failed = true;
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Writes a copy of the log into a folder. For any thread; the owner goes on appending meanwhile, and may have to wait.
   *
   * @param folder made if it is not there; must not hold a store
   */
  public void backup(Path folder) {
    reading(() -> {
      StoreBackup.write(connections.own(), folder);
      return null;
    });
  }

  /** The same without what is past at a T, of which the copy's history begins. */
  void copyTrimmed(Path folder, long t) {
    reading(() -> {
      StoreBackup.writeTrimmed(connections.own(), rows, folder, t, newIds);
      return null;
    });
  }

  /**
   * Whether so much was written that the tables should take over some time: someone should call {@link #settle}. For any
   * thread.
   */
  public boolean isBehind() {
    return ahead.isDue();
  }

  /** Whether they should take over now: the next writes might have to wait, or memory is to forget. For any thread. */
  public boolean isFarBehind() {
    return ahead.isUrgent();
  }

  /**
   * Sees to it that the tables hold all that was written before this call. For any thread; the owner may go on writing
   * meanwhile.
   *
   * @throws RebasisException {@code :rebasis.error/store-failed}; what was written is safe, and nothing more can be
   */
  public void settle() {
    synchronized (tables) {
      if (failed || closed) {
        return;
      }
      changing("write its log", () -> {
        ahead.giveTo(rows);
        if (ahead.isFull()) {
          ahead.restart(rows);
        }
      });
    }
  }

  /**
   * Forces what was written so far. For any thread. Whoever keeps something derived from the log calls it before it writes
   * that to a file.
   *
   * @throws RebasisException {@code :rebasis.error/store-failed} if the disk refused
   */
  public void force() {
    forceLoaded();
    try {
      ahead.force();
    } catch (IOException e) {
      throw StoreErrors.failed(files.name(), "force its log to the disk", e);
    }
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
   * this call. For any thread. Whoever asked for it closes it; closing the log closes it too.
   */
  public Connection readOnlyConnection() {
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
      if (closed) {
        return;
      }
      try {
        if (!failed && files.isDurable()) {
          changing("write its log", () -> {
            ahead.giveTo(rows);
            // H2 is silent about what fails while it closes: on a full disk log.wal would be emptied for nothing.
            rows.force();
            scrub = StoreScrub.begin(files, rows, connections.own());
          });
        }
        made.close();
        // The lock goes last, for until then the files are ours.
        connections.closeTables();
      } catch (RuntimeException e) {
        failed = true;
        throw e;
      } finally {
        closed = true;
        closeAhead();
      }
    }
  }

  private void closeAhead() {
    try (connections) {
      if (failed) {
        ahead.close();
      } else {
        ahead.closeEmpty();
        if (scrub != null) {
          scrub.finish();
        }
      }
    } catch (IOException e) {
      throw StoreErrors.failed(files.name(), "close its log", e);
    }
  }
}
