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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands between client and server and cuts each answer of one page after so many bytes. Thread-safe. */
final class CuttingProxy implements AutoCloseable {
  private static final Pattern ACCEPTED = Pattern.compile("(?im)^Accept-Encoding: (.*)$");
  private static final Pattern ENCODING = Pattern.compile("(?im)^Content-Encoding: (.*)$");

  private final ServerSocket listening;
  private final int serverPort;
  private final String page;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cuts = new AtomicInteger();
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private volatile long bytesMax;
  private volatile String encodings;

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

  /** Lets the server believe that the page is asked for in other encodings. */
  void ask(String others) {
    encodings = others;
  }

  /** In which encodings the page was asked for by the client. */
  Set<String> accepted() {
    return accepted;
  }

  /** In which it came. */
  Set<String> answered() {
    return answered;
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
      String request = new String(head, 0, length, StandardCharsets.ISO_8859_1);
      boolean cut = request.split("\r\n", 2)[0].contains(page);
      if (cut) {
        note(ACCEPTED, request, accepted);
        request = encodings == null ? request : ACCEPTED.matcher(request).replaceFirst("Accept-Encoding: " + encodings);
      }
      server.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      threads.execute(() -> copy(client, server, Long.MAX_VALUE, false));
      copy(server, client, cut ? bytesMax : Long.MAX_VALUE, cut);
    } catch (IOException e) {
      end(client, server);
    }
  }

  private static void note(Pattern header, String head, Set<String> found) {
    Matcher matcher = header.matcher(head);
    if (matcher.find()) {
      found.add(matcher.group(1));
    }
  }

  private void copy(Socket from, Socket to, long max, boolean isPage) {
    byte[] buffer = new byte[8 << 10];
    long left = max;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (isPage && left == max) {
          note(ENCODING, new String(buffer, 0, read, StandardCharsets.ISO_8859_1), answered);
        }
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
