package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Appends to the log, and lets its tables take over on the storage executor, so that the writer need not wait for them.
 * One thread writes at a time, as {@link ClientLog#write} says.
 */
final class Settling implements GroupCommit.Writer {
  private final ClientLog log;
  private final Executor storage;
  private final Consumer<RuntimeException> failed;
  private final AtomicBoolean due = new AtomicBoolean();

  /**
   * Makes one.
   *
   * @param failed told when the tables could not take over
   */
  Settling(ClientLog log, Executor storage, Consumer<RuntimeException> failed) {
    this.log = log;
    this.storage = storage;
    this.failed = failed;
  }

  @Override
  public void write(List<LogEntry> entries, boolean force) {
    log.write(entries, force);
    if (log.isBehind() && due.compareAndSet(false, true)) {
      storage.execute(this::settle);
    }
  }

  private void settle() {
    due.set(false);
    try {
      log.settle();
    } catch (RuntimeException e) {
      failed.accept(e);
    }
  }
}
