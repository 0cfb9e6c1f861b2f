package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.ServerConfig;
import java.io.IOException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.server.WebSocketServerComponents;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Jetty: the pages of each database, found by its name, and those about the server. Thread-safe. */
final class JettyServer implements AutoCloseable {
  private static final Duration IDLE = Duration.ofMinutes(2);
  private static final String DATABASES = "/db/";

  private final Operation operation;
  private final Map<String, DatabasePages> databases = new LinkedHashMap<>();
  private final Server server;
  private final ServerConnector connector;
  /** Null if it does not speak TLS. */
  private final SslContextFactory.Server tls;

  private JettyServer(ServerConfig config, Collection<ServedDatabase> served, Operation operation) {
    this.operation = operation;
    served.forEach(one -> databases.put(one.name(), new DatabasePages(one, config, operation::excise)));
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("rebasis-http");
    server = new Server(threads);
    tls = config.tls() == null ? null : TlsKeys.read(config.tls());
    connector = tls == null ? new ServerConnector(server) : new ServerConnector(server, tls);
    connector.setHost(config.host());
    connector.setPort(config.port());
    server.addConnector(connector);
    WebSocketUpgradeHandler upgrades = WebSocketUpgradeHandler.from(server, container -> {
      container.setIdleTimeout(IDLE);
      container.addMapping(DATABASES + "*", this::upgrade);
    });
    upgrades.setHandler(new Site());
    WebSocketServerComponents.ensureWebSocketComponents(server).getExtensionRegistry()
        .register(SparingDeflate.NAME, SparingDeflate.class);
    server.setHandler(upgrades);
  }

  /**
   * Opens the port.
   *
   * @throws RebasisException if that is not possible
   */
  static JettyServer start(ServerConfig config, Collection<ServedDatabase> served, Operation operation) {
    JettyServer jetty = new JettyServer(config, served, operation);
    try {
      jetty.server.start();
      return jetty;
    } catch (Exception e) {
      RebasisException reason = cannotListen(config, e);
      try {
        jetty.server.stop();
      } catch (Exception stopping) {
        reason.addSuppressed(stopping);
      }
      throw reason;
    }
  }

  private static RebasisException cannotListen(ServerConfig config, Exception e) {
    Throwable cause = e instanceof IOException && e.getCause() != null ? e.getCause() : e;
    return new RebasisException(Keyword.of(":rebasis.error/cannot-listen"), ErrorCategory.ASK_PERSON,
        "Cannot listen on " + config.host() + ":" + config.port() + " (" + cause.getMessage()
            + "). Stop the program that uses the port, or choose another with --port.", Map.of(), e);
  }

  /** What monitors ask; called on Jetty's threads. */
  interface Operation {
    /** The state as JSON. */
    String health();

    /** Why no client should be sent here, or null. */
    String notReady();

    /** Excises what a database was asked to; says how many facts went. Blocks until clients may come again. */
    long excise(String database);

    /** All figures in Prometheus's text format. */
    String metrics();
  }

  /** The pages of a database of this server. */
  DatabasePages pages(String database) {
    return databases.get(database);
  }

  /** Speaks TLS with other keys from now on; connections that are open stay. */
  void tls(ServerConfig.Tls keys) {
    if (tls == null) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
          "The server was started without TLS. Start it again with a certificate and a key.");
    }
    KeyStore store = TlsKeys.store(keys);
    try {
      tls.reload(factory -> tls.setKeyStore(store));
    } catch (Exception e) {
      throw TlsKeys.wrong(e.getMessage(), e);
    }
  }

  int port() {
    return connector.getLocalPort();
  }

  void tick(Instant now) {
    databases.values().forEach(pages -> pages.tick(now));
  }

  /** The name in a path {@code /db/name/...}; null if the path is another. */
  private static String nameIn(String path) {
    if (!path.startsWith(DATABASES)) {
      return null;
    }
    int end = path.indexOf('/', DATABASES.length());
    return path.substring(DATABASES.length(), end < 0 ? path.length() : end);
  }

  private Object upgrade(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    String path = Request.getPathInContext(request);
    DatabasePages pages = databases.get(nameIn(path));
    if (pages == null) {
      unknownDatabase(nameIn(path), response, callback);
      return null;
    }
    if (!path.substring(DATABASES.length() + nameIn(path).length()).equals("/sync")) {
      Pages.error(response, callback, HttpStatus.NOT_FOUND_404, ":rebasis.error/unknown-page",
          "There is no WebSocket at " + path + "; it is at /db/" + nameIn(path) + "/sync.");
      return null;
    }
    return pages.upgrade(request, response, callback);
  }

  private void unknownDatabase(String name, Response response, Callback callback) {
    Pages.error(response, callback, HttpStatus.NOT_FOUND_404, ":rebasis.error/unknown-database",
        "This server has no database '" + name + "'. Use one that GET / lists in the client's URL.");
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("Jetty did not stop", e);
    }
  }

  /** What a person or a monitor sees. */
  private final class Site extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      String path = Request.getPathInContext(request);
      String name = nameIn(path);
      if (name != null && !databases.containsKey(name)) {
        unknownDatabase(name, response, callback);
      } else if (name == null
          || !databases.get(name).handle(path.substring(DATABASES.length() + name.length()), request, response, callback)) {
        aboutTheServer(path, response, callback);
      }
      return true;
    }

    private void aboutTheServer(String path, Response response, Callback callback) {
      if (path.equals("/")) {
        Pages.json(response, callback, HttpStatus.OK_200, "{\"server\":\"rebasis\",\"databases\":"
            + databases.keySet().stream().collect(Collectors.joining("\",\"", "[\"", "\"]")) + "}");
      } else if (path.equals("/health")) {
        Pages.json(response, callback, HttpStatus.OK_200, operation.health());
      } else if (path.equals("/ready")) {
        String reason = operation.notReady();
        Pages.json(response, callback, reason == null ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503,
            reason == null ? "{\"ready\":true}" : "{\"ready\":false,\"reason\":" + Pages.quoted(reason) + "}");
      } else if (path.equals("/metrics")) {
        Pages.text(response, callback, operation.metrics());
      } else {
        Pages.error(response, callback, HttpStatus.NOT_FOUND_404, ":rebasis.error/no-page", "There is nothing at this address. This"
            + " server has /, /health, /ready, /metrics and, below /db/NAME, /sync, /exchange, /snapshot, /q, /pull and, for operators,"
            + " /log, /excise, /devices and /parked.");
      }
    }
  }
}
