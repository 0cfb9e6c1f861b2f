package dev.rebasis.client.internal.core;

import dev.rebasis.conflict.Guard;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * What a client needs of the world. Production wires it to the system (see {@code dev.rebasis.client.wiring}); a
 * simulation to virtual ones.
 *
 * <p>On one thread. Each executor must run its tasks one after the other in the order given; the four may be one and
 * the same, and may run a task within {@code execute}, provided that a task given while another runs is only begun when
 * that one has ended (a trampoline; {@link dev.rebasis.executor.InlineExecutor} is one). With such executors,
 * a {@link Transport} and timers that call in between, everything happens on the caller's thread: {@code transact} has written and sent when it
 * returns, and a message has been applied when {@code received} returns. Nothing ever waits for another thread then.
 *
 * <p>Thread-safe.
 */
public interface ClientEnvironment {
  /** The wall clock. */
  Instant now();

  /** Milliseconds that only go forward, for durations. */
  long millis();

  /** A new random id. */
  UUID newId();

  /** A random number from 0 up to, not including, the bound. */
  long randomBelow(long bound);

  /** Runs the sync machine; its tasks read and write the index, and never wait for the network. */
  Executor syncExecutor();

  /**
   * Runs a task as {@link #syncExecutor} does, after those that were given before; on the calling thread if nothing of the
   * sync executor runs or waits. For threads that can be kept for a short task.
   */
  default void syncHere(Runnable task) {
    syncExecutor().execute(task);
  }

  /** Writes the log for the sync machine; its tasks block on the disk. */
  Executor storageExecutor();

  /** Runs the program's callbacks. */
  Executor notificationExecutor();

  /** Asks live queries, which can take any time; what they find is told by {@link #notificationExecutor}. */
  default Executor queryExecutor() {
    return notificationExecutor();
  }

  /**
   * Runs a task after a while, on any thread; it must be short. Not after {@link #close}.
   *
   * @param millis from now, positive
   */
  void schedule(long millis, Runnable task);

  /** Connects to the server; null if the client has none. */
  Transport transport();

  /** Who calls the policies and functions that a program registered. */
  default Guard guard() {
    return Guard.DIRECT;
  }

  /**
   * Ends executors and timers and waits for their threads, except for the one that calls; for a live query that does not heed its end
   * for a while only.
   */
  void close();
}
