package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Appends to the log, and lets its tables take over on the storage executor: when a burst of writes has paused, so that
 * it is not slowed down, at the latest after two minutes, or at once when very many wait or a store in memory is to
 * forget. Where single writes come now and then, several are taken over together, since a commit of the tables costs the same for one as for ten. One thread
 * writes at a time, as {@link ClientLog#write} says.
 */
final class Settling implements GroupCommit.Writer {
  private static final long PAUSE_MILLIS = 500;

  /** So many pauses a burst may outlast. */
  private static final int PAUSES_MAX = 180;

  /** From one time of taking over to the next, if not very many wait. */
  private static final long SPACING_MILLIS = 30_000;

  private final ClientLog log;
  private final ClientEnvironment environment;
  private final RowsOfLoads rows;
  private final Consumer<RuntimeException> failed;
  private final AtomicBoolean planned = new AtomicBoolean();
  private final AtomicBoolean urgent = new AtomicBoolean();
  private final AtomicLong writes = new AtomicLong();
  private volatile long mayBeginMillis;

  /**
   * Makes one.
   *
   * @param rows told of each write
   * @param failed told when the tables could not take over
   */
  Settling(ClientLog log, ClientEnvironment environment, RowsOfLoads rows, Consumer<RuntimeException> failed) {
    this.log = log;
    this.environment = environment;
    this.rows = rows;
    this.failed = failed;
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
    rows.written();
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
