package dev.rebasis.server.wiring;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.internal.master.Access;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;

/** What stands below {@code /db/{name}} for one database. Thread-safe. */
final class DatabasePages {
  /** The header that tells clients how large a message may be. */
  private static final String MESSAGE_MAX = "Rebasis-Message-Bytes-Max";

  private final ServedDatabase database;
  private final Gate gate;
  private final Map<String, WireCodec> codecs;
  private final LoadPages load;
  private final QueryPages queries;
  private final ExchangePages exchange;
  private final ServerLimits limits;
  private final Set<SyncSocket> sockets = ConcurrentHashMap.newKeySet();

  DatabasePages(ServedDatabase database, Authenticator authenticator, ServerLimits limits) {
    this.database = database;
    this.limits = limits;
    this.gate = new Gate(authenticator, database.accessAtStart(), limits);
    int messageMax = limits.messageBytesMax();
    Limits wire = Limits.server().withBytes(messageMax, Limits.server().sendBytesMax());
    this.codecs = Map.of("rebasis.cbor", WireCodec.cbor(wire), "rebasis.json", WireCodec.json(wire));
    this.load = new LoadPages(codecs.get("rebasis.cbor"), codecs.get("rebasis.json"), database::missing,
        database.machine()::schema, limits.loadsMax());
    this.queries = new QueryPages(database::database, limits.queriesMax());
    this.exchange = new ExchangePages(codecs.get("rebasis.cbor"), codecs.get("rebasis.json"), messageMax,
        database.core(), database.out(), database.machine());
  }

  /** Goes by other rules from now on. */
  void access(AccessRules rules) {
    gate.rules(rules);
  }

  /** How many first loads run now. */
  int loadsRunning() {
    return load.running();
  }

  void tick(Instant now) {
    sockets.forEach(socket -> socket.tick(now));
    exchange.tick(now);
  }

  /** A WebSocket for {@code /sync}, or null, and then the request has been answered. */
  Object upgrade(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    Access access = gate.enterClient(request, response, callback);
    if (access == null) {
      return null;
    }
    response.getHeaders().put(MESSAGE_MAX, limits.messageBytesMax());
    for (String offered : request.getSubProtocols()) {
      WireCodec codec = codecs.get(offered);
      if (codec != null) {
        response.setAcceptedSubProtocol(offered);
        SyncSocket socket = new SyncSocket(codec, database.core(), database.out(), database.machine(), access,
            sockets::remove);
        sockets.add(socket);
        return socket;
      }
    }
    Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400,
        "Offer one of the subprotocols rebasis.cbor and rebasis.json; offered were " + request.getSubProtocols() + ".");
    return null;
  }

  /**
   * Answers a request.
   *
   * @param page the path behind the database's own, with its slash
   * @return whether there is such a page; if not, nothing was answered
   */
  boolean handle(String page, Request request, Response response, Callback callback) {
    if (page.equals("/sync")) {
      response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
      Pages.json(response, callback, HttpStatus.UPGRADE_REQUIRED_426,
          "{\"error\":\"This address speaks WebSocket with the subprotocol rebasis.cbor or rebasis.json.\"}");
      return true;
    }
    boolean isLoad = page.equals("/snapshot");
    boolean isQuestion = page.equals("/q") || page.equals("/pull");
    boolean isDevices = DevicePages.has(page);
    boolean isExchange = page.equals("/exchange");
    if (!isLoad && !isExchange && !isQuestion && !isDevices && !page.equals("/log")) {
      return false;
    }
    Access access = isLoad || isExchange ? gate.enterClient(request, response, callback)
        : gate.enter(request, response, callback);
    if (access == null) {
      return true;
    }
    if (isLoad) {
      load.handle(request, response, callback, access);
    } else if (isExchange) {
      response.getHeaders().put(MESSAGE_MAX, limits.messageBytesMax());
      exchange.handle(request, response, callback, access);
    } else if (isQuestion) {
      queries.handle(page.equals("/pull"), request, response, callback, access);
    } else if (isDevices) {
      DevicePages.handle(request.getMethod(), page, response, callback, access, database.desk());
    } else {
      LogPage.handle(response, callback, access, database::archive);
    }
    return true;
  }
}
