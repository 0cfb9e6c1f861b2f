package dev.rebasis.server.wiring;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One thread with a queue. What a task throws is a fault of ours and is reported, never swallowed. Thread-safe. After
 * {@link #finish} tasks are dropped: those who could still give some are sessions that are over.
 */
final class Worker implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final String name;
  private final ThreadPoolExecutor thread;
  private final Consumer<Throwable> broken;

  /**
   * Makes one.
   *
   * @param name of its thread
   * @param database what it works for; all that is logged on its thread says so
   * @param broken told what a task threw
   */
  Worker(String name, String database, Consumer<Throwable> broken) {
    this.name = name;
    this.broken = broken;
    this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(),
        task -> new Thread(() -> {
          MDC.put(LogKeys.DATABASE, database);
          task.run();
        }, name));
  }

  @Override
  public void execute(Runnable task) {
    if (!offer(task)) {
      LOG.debug("{} has ended and drops a task.", name);
    }
  }

  /** Queues a task; false if it will not be run, since the thread has ended or is about to. */
  boolean offer(Runnable task) {
    try {
      thread.execute(() -> run(task));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) { // Datomic throws checked exceptions without saying so
      LOG.error("A fault on {}.", name, e);
      broken.accept(e);
    }
  }

  /** Runs what is queued, then ends. Blocks at most so long; what is left then is dropped with a warning. */
  void finish(Duration patience) {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} did not end within {} s.", name, patience.toSeconds());
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
