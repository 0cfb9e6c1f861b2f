package dev.rebasis.server.internal.master;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * Runs everything on the calling thread, one task after the other: a task handed over by a running task waits until
 * that one is done. Confined to one thread.
 */
public final class QueueExecutor implements Executor {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private boolean running;

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (running) {
      return;
    }
    running = true;
    try {
      for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
        next.run();
      }
    } finally {
      running = false;
    }
  }
}
