package dev.rebasis.simulations.bench;

import dev.rebasis.client.Durability;
import dev.rebasis.simulations.process.JavaProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** The limit of fan-out: a bare server that sends each message to every connection, with the same libraries. */
final class EchoFanOut {
  private static final int MESSAGE_BYTES = 400;
  private static final String PORT = "port ";

  private EchoFanOut() {}

  /** Starts the server on a free port of 127.0.0.1. */
  static Server startServer() throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(0);
    server.addConnector(connector);
    Set<Session> sessions = ConcurrentHashMap.newKeySet();
    server.setHandler(WebSocketUpgradeHandler.from(server, container -> {
      container.setIdleTimeout(Duration.ZERO);
      container.addMapping("/*", (request, response, callback) -> new Everyone(sessions));
    }));
    server.start();
    return server;
  }

  static int port(Server server) {
    return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
  }

  /** Sends to all. */
  public static final class Everyone extends Session.Listener.AbstractAutoDemanding {
    private final Set<Session> sessions;

    Everyone(Set<Session> sessions) {
      this.sessions = sessions;
    }

    @Override
    public void onWebSocketOpen(Session session) {
      super.onWebSocketOpen(session);
      sessions.add(session);
    }

    @Override
    public void onWebSocketBinary(java.nio.ByteBuffer payload, Callback callback) {
      byte[] copy = new byte[payload.remaining()];
      payload.get(copy);
      for (Session session : sessions) {
        session.sendBinary(java.nio.ByteBuffer.wrap(copy), Callback.NOOP);
      }
      callback.succeed();
    }

    @Override
    public void onWebSocketClose(int statusCode, String reason, Callback callback) {
      sessions.remove(getSession());
      callback.succeed();
    }
  }

  /** Runs the server in a JVM of its own and measures from this one. */
  static Figures runWithOwnServer(int clients, int messages) throws InterruptedException {
    try (JavaProcess server = JavaProcess.start("echo-server", null, List.of(), BenchWorker.class.getName(),
        serverArguments())) {
      String line = server.awaitLine(text -> text.startsWith(PORT), 60);
      return run(Integer.parseInt(line.substring(PORT.length())), clients, messages);
    }
  }

  private static List<String> serverArguments() {
    List<String> arguments =
        new ArrayList<>(new BenchOptions(0, 0, 0, 0, 0, Durability.PROCESS_CRASH, 0, 1, 0).toArguments());
    arguments.add("task=echo-server");
    arguments.add("folder=.");
    return arguments;
  }

  /** The server's side of {@link #runWithOwnServer}. */
  static Figures serveUntilInputEnds() throws Exception {
    Server server = startServer();
    System.out.println(PORT + port(server));
    System.out.flush();
    while (System.in.read() >= 0) {
      continue; // the parent never writes; the end of input is its end
    }
    server.stop();
    return Figures.ofProcess();
  }

  /** One connection sends, all receive; the time of one operation is from the sending to the last receipt. */
  static Figures run(int port, int clients, int messages) throws InterruptedException {
    OkHttpClient http = new OkHttpClient.Builder().readTimeout(0, TimeUnit.MILLISECONDS).build();
    CountDownLatch opened = new CountDownLatch(clients + 1);
    Semaphore received = new Semaphore(0);
    Request request = new Request.Builder().url("ws://127.0.0.1:" + port + "/").build();
    WebSocket sender = null;
    WebSocket[] sockets = new WebSocket[clients + 1];
    for (int i = 0; i <= clients; i++) {
      sockets[i] = http.newWebSocket(request, new WebSocketListener() {
        @Override
        public void onOpen(WebSocket socket, Response response) {
          opened.countDown();
        }

        @Override
        public void onMessage(WebSocket socket, ByteString bytes) {
          received.release();
        }
      });
      sender = sockets[i];
    }
    if (!opened.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the echo server did not accept all connections");
    }
    long[] nanos = new long[messages];
    ByteString payload = ByteString.of(new byte[MESSAGE_BYTES]);
    for (int i = -Math.min(20, messages); i < messages; i++) {
      long start = System.nanoTime();
      sender.send(payload);
      received.acquire(clients + 1);
      if (i >= 0) {
        nanos[i] = System.nanoTime() - start;
      }
    }
    for (WebSocket socket : sockets) {
      socket.cancel();
    }
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
    return Figures.ofEach(nanos);
  }
}
