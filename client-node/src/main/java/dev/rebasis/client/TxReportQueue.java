package dev.rebasis.client;

import java.time.Duration;

/**
 * The reports of a client from a moment on, in order. Thread-safe. Unbounded: each report that is not taken keeps its
 * database values alive, so close the queue when it is no longer read.
 */
public interface TxReportQueue extends AutoCloseable {
  /**
   * Takes the next report.
   *
   * @param timeout how long to wait for it; zero or less does not wait
   * @return null if none came in time, or if the queue or its client is closed and everything was taken
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  TxReport poll(Duration timeout) throws InterruptedException;

  /** Ends the queue. */
  @Override
  void close();
}
