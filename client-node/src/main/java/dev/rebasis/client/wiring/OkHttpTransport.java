package dev.rebasis.client.wiring;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/**
 * Connections over OkHttp: WebSockets, and HTTP requests where the network lets no WebSocket through. Pings every 20 s find
 * a WebSocket that died silently. OkHttp's own threads call the listener: one per connection reads. Thread-safe.
 */
final class OkHttpTransport implements Transport {
  private static final Duration PING_INTERVAL = Duration.ofSeconds(20);
  /** A page of a database: with it in the address the session would work and a load would not. */
  private static final Pattern PAGE = Pattern.compile("/db/[^/]+(/(?:sync|exchange|snapshot|q|pull))/?$");

  private final URI server;
  private final String url;
  private final String subprotocol;
  private final Options options;
  private final LongSupplier millis;
  private final Refusals refusals;
  private final Ways ways;
  private volatile Credentials credentials;
  private OkHttpClient client;

  /**
   * What a program may choose.
   *
   * @param subprotocol the codec to ask for
   * @param version the version of the program, told to the server; null for none
   * @param webSocketAgain how long it goes by HTTP exchange before it tries a WebSocket again
   * @param trust which servers are taken for what they say they are
   */
  record Options(String subprotocol, String version, Duration webSocketAgain, Trust trust) {}

  /**
   * Makes one; nothing is connected yet.
   *
   * @param millis a clock that only goes forward
   */
  OkHttpTransport(URI server, Options options, Credentials credentials, LongSupplier millis) {
    this.server = server;
    this.credentials = credentials;
    this.url = url(server);
    this.options = options;
    this.subprotocol = options.subprotocol();
    this.millis = millis;
    this.refusals = new Refusals(server, credentials);
    this.ways = new Ways(millis, options.webSocketAgain().toMillis());
  }

  private static String url(URI server) {
    String scheme = server.getScheme() == null ? "" : server.getScheme();
    boolean known = scheme.equals("http") || scheme.equals("https") || scheme.equals("ws") || scheme.equals("wss");
    if (!known || server.getHost() == null) {
      throw wrongAddress("The server's address must look like http://host:8484/db/name, not " + server + ".");
    }
    if (server.getRawQuery() != null || server.getRawFragment() != null) {
      throw wrongAddress("The server's address ends with the name of the database, so leave away what stands behind it: "
          + server + ".");
    }
    Matcher page = PAGE.matcher(server.getRawPath());
    if (page.find()) {
      throw wrongAddress("The server's address is that of the database, which the client adds its pages to. Leave away '"
          + page.group(1) + "' at the end of " + server + ".");
    }
    String text = server.toString();
    return (text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + "/sync";
  }

  private static RebasisException wrongAddress(String message) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-address"), ErrorCategory.PROGRAMMING_ERROR, message);
  }

  @Override
  public Link open(Listener listener) {
    if (ways.isExchange()) {
      return exchange(listener);
    }
    SocketLink link = new SocketLink(listener, subprotocol, refusals, ways, millis, this::exchange);
    link.begun(client().newWebSocket(upgrade(), link));
    return link;
  }

  private Request upgrade() {
    return new Request.Builder().url(url).header("Sec-WebSocket-Protocol", subprotocol).build();
  }

  private String page(String name) {
    return url.replaceFirst("^ws", "http").replaceFirst("/sync$", "/" + name);
  }

  private Link exchange(Listener listener) {
    HttpExchange exchange = new HttpExchange(client(), page("exchange"), subprotocol.equals(Subprotocols.JSON), listener,
        new ExchangeHost());
    exchange.begin(subprotocol);
    return exchange;
  }

  /** Looks, while an exchange works, whether the network lets WebSockets through by now. */
  private final class ExchangeHost implements HttpExchange.Host {
    private final AtomicBoolean probing = new AtomicBoolean();

    @Override
    public RebasisException failed(String doing, Response response, IOException cause) {
      if (cause instanceof ProtocolException) {
        return refusals.notAServer("it does not speak HTTP (" + cause.getMessage() + ")", cause);
      }
      return response == null
          ? refusals.unreachable("cannot " + doing + " by HTTP" + (cause == null ? "" : ": " + cause.getMessage()), cause)
          : refusals.refused(response, null);
    }

    @Override
    public RebasisException notAServer(String why) {
      return refusals.notAServer(why, null);
    }

    @Override
    public RebasisException over() {
      return refusals.unreachable("ended the session", null);
    }

    @Override
    public void stillAlive(HttpExchange exchange) {
      if (ways.isDue() && probing.compareAndSet(false, true)) {
        client().newWebSocket(upgrade(), new WebSocketListener() {
          @Override
          public void onOpen(WebSocket socket, Response response) {
            socket.close(1000, null);
            ways.webSocketWorks();
            exchange.leave(refusals.unreachable("can be reached by WebSocket again", null));
          }

          @Override
          public void onFailure(WebSocket socket, Throwable failure, Response response) {
            ways.refused();
            probing.set(false);
          }
        });
      }
    }
  }

  @Override
  public void credentials(Credentials others) {
    credentials = others;
    refusals.credentials(others);
  }

  @Override
  public boolean canLoad() {
    return true;
  }

  @Override
  public Load load(long afterT, UUID store, LoadListener listener) {
    String address = page("snapshot") + "?after=" + afterT + "&store=" + store;
    HttpLoad load = new HttpLoad(server, listener);
    load.begin(client().newCall(
        new Request.Builder().url(address).header("Accept-Encoding", Compression.accepted()).build()));
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
      OkHttpClient.Builder connections = new OkHttpClient.Builder()
          // Without TLS its certificates need not be read, which takes as long as the rest of the start.
          .connectionSpecs(List.of(secure ? ConnectionSpec.MODERN_TLS : ConnectionSpec.CLEARTEXT))
          .socketFactory(new PromptSockets())
          .dispatcher(new Dispatcher(threads))
          .addInterceptor(this::withToken)
          .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
          .pingInterval(PING_INTERVAL)
          .retryOnConnectionFailure(false);
      if (secure) {
        options.trust().on(connections);
      }
      client = connections.build();
    }
    return client;
  }

  private Response withToken(Interceptor.Chain chain) throws IOException {
    Request.Builder request = chain.request().newBuilder();
    String token = credentials.token();
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (options.version() != null) {
      request.header("Rebasis-Client-Version", options.version());
    }
    return chain.proceed(request.build());
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
}
