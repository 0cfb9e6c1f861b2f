package dev.rebasis.server.wiring;

import datomic.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.ServerConfig;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.session.ServerMachine;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Jetty: the WebSocket of each session, and two small pages. Thread-safe. */
final class JettyServer implements AutoCloseable {
  private static final Limits LIMITS = Limits.server();
  private static final Duration IDLE = Duration.ofMinutes(2);

  private final ServerConfig config;
  private final Executor core;
  private final Executor out;
  private final ServerMachine machine;
  private final Operation operation;
  private final LoadPages load;
  private final QueryPages queries;
  private final Gate gate;
  private final Map<String, WireCodec> codecs =
      Map.of("rebasis.cbor", WireCodec.cbor(LIMITS), "rebasis.json", WireCodec.json(LIMITS));
  private final Set<SyncSocket> sockets = ConcurrentHashMap.newKeySet();
  private final Server server;
  private final ServerConnector connector;

  private JettyServer(
      ServerConfig config, Executor core, Executor out, ServerMachine machine, Operation operation,
      LoadPages.Source missing, Supplier<Database> database) {
    this.config = config;
    this.core = core;
    this.out = out;
    this.machine = machine;
    this.operation = operation;
    this.gate = new Gate(config.authenticator(), config.access());
    this.load = new LoadPages(codecs.get("rebasis.cbor"), codecs.get("rebasis.json"), missing, machine::schema);
    this.queries = new QueryPages(database);
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("rebasis-http");
    server = new Server(threads);
    connector = config.tls() == null ? new ServerConnector(server)
        : new ServerConnector(server, TlsKeys.read(config.tls()));
    connector.setHost(config.host());
    connector.setPort(config.port());
    server.addConnector(connector);
    WebSocketUpgradeHandler upgrades = WebSocketUpgradeHandler.from(server, container -> {
      container.setIdleTimeout(IDLE);
      container.setMaxBinaryMessageSize(LIMITS.receiveBytesMax());
      container.setMaxTextMessageSize(LIMITS.receiveBytesMax());
      container.addMapping("/db/*", this::upgrade);
    });
    upgrades.setHandler(new Site());
    server.setHandler(upgrades);
  }

  /**
   * Opens the port.
   *
   * @throws RebasisException if that is not possible
   */
  static JettyServer start(
      ServerConfig config, Executor core, Executor out, ServerMachine machine, Operation operation,
      LoadPages.Source missing, Supplier<Database> database) {
    JettyServer jetty = new JettyServer(config, core, out, machine, operation, missing, database);
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

    /** All figures in Prometheus's text format. */
    String metrics();

    /** Looks after devices. */
    DevicePages.Desk desk();

    /** Writes the whole durable log. */
    void archive(OutputStream out);
  }

  /** Goes by other rules from now on. */
  void access(AccessRules rules) {
    gate.rules(rules);
  }

  /** How many first loads run now. */
  int loadsRunning() {
    return load.running();
  }

  int port() {
    return connector.getLocalPort();
  }

  void tick(Instant now) {
    sockets.forEach(socket -> socket.tick(now));
  }

  private Object upgrade(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    String path = Request.getPathInContext(request);
    if (!path.equals("/db/" + config.database() + "/sync")) {
      Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404, "There is no " + path
          + " here; this server has /db/" + config.database() + "/sync.");
      return null;
    }
    Access access = gate.enter(request, response, callback);
    if (access == null) {
      return null;
    }
    for (String offered : request.getSubProtocols()) {
      WireCodec codec = codecs.get(offered);
      if (codec != null) {
        response.setAcceptedSubProtocol(offered);
        SyncSocket socket = new SyncSocket(codec, core, out, machine, access, sockets::remove);
        sockets.add(socket);
        return socket;
      }
    }
    Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400,
        "Offer one of the subprotocols rebasis.cbor and rebasis.json; offered were " + request.getSubProtocols() + ".");
    return null;
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
      if (path.equals("/")) {
        Pages.json(response, callback, HttpStatus.OK_200,
            "{\"server\":\"rebasis\",\"databases\":[\"" + config.database() + "\"]}");
      } else if (path.equals("/health")) {
        Pages.json(response, callback, HttpStatus.OK_200, operation.health());
      } else if (path.equals("/ready")) {
        String reason = operation.notReady();
        Pages.json(response, callback, reason == null ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503,
            reason == null ? "{\"ready\":true}" : "{\"ready\":false,\"reason\":" + Pages.quoted(reason) + "}");
      } else if (path.equals("/metrics")) {
        Pages.text(response, callback, operation.metrics());
      } else if (path.equals("/db/" + config.database() + "/snapshot")) {
        Access access = gate.enter(request, response, callback);
        if (access != null) {
          load.handle(request, response, callback, access);
        }
      } else if (path.equals("/db/" + config.database() + "/q") || path.equals("/db/" + config.database() + "/pull")) {
        Access access = gate.enter(request, response, callback);
        if (access != null) {
          queries.handle(path.endsWith("/pull"), request, response, callback, access);
        }
      } else if (path.startsWith("/db/" + config.database())
          && DevicePages.has(path.substring(4 + config.database().length()))) {
        Access access = gate.enter(request, response, callback);
        if (access != null) {
          DevicePages.handle(request.getMethod(), path.substring(4 + config.database().length()), response, callback,
              access, operation.desk());
        }
      } else if (path.equals("/db/" + config.database() + "/log")) {
        Access access = gate.enter(request, response, callback);
        if (access != null) {
          LogPage.handle(response, callback, access, operation);
        }
      } else if (path.equals("/db/" + config.database() + "/sync")) {
        response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
        Pages.json(response, callback, HttpStatus.UPGRADE_REQUIRED_426,
            "{\"error\":\"This address speaks WebSocket with the subprotocol rebasis.cbor or rebasis.json.\"}");
      } else {
        Pages.json(response, callback, HttpStatus.NOT_FOUND_404, "{\"error\":\"There is nothing at this address. This server"
            + " has /, /health, /ready, /metrics, /db/" + config.database() + "/sync, /snapshot, /q and /pull.\"}");
      }
      return true;
    }
  }
}
