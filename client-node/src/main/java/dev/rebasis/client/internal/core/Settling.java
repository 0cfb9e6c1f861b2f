package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Appends to the log, and lets its tables take over on the storage executor: a while after the first of many writes, so
 * that a burst of them is not slowed down, or at once when very many wait. One thread writes at a time, as {@link
 * ClientLog#write} says.
 */
final class Settling implements GroupCommit.Writer {
  private static final long PAUSE_MILLIS = 500;

  private final ClientLog log;
  private final ClientEnvironment environment;
  private final Consumer<RuntimeException> failed;
  private final AtomicBoolean planned = new AtomicBoolean();
  private final AtomicBoolean urgent = new AtomicBoolean();

  /**
   * Makes one.
   *
   * @param failed told when the tables could not take over
   */
  Settling(ClientLog log, ClientEnvironment environment, Consumer<RuntimeException> failed) {
    this.log = log;
    this.environment = environment;
    this.failed = failed;
  }

  @Override
  public void write(List<LogEntry> entries, boolean force) {
    log.write(entries, force);
    if (log.isFarBehind()) {
      if (urgent.compareAndSet(false, true)) {
        environment.storageExecutor().execute(this::settle);
      }
    } else if (log.isBehind() && planned.compareAndSet(false, true)) {
      environment.schedule(PAUSE_MILLIS, () -> environment.storageExecutor().execute(this::settle));
    }
  }

  private void settle() {
    planned.set(false);
    urgent.set(false);
    try {
      log.settle();
    } catch (RuntimeException e) {
      failed.accept(e);
    }
  }
}
