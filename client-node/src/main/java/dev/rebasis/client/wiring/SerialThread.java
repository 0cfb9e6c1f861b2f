package dev.rebasis.client.wiring;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One daemon thread that runs tasks one after the other. It is started by the first task, so that a client that never
 * needs it has none. Thread-safe.
 */
final class SerialThread implements Executor {
  private static final Runnable END = () -> { };

  private final String name;
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  // Guarded by this.
  private Thread thread;
  private boolean closed;

  SerialThread(String name) {
    this.name = name;
  }

  /** Runs a task; dropped after {@link #close}. */
  @Override
  public void execute(Runnable task) {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (thread == null) {
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
      }
      tasks.add(task);
    }
  }

  private void run() {
    try {
      for (Runnable task = tasks.take(); task != END; task = tasks.take()) {
        try {
          task.run();
        } catch (RuntimeException | Error e) {
          // The thread goes on, or everything that is given to it from now on would wait for ever.
          logger().log(Level.ERROR, "A task on " + name + " failed.", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs what was given, ends the thread and waits for it, unless it is the caller. */
  void close() {
    Thread ending;
    synchronized (this) {
      if (!closed) {
        closed = true;
        tasks.add(END);
      }
      ending = thread;
    }
    if (ending != null && ending != Thread.currentThread()) {
      join(ending);
    }
  }

  private static void join(Thread ending) {
    boolean interrupted = false;
    while (ending.isAlive()) {
      try {
        ending.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(SerialThread.class.getName());
  }
}
