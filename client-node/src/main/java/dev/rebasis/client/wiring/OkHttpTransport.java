package dev.rebasis.client.wiring;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/**
 * WebSockets over OkHttp. Pings every 20 s find a connection that died silently. OkHttp's own threads call the
 * listener: one per connection reads. Thread-safe.
 */
final class OkHttpTransport implements Transport {
  private static final Keyword NOT_A_SERVER = Keyword.of(":rebasis.error/not-a-rebasis-server");
  private static final Keyword UNREACHABLE = Keyword.of(":rebasis.error/server-unreachable");
  private static final Duration PING_INTERVAL = Duration.ofSeconds(20);
  private static final int GOING_AWAY = 1001;
  private static final int NORMAL = 1000;

  private final URI server;
  private final String url;
  private final String subprotocol;
  private volatile Credentials credentials;
  private OkHttpClient client;

  OkHttpTransport(URI server, String subprotocol, Credentials credentials) {
    this.server = server;
    this.credentials = credentials;
    this.url = url(server);
    this.subprotocol = subprotocol;
  }

  private static String url(URI server) {
    String scheme = server.getScheme() == null ? "" : server.getScheme();
    boolean known = scheme.equals("http") || scheme.equals("https") || scheme.equals("ws") || scheme.equals("wss");
    if (!known || server.getHost() == null) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-address"), ErrorCategory.PROGRAMMING_ERROR,
          "The server's address must look like http://host:8484/db/name, not " + server + ".");
    }
    String text = server.toString();
    return (text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + "/sync";
  }

  @Override
  public Link open(Listener listener) {
    Request request = new Request.Builder().url(url).header("Sec-WebSocket-Protocol", subprotocol).build();
    Connection connection = new Connection(listener);
    connection.socket = client().newWebSocket(request, connection);
    return connection;
  }

  @Override
  public void credentials(Credentials others) {
    credentials = others;
  }

  @Override
  public boolean canLoad() {
    return true;
  }

  @Override
  public Load load(long afterT, UUID store, LoadListener listener) {
    String address = url.replaceFirst("^ws", "http").replaceFirst("/sync$", "/snapshot") + "?after=" + afterT
        + "&store=" + store;
    HttpLoad load = new HttpLoad(server, listener);
    load.begin(client().newCall(new Request.Builder().url(address).build()));
    return load;
  }

  /** Made at the first connection: its classes take a while to load, and a start need not wait for them. */
  private synchronized OkHttpClient client() {
    if (client == null) {
      ThreadPoolExecutor threads = new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), runnable -> {
            Thread thread = new Thread(runnable, "rebasis-connection");
            thread.setDaemon(true);
            return thread;
          });
      boolean secure = url.startsWith("https:") || url.startsWith("wss:");
      client = new OkHttpClient.Builder()
          // Without TLS its certificates need not be read, which takes as long as the rest of the start.
          .connectionSpecs(List.of(secure ? ConnectionSpec.MODERN_TLS : ConnectionSpec.CLEARTEXT))
          .socketFactory(new PromptSockets())
          .dispatcher(new Dispatcher(threads))
          .addInterceptor(this::withToken)
          .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
          .pingInterval(PING_INTERVAL)
          .retryOnConnectionFailure(false)
          .build();
    }
    return client;
  }

  private Response withToken(Interceptor.Chain chain) throws IOException {
    String token = credentials.token();
    return chain.proceed(token == null ? chain.request()
        : chain.request().newBuilder().header("Authorization", "Bearer " + token).build());
  }

  /** What a refusal by status says about the token; null if it says nothing. */
  private RebasisException unauthorized(int status, Throwable failure) {
    if (status != 401 && status != 403) {
      return null;
    }
    RebasisException reason = new RebasisException(
        Keyword.of(status == 401 ? ":rebasis.error/unauthorized" : ":rebasis.error/forbidden"), ErrorCategory.ASK_PERSON,
        status == 401
            ? "The server " + server + " does not take the token of this client. Give it another by its Credentials; what"
                + " is pending waits."
            : "The server " + server + " does not let this user in. Ask its operator; what is pending waits.",
        Map.of(Keyword.of(":server"), server.toString()), failure);
    credentials.refused(reason);
    return reason;
  }

  /** Cuts what is still connected and waits for the threads that read. */
  void close() {
    OkHttpClient ending;
    synchronized (this) {
      ending = client;
    }
    if (ending != null) {
      ending.dispatcher().cancelAll();
      ending.connectionPool().evictAll();
      ExecutorService threads = ending.dispatcher().executorService();
      threads.shutdown();
      try {
        threads.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Connection extends WebSocketListener implements Link {
    private final Listener listener;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile WebSocket socket;

    Connection(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void send(byte[] message) {
      boolean text = subprotocol.equals(Subprotocols.JSON);
      boolean taken = text
          ? socket.send(new String(message, StandardCharsets.UTF_8))
          : socket.send(ByteString.of(message));
      if (!taken) {
        socket.cancel();
        end(error(UNREACHABLE, ErrorCategory.RETRY_LATER, "The connection to " + server
            + " cannot take what is to be sent. The client connects again.", null));
      }
    }

    @Override
    public void close(String reason) {
      ended.set(true);
      String words = reason == null ? "" : reason;
      // The protocol allows 123 bytes for the reason.
      socket.close(NORMAL, words.length() > 40 ? words.substring(0, 40) : words);
    }

    @Override
    public void onOpen(WebSocket webSocket, Response response) {
      String chosen = response.header("Sec-WebSocket-Protocol");
      if (!subprotocol.equals(chosen)) {
        webSocket.cancel();
        end(notAServer("it speaks WebSocket, but not " + subprotocol, null));
        return;
      }
      if (!ended.get()) {
        socket = webSocket;
        listener.opened(chosen);
      }
    }

    @Override
    public void onMessage(WebSocket webSocket, ByteString bytes) {
      received(bytes.toByteArray());
    }

    @Override
    public void onMessage(WebSocket webSocket, String text) {
      received(text.getBytes(StandardCharsets.UTF_8));
    }

    private void received(byte[] message) {
      if (!ended.get()) {
        listener.received(message);
      }
    }

    @Override
    public void onClosing(WebSocket webSocket, int code, String reason) {
      webSocket.close(code == GOING_AWAY ? NORMAL : code, null);
      end(error(UNREACHABLE, ErrorCategory.RETRY_LATER, "The server " + server + " closed the connection"
          + (reason.isEmpty() ? "" : ": " + reason) + ". The client tries again.", null));
    }

    @Override
    public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
      if (response != null && response.code() != 101) {
        end(refused(response, failure));
      } else if (response == null && failure instanceof java.net.ProtocolException) {
        end(notAServer(failure.getMessage(), failure));
      } else {
        end(error(UNREACHABLE, ErrorCategory.RETRY_LATER, "The server " + server + " cannot be reached: "
            + failure.getMessage() + ". The client tries again.", failure));
      }
    }

    private RebasisException refused(Response response, Throwable failure) {
      int status = response.code();
      RebasisException unauthorized = unauthorized(status, failure);
      if (unauthorized != null) {
        return unauthorized;
      }
      if (status >= 500 || status == 408 || status == 429) {
        return error(UNREACHABLE, ErrorCategory.RETRY_LATER, "The server " + server + " answers with HTTP status "
            + status + ". The client tries again.", failure);
      }
      return notAServer("it answers with HTTP status " + status, failure);
    }

    private RebasisException notAServer(String why, Throwable failure) {
      return error(NOT_A_SERVER, ErrorCategory.ASK_PERSON, "At " + server + " is no Rebasis database: " + why
          + ". See whether host, port and the path /db/name are right; what was written here is kept.", failure);
    }

    private RebasisException error(Keyword code, ErrorCategory category, String message, Throwable cause) {
      return new RebasisException(code, category, message, Map.of(Keyword.of(":server"), server.toString()), cause);
    }

    private void end(RebasisException cause) {
      if (ended.compareAndSet(false, true)) {
        listener.closed(cause);
      }
    }
  }
}
