package dev.rebasis.client.internal.core;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** Executors without threads of their own. */
public final class SerialExecutor {
  private SerialExecutor() {}

  /**
   * Runs each task on the thread that gives it, within {@code execute}; a task given by a running task begins when
   * that one has ended. Confined to one thread.
   */
  public static Executor inline() {
    return new Inline();
  }

  private static final class Inline implements Executor {
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
}
