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
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;

/** A proxy of a network that lets requests through and does something to WebSockets. Thread-safe. */
final class WebSocketHater implements AutoCloseable {
  /** What becomes of a WebSocket. */
  enum Mood {
    /** It is let through. */
    FRIENDLY,
    /** The request for it is answered by a page of the proxy's own. */
    REFUSES,
    /** It is cut after so many bytes of the server's: in the answer to the request for it, or later. */
    CUTS
  }

  private final String scheme;
  private final SocketFactory outgoing;
  private final ServerSocket listening;
  private final int serverPort;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger webSockets = new AtomicInteger();
  private final AtomicInteger exchanges = new AtomicInteger();
  private volatile Mood mood;
  private volatile int cutBytes = 200;

  WebSocketHater(int serverPort, Mood mood) throws IOException {
    this(serverPort, mood, null);
  }

  /**
   * Makes one that breaks TLS open, as those of some companies do.
   *
   * @param tls its keys, and whom it trusts; null for plain connections on both sides
   */
  WebSocketHater(int serverPort, Mood mood, SSLContext tls) throws IOException {
    this.scheme = tls == null ? "http" : "https";
    this.outgoing = tls == null ? SocketFactory.getDefault() : tls.getSocketFactory();
    ServerSocketFactory incoming = tls == null ? ServerSocketFactory.getDefault() : tls.getServerSocketFactory();
    this.listening = incoming.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.serverPort = serverPort;
    this.mood = mood;
    threads.execute(this::accept);
  }

  URI uri(String path) {
    return URI.create(scheme + "://127.0.0.1:" + listening.getLocalPort() + path);
  }

  void mood(Mood other) {
    mood = other;
  }

  /** After how many bytes it cuts. */
  void cutAfter(int bytes) {
    cutBytes = bytes;
  }

  /** How many WebSockets were asked for. */
  int webSockets() {
    return webSockets.get();
  }

  /** How many connections with requests of an exchange there were. */
  int exchanges() {
    return exchanges.get();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        sockets.add(client);
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        if (!listening.isClosed()) {
          throw new IllegalStateException("the proxy cannot accept", e);
        }
      }
    }
  }

  private void serve(Socket client) {
    try {
      byte[] head = new byte[64 << 10];
      int length = client.getInputStream().read(head);
      if (length < 0) {
        client.close();
        return;
      }
      String first = new String(head, 0, length, StandardCharsets.ISO_8859_1).split("\r\n", 2)[0];
      boolean webSocket = first.contains("/sync");
      if (webSocket) {
        webSockets.incrementAndGet();
      } else if (first.contains("/exchange")) {
        exchanges.incrementAndGet();
      }
      if (webSocket && mood == Mood.REFUSES) {
        client.getOutputStream().write(("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 24\r\n"
            + "Connection: close\r\n\r\n<p>No upgrades here.</p>").getBytes(StandardCharsets.ISO_8859_1));
        client.close();
        return;
      }
      Socket server = outgoing.createSocket(InetAddress.getLoopbackAddress(), serverPort);
      sockets.add(server);
      server.getOutputStream().write(head, 0, length);
      threads.execute(() -> copy(client, server, Long.MAX_VALUE));
      copy(server, client, webSocket && mood == Mood.CUTS ? cutBytes : Long.MAX_VALUE);
    } catch (IOException e) {
      close(client);
    }
  }

  private void copy(Socket from, Socket to, long max) {
    byte[] buffer = new byte[8 << 10];
    long left = max;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0 && left > 0; read = in.read(buffer)) {
        out.write(buffer, 0, (int) Math.min(read, left));
        left -= read;
        if (left <= 0) {
          break;
        }
      }
    } catch (IOException e) {
      // One side is gone; so is the other then.
    }
    close(from);
    close(to);
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException("a socket of the proxy cannot be closed", e);
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
