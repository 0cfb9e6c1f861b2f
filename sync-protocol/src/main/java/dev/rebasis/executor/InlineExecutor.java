package dev.rebasis.executor;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * Runs each task on the thread that gives it, within {@code execute}; a task given by a running task begins when that
 * one has ended (a trampoline). If a task throws, {@code execute} throws it, and the tasks behind it run with the next
 * call. Confined to one thread.
 */
public final class InlineExecutor implements Executor {
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
