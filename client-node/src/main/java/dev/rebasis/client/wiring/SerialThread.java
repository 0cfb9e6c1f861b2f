package dev.rebasis.client.wiring;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Runs tasks one after the other, in the order in which they were given: on one daemon thread, or on a thread that offers
 * itself while nothing else runs ({@link #executeHere}), which spares two switches of threads. The thread is started by
 * the first task that needs it, so that a client that never does has none. Thread-safe.
 */
final class SerialThread implements Executor {
  /** So many tasks a guest runs at most before it goes back to its own work. */
  private static final int GUEST_TASKS_MAX = 32;
  /** And none after this time, whatever waits: a socket that is not read looks dead to its other end. */
  private static final long GUEST_NANOS_MAX = 5_000_000;

  private final String name;
  private final LongSupplier nanos;
  // All guarded by this.
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private Thread thread;
  /** Whoever runs tasks now: the thread or a guest; null if nobody. */
  private Thread runner;
  private boolean closed;

  SerialThread(String name) {
    this(name, System::nanoTime);
  }

  /**
   * The same.
   *
   * @param nanos tells how long a guest has been kept
   */
  SerialThread(String name, LongSupplier nanos) {
    this.name = name;
    this.nanos = nanos;
  }

  /** Runs a task; dropped after {@link #close}. */
  @Override
  public synchronized void execute(Runnable task) {
    if (!closed) {
      tasks.add(task);
      callThread();
    }
  }

  /**
   * Runs a task within this call if nothing else runs or waits, and what comes of it; else as {@link #execute} does. For a
   * thread that may be kept for as long as the tasks take.
   */
  void executeHere(Runnable task) {
    synchronized (this) {
      if (closed || runner != null || !tasks.isEmpty()) {
        execute(task);
        return;
      }
      runner = Thread.currentThread();
    }
    long begun = nanos.getAsLong();
    boolean done = false;
    try {
      Runnable next = task;
      for (int ran = 1; next != null; ran++) {
        runOne(next);
        next = nextOfGuest(ran, begun);
      }
      done = true;
    } finally {
      if (!done) {
        leave();
      }
    }
  }

  private synchronized Runnable nextOfGuest(int ran, long begun) {
    if (tasks.isEmpty() || ran >= GUEST_TASKS_MAX || nanos.getAsLong() - begun > GUEST_NANOS_MAX) {
      leave();
      return null;
    }
    return tasks.poll();
  }

  private synchronized void leave() {
    runner = null;
    if (!tasks.isEmpty()) {
      callThread();
    }
    if (closed) {
      notifyAll();
    }
  }

  /** Whoever runs finds the task by itself. */
  private void callThread() {
    if (runner != null) {
      return;
    }
    if (thread == null) {
      thread = new Thread(this::run, name);
      thread.setDaemon(true);
      thread.start();
    } else {
      notifyAll();
    }
  }

  private void run() {
    try {
      for (Runnable task = next(); task != null; task = next()) {
        runOne(task);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        runner = runner == Thread.currentThread() ? null : runner;
        notifyAll();
      }
    }
  }

  /** The thread's next task; null if there will be none. */
  private synchronized Runnable next() throws InterruptedException {
    runner = runner == Thread.currentThread() ? null : runner;
    while (runner != null || tasks.isEmpty()) {
      if (closed && runner == null) {
        notifyAll();
        return null;
      }
      wait();
    }
    runner = Thread.currentThread();
    return tasks.poll();
  }

  private void runOne(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // The next ones are run, or everything that is given from now on would wait for ever.
      logger().log(Level.ERROR, "A task on " + name + " failed.", e);
    }
  }

  /** Runs what was given, ends the thread and waits for it and for a guest, unless it is the caller. */
  void close() {
    close(0);
  }

  /**
   * The same, but a thread that goes on for longer is left to end by itself.
   *
   * @param millisMax how long to wait for it; 0 for ever
   */
  void close(long millisMax) {
    Thread ending;
    boolean interrupted = false;
    synchronized (this) {
      closed = true;
      notifyAll();
      ending = thread;
      // A guest that closes runs the rest when it goes on.
      while (ending == null && runner != null && runner != Thread.currentThread()) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
        ending = thread;
      }
      if (runner == Thread.currentThread()) {
        ending = null;
      }
    }
    interrupted |= ending != null && join(ending, millisMax);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end of a thread; whether somebody interrupted that. */
  private static boolean join(Thread ending, long millisMax) {
    boolean interrupted = false;
    boolean waited = false;
    while (ending.isAlive() && !waited) {
      try {
        ending.join(millisMax);
        waited = millisMax > 0;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(SerialThread.class.getName());
  }
}
