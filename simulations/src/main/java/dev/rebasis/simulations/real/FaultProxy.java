package dev.rebasis.simulations.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between a client and its server as a bad network does: slow, narrow, cut, silent in one direction or both, or
 * with one end gone and the other not told. It knows nothing of what it carries. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
  /** The two ways of a connection. */
  public enum Direction {
    /** From the client to the server. */
    UP,
    /** From the server to the client. */
    DOWN
  }

  private static final int BUFFER_BYTES = 8 << 10;

  private final ServerSocket listening;
  private final int serverPort;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong carriedBytes = new AtomicLong();
  private final Set<Direction> held = EnumSet.noneOf(Direction.class); // guarded by this
  private boolean cut; // guarded by this
  private long delayMillis; // guarded by this
  private long bytesPerSecondMax = Long.MAX_VALUE; // guarded by this
  private volatile boolean closed;

  private record Connection(Socket client, Socket server) {}

  /**
   * Listens on a free port of 127.0.0.1.
   *
   * @param name for its threads
   * @param serverPort where the server listens, on 127.0.0.1; it need not listen yet
   */
  public FaultProxy(String name, int serverPort) {
    this.serverPort = serverPort;
    try {
      this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("The proxy of " + name + " finds no free port.", e);
    }
    run(name + "-proxy", this::accept);
  }

  private static void run(String name, Runnable work) {
    Thread thread = new Thread(work, "rebasis-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Where clients connect. */
  public int port() {
    return listening.getLocalPort();
  }

  /** How many bytes it has carried, both ways, those of its last attempt on a broken line included. */
  public long carriedBytes() {
    return carriedBytes.get();
  }

  // ---- faults ----

  /** Breaks all connections with a reset at both ends, and every new one, until {@link #heal}. */
  public synchronized void cut() {
    cut = true;
    reset();
  }

  /** Breaks all connections with a reset at both ends; new ones are welcome. */
  public void reset() {
    for (Connection connection : open) {
      abort(connection.client);
      abort(connection.server);
    }
  }

  /** Carries nothing more in these directions, without a word to either end, until {@link #heal}. */
  public synchronized void hold(Set<Direction> directions) {
    held.addAll(directions);
  }

  /** The server learns that its connections are gone, the clients do not: nothing answers them any more. */
  public void halfOpen() {
    for (Connection connection : open) {
      abort(connection.server);
    }
  }

  /** Each piece that is carried waits so long before it goes on, at least 0. */
  public synchronized void delay(long millis) {
    delayMillis = millis;
  }

  /** Carries at most so many bytes in a second, each way of each connection; at least 1. */
  public synchronized void throttle(long bytesPerSecond) {
    bytesPerSecondMax = bytesPerSecond;
  }

  /** Ends every fault. What was held goes on; ends whose other end is gone are told. */
  public synchronized void heal() {
    cut = false;
    held.clear();
    delayMillis = 0;
    bytesPerSecondMax = Long.MAX_VALUE;
    notifyAll();
    for (Connection connection : open) {
      if (connection.server.isClosed()) {
        abort(connection.client);
      }
    }
  }

  // ---- carrying ----

  private void accept() {
    while (!closed) {
      Socket client = null;
      try {
        client = listening.accept();
        if (isCut()) {
          abort(client);
        } else {
          carry(new Connection(client, new Socket(InetAddress.getLoopbackAddress(), serverPort)));
        }
      } catch (IOException e) {
        // The server is down, or the proxy is closing: whoever asked for a connection gets none.
        if (client != null) {
          abort(client);
        }
      }
    }
  }

  private synchronized boolean isCut() {
    return cut;
  }

  private void carry(Connection connection) throws SocketException {
    connection.client.setTcpNoDelay(true);
    connection.server.setTcpNoDelay(true);
    open.add(connection);
    run("up", () -> pump(connection, connection.client, connection.server, Direction.UP));
    run("down", () -> pump(connection, connection.server, connection.client, Direction.DOWN));
  }

  private void pump(Connection connection, Socket from, Socket to, Direction direction) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int read = from.getInputStream().read(buffer, 0, atOnce()); read >= 0;
          read = from.getInputStream().read(buffer, 0, atOnce())) {
        linger(direction, read);
        // Before they can be seen on the other side: whoever has them finds them counted.
        carriedBytes.addAndGet(read);
        to.getOutputStream().write(buffer, 0, read);
      }
      end(connection);
    } catch (IOException e) {
      // One end is gone. The client hears of a lost server only if the line itself was not the one to lose it.
      if (direction == Direction.UP || !connection.server.isClosed()) {
        end(connection);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(connection);
    }
  }

  /** What a narrow line takes in a tenth of a second. */
  private synchronized int atOnce() {
    return (int) Math.max(1, Math.min(BUFFER_BYTES, bytesPerSecondMax / 10));
  }

  private void linger(Direction direction, int bytes) throws InterruptedException {
    long nanos;
    synchronized (this) {
      while (held.contains(direction) && !closed) {
        wait();
      }
      nanos = delayMillis * 1_000_000 + (long) (bytes * 1e9 / bytesPerSecondMax);
    }
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void end(Connection connection) {
    open.remove(connection);
    abort(connection.client);
    abort(connection.server);
  }

  private static void abort(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is closed already, which is what was wanted.
      assert socket.isClosed() : e;
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The proxy cannot be closed.", e);
    } finally {
      heal();
      reset();
    }
  }
}
