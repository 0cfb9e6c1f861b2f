package dev.rebasis.server.wiring;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.codec.WireCodec;
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
  private final ServedDatabase database;
  private final Gate gate;
  private final Map<String, WireCodec> codecs;
  private final LoadPages load;
  private final QueryPages queries;
  private final Set<SyncSocket> sockets = ConcurrentHashMap.newKeySet();

  DatabasePages(ServedDatabase database, Authenticator authenticator, Limits limits) {
    this.database = database;
    this.gate = new Gate(authenticator, database.accessAtStart());
    this.codecs = Map.of("rebasis.cbor", WireCodec.cbor(limits), "rebasis.json", WireCodec.json(limits));
    this.load = new LoadPages(codecs.get("rebasis.cbor"), codecs.get("rebasis.json"), database::missing,
        database.machine()::schema);
    this.queries = new QueryPages(database::database);
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
  }

  /** A WebSocket for {@code /sync}, or null, and then the request has been answered. */
  Object upgrade(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    Access access = gate.enter(request, response, callback);
    if (access == null) {
      return null;
    }
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
    if (!isLoad && !isQuestion && !isDevices && !page.equals("/log")) {
      return false;
    }
    Access access = gate.enter(request, response, callback);
    if (access == null) {
      return true;
    }
    if (isLoad) {
      load.handle(request, response, callback, access);
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
