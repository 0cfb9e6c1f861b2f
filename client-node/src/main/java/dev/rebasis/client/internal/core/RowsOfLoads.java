package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.error.RebasisException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Makes rows of what came in large messages, such as those of a load (decision 0067): on the storage executor when writes have
 * paused and no load is under way, since its index is made first, or for whoever needs them. A few thousand datoms are one task, so that nothing else
 * of the storage executor waits for all of them. Thread-safe.
 */
final class RowsOfLoads {
  private static final long PAUSE_MILLIS = 5_000;

  /** So many pauses a load may go on. */
  private static final int PAUSES_MAX = 60;

  private static final long NO_ROOM_MILLIS = 60_000;

  private final ClientLog log;
  private final ClientEnvironment environment;
  private final BooleanSupplier loading;
  private final Runnable checkRoom;
  private final Consumer<RuntimeException> failed;
  private final AtomicBoolean planned = new AtomicBoolean();
  private final AtomicLong writes = new AtomicLong();

  /**
   * Makes one.
   *
   * @param loading whether a load is under way; for any thread
   * @param checkRoom throws if the disk, or the store's limit, has no room for the rows of one more block, or cannot be asked
   * @param failed told when nothing can be written to the log any more
   */
  RowsOfLoads(
      ClientLog log, ClientEnvironment environment, BooleanSupplier loading, Runnable checkRoom, Consumer<RuntimeException> failed) {
    this.log = log;
    this.environment = environment;
    this.loading = loading;
    this.checkRoom = checkRoom;
    this.failed = failed;
  }

  /** Something was written, or left by an earlier run. */
  void written() {
    writes.incrementAndGet();
    plan();
  }

  private void plan() {
    if (log.hasRowsToMake() && planned.compareAndSet(false, true)) {
      makeAfterPause(writes.get(), PAUSES_MAX);
    }
  }

  private void makeAfterPause(long newestWrite, int pauses) {
    environment.schedule(PAUSE_MILLIS, () -> {
      long newest = writes.get();
      if ((newest != newestWrite || loading.getAsBoolean()) && pauses > 1) {
        makeAfterPause(newest, pauses - 1);
      } else {
        environment.storageExecutor().execute(this::makeSome);
      }
    });
  }

  private void makeSome() {
    if (lackOfRoom() != null) {
      // What came is on the disk, and only database tools miss its rows: they are made when there is room.
      environment.schedule(NO_ROOM_MILLIS, () -> environment.storageExecutor().execute(this::makeSome));
      return;
    }
    try {
      makeOfOneBlock();
    } catch (RuntimeException | Error e) {
      failed.accept(Health.stopping(e));
      return;
    }
    if (log.hasRowsToMake()) {
      // By a timer: others who wait for the tables get them in between.
      environment.schedule(1, () -> environment.storageExecutor().execute(this::makeSome));
    } else {
      planned.set(false);
      // For what was written since the look above.
      plan();
    }
  }

  private RebasisException lackOfRoom() {
    try {
      checkRoom.run();
      return null;
    } catch (RebasisException e) {
      return e;
    }
  }

  private void makeOfOneBlock() {
    try {
      log.makeRows();
    } catch (RebasisException e) {
      if (!e.code().equals(StoreErrors.DAMAGED)) {
        throw e;
      }
      // The index has what a damaged block should hold, so the client can go on; making the index anew will tell of it.
      logger().log(Level.WARNING, "What was loaded cannot be made into rows, and database tools will not find it: {0}", e.getMessage());
    }
  }

  /** Makes the rows that are left, before the store is closed, if there is room. Nothing is written any more. */
  void end() {
    // Never for a store in memory, which nobody looks into afterwards.
    if (log.hasRowsToMake()) {
      logger().log(Level.INFO, "Making rows of what was loaded, for database tools, before the store is closed.");
      makeWhatCanBe();
    }
  }

  /**
   * Makes rows of what waits now, as long as there is room; what cannot be made is told in the log of the program. In memory, where
   * rows would only take more of the heap, for good, it makes none. For any thread.
   *
   * @throws RebasisException {@code :rebasis.error/store-failed}
   */
  void makeWhatCanBe() {
    if (!log.isDurable()) {
      return;
    }
    telling(() -> {
      // No more than there are: during a load there is always another one.
      for (int blocks = log.countBlocks(); blocks > 0; blocks--) {
        RebasisException lack = lackOfRoom();
        if (lack != null) {
          logger().log(Level.WARNING, "What was loaded stays in table loaded, and becomes rows when the store is open and there is"
              + " room: {0}", lack.getMessage());
          return null;
        }
        makeOfOneBlock();
      }
      return null;
    });
  }

  /**
   * A connection for a database tool, which finds rows of all that was written. For any thread.
   *
   * @throws RebasisException {@code :rebasis.error/store-full} or {@code :rebasis.error/disk-full} if there is no room for rows,
   *     {@code :rebasis.error/store-damaged}, {@code :rebasis.error/store-failed}
   */
  Connection reader() {
    return telling(() -> log.readOnlyConnection(checkRoom));
  }

  private interface Work<T> {
    T done();
  }

  /** Where the log has failed no later call may look as if nothing were amiss. */
  private <T> T telling(Work<T> work) {
    try {
      return work.done();
    } catch (RuntimeException | Error e) {
      // It may have failed for somebody else, who tells why: lack of room passes by, a failed log does not.
      if (log.hasFailed() && !isOfSomethingElse(e)) {
        failed.accept(Health.stopping(e));
      }
      throw e;
    }
  }

  private static boolean isOfSomethingElse(Throwable e) {
    return e instanceof RebasisException known
        && !known.code().equals(StoreErrors.FAILED) && !known.code().equals(StoreErrors.DAMAGED);
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(RowsOfLoads.class.getName());
  }
}
