package dev.rebasis.simulations.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between client and server and cuts each answer of one page after so many bytes. Thread-safe. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listening;
  private final int serverPort;
  private final String page;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile long bytesMax;

  CuttingProxy(int serverPort, String page, long bytesMax) throws IOException {
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.serverPort = serverPort;
    this.page = page;
    this.bytesMax = bytesMax;
    threads.execute(this::accept);
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort() + path);
  }

  /** Cuts no more. */
  void heal() {
    bytesMax = Long.MAX_VALUE;
  }

  int cuts() {
    return cuts.get();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        sockets.add(client);
        sockets.add(server);
        threads.execute(() -> relay(client, server));
      } catch (IOException e) {
        if (!listening.isClosed()) {
          throw new IllegalStateException("the proxy cannot accept", e);
        }
      }
    }
  }

  private void relay(Socket client, Socket server) {
    try {
      byte[] head = new byte[64 << 10];
      int length = client.getInputStream().read(head);
      if (length < 0) {
        end(client, server);
        return;
      }
      boolean cut = new String(head, 0, length, StandardCharsets.ISO_8859_1).split("\r\n", 2)[0].contains(page);
      server.getOutputStream().write(head, 0, length);
      threads.execute(() -> copy(client, server, Long.MAX_VALUE));
      copy(server, client, cut ? bytesMax : Long.MAX_VALUE);
    } catch (IOException e) {
      end(client, server);
    }
  }

  private void copy(Socket from, Socket to, long max) {
    byte[] buffer = new byte[8 << 10];
    long left = max;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, (int) Math.min(read, left));
        left -= read;
        if (left <= 0) {
          cuts.incrementAndGet();
          break;
        }
      }
    } catch (IOException e) {
      // One side is gone; so is the other then.
    }
    end(from, to);
  }

  private void end(Socket one, Socket other) {
    for (Socket socket : new Socket[] {one, other}) {
      sockets.remove(socket);
      try {
        socket.close();
      } catch (IOException e) {
        throw new IllegalStateException("a socket of the proxy cannot be closed", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
