package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.error.RebasisException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Appends to the log, and lets its tables take over on the storage executor: when a burst of writes has paused, so that
 * it is not slowed down, at the latest after two minutes, or at once when very many wait or a store in memory is to
 * forget. Where single writes come now and then, several are taken over together, since a commit of the tables costs the same for one as for ten. One thread
 * writes at a time, as {@link ClientLog#write} says.
 *
 * <p>What came in large messages, such as those of a load, becomes rows afterwards, when writes have paused for longer: the index
 * of it is made first. A few thousand datoms are one task, so that nothing else of the storage executor waits for all of them.
 */
final class Settling implements GroupCommit.Writer {
  private static final long PAUSE_MILLIS = 500;

  /** So many pauses a burst may outlast. */
  private static final int PAUSES_MAX = 180;

  /** From one time of taking over to the next, if not very many wait. */
  private static final long SPACING_MILLIS = 30_000;

  private static final long ROWS_PAUSE_MILLIS = 5_000;
  private static final long NO_ROOM_MILLIS = 60_000;

  /** So many pauses a load may go on. */
  private static final int ROWS_PAUSES_MAX = 60;

  private final ClientLog log;
  private final ClientEnvironment environment;
  private final BooleanSupplier roomForRows;
  private final Consumer<RuntimeException> failed;
  private final AtomicBoolean planned = new AtomicBoolean();
  private final AtomicBoolean urgent = new AtomicBoolean();
  private final AtomicBoolean rowsPlanned = new AtomicBoolean();
  private final AtomicLong writes = new AtomicLong();
  private volatile long mayBeginMillis;

  /**
   * Makes one.
   *
   * @param roomForRows whether the disk, and the store's limit, have room for the rows of one more block
   * @param failed told when the tables could not take over
   */
  Settling(ClientLog log, ClientEnvironment environment, BooleanSupplier roomForRows, Consumer<RuntimeException> failed) {
    this.log = log;
    this.environment = environment;
    this.roomForRows = roomForRows;
    this.failed = failed;
  }

  /** Takes up what an earlier run left. */
  void begin() {
    planRows();
  }

  @Override
  public void write(List<LogEntry> entries, boolean force) {
    log.write(entries, force);
    long write = writes.incrementAndGet();
    if (log.isFarBehind()) {
      if (urgent.compareAndSet(false, true)) {
        environment.storageExecutor().execute(this::settle);
      }
    } else if (log.isBehind() && planned.compareAndSet(false, true)) {
      settleAfterPause(Math.max(PAUSE_MILLIS, mayBeginMillis - environment.millis()), write, PAUSES_MAX);
    }
    planRows();
  }

  private void planRows() {
    if (log.hasRowsToMake() && rowsPlanned.compareAndSet(false, true)) {
      makeRowsAfterPause(writes.get(), ROWS_PAUSES_MAX);
    }
  }

  private void makeRowsAfterPause(long newestWrite, int pauses) {
    environment.schedule(ROWS_PAUSE_MILLIS, () -> {
      long newest = writes.get();
      if (newest != newestWrite && pauses > 1) {
        makeRowsAfterPause(newest, pauses - 1);
      } else {
        environment.storageExecutor().execute(this::makeRows);
      }
    });
  }

  private void makeRows() {
    if (!roomForRows.getAsBoolean()) {
      // What came is on the disk, and only database tools miss its rows: they are made when there is room.
      environment.schedule(NO_ROOM_MILLIS, () -> environment.storageExecutor().execute(this::makeRows));
      return;
    }
    try {
      log.makeRows();
    } catch (RuntimeException | Error e) {
      if (!isDamage(e)) {
        failed.accept(Health.stopping(e));
      }
      return;
    }
    if (log.hasRowsToMake()) {
      // By a timer: others who wait for the tables get them in between.
      environment.schedule(1, () -> environment.storageExecutor().execute(this::makeRows));
    } else {
      rowsPlanned.set(false);
      // For what was written since the look above.
      planRows();
    }
  }

  /** The index has what a damaged block should hold, so the client can go on; making the index anew will tell of it. */
  private static boolean isDamage(Throwable e) {
    boolean damage = e instanceof RebasisException known && known.code().equals(StoreErrors.DAMAGED);
    if (damage) {
      logger().log(Level.WARNING, "What was loaded cannot be made into rows, and database tools will not find it: {0}", e.getMessage());
    }
    return damage;
  }

  /** Makes the rows that are left, if there is room. Nothing is written any more. */
  void end() {
    if (!log.hasRowsToMake()) {
      return;
    }
    logger().log(Level.INFO, "Making rows of what was loaded, for database tools, before the store is closed.");
    makeRowsNow();
  }

  /** Makes the rows that are left, as long as there is room; what cannot be made is told. For any thread. */
  void makeRowsNow() {
    while (log.hasRowsToMake()) {
      if (!roomForRows.getAsBoolean()) {
        logger().log(Level.WARNING, "There is no room for rows of all that was loaded. It is kept in table loaded, and becomes rows when the store is"
            + " open and there is room.");
        return;
      }
      try {
        log.makeRows();
      } catch (RebasisException e) {
        if (isDamage(e)) {
          return;
        }
        throw e;
      }
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(Settling.class.getName());
  }

  private void settleAfterPause(long millis, long newestWrite, int pauses) {
    environment.schedule(millis, () -> {
      long newest = writes.get();
      if (newest != newestWrite && pauses > 1) {
        settleAfterPause(PAUSE_MILLIS, newest, pauses - 1);
      } else {
        environment.storageExecutor().execute(this::settle);
      }
    });
  }

  private void settle() {
    planned.set(false);
    urgent.set(false);
    mayBeginMillis = environment.millis() + SPACING_MILLIS;
    try {
      log.settle();
    } catch (RuntimeException | Error e) {
      failed.accept(Health.stopping(e));
    }
  }
}
