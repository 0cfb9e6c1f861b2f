package dev.rebasis.server.wiring;

import datomic.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever wants to know that somebody, here or at another node, wrote to a Datomic database. Datomic has one queue of
 * transaction reports for each connection, and one connection for each URI in a process: so there is one thread for each
 * connection, shared by all nodes of this process. Thread-safe.
 */
final class TxReports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TxReports.class);
  private static final Map<Connection, Reader> READERS = new HashMap<>();

  private final Connection connection;
  private final Runnable look;

  private TxReports(Connection connection, Runnable look) {
    this.connection = connection;
    this.look = look;
  }

  /** Calls back, on a thread of its own, after each transaction; must not block. */
  static TxReports listen(Connection connection, Runnable look) {
    synchronized (READERS) {
      Reader reader = READERS.computeIfAbsent(connection, Reader::new);
      reader.listeners.add(look);
      if (!reader.thread.isAlive()) {
        reader.thread.start();
      }
    }
    return new TxReports(connection, look);
  }

  @Override
  public void close() {
    synchronized (READERS) {
      Reader reader = READERS.get(connection);
      if (reader != null && reader.listeners.remove(look) && reader.listeners.isEmpty()) {
        READERS.remove(connection);
        connection.removeTxReportQueue();
        reader.thread.interrupt();
      }
    }
  }

  /** One connection's thread. */
  private static final class Reader {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<?> reports;
    private final Thread thread;

    Reader(Connection connection) {
      reports = connection.txReportQueue();
      thread = new Thread(this::run, "rebasis-reports");
      thread.setDaemon(true);
    }

    private void run() {
      try {
        while (true) {
          reports.take();
          reports.clear();
          listeners.forEach(Runnable::run);
        }
      } catch (InterruptedException e) {
        LOG.debug("Nobody listens to the reports any more.");
      }
    }
  }
}
