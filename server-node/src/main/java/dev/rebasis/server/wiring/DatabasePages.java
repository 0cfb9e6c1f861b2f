package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.ServerConfig;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.ExcisionList;
import dev.rebasis.server.internal.session.ServerMachine;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.slf4j.MDC;

/** What stands below {@code /db/{name}} for one database. Thread-safe. */
final class DatabasePages {
  /** The header that tells clients how large a message may be. */
  private static final String MESSAGE_MAX = "Rebasis-Message-Bytes-Max";
  private static final Keyword AWAY = Keyword.of(":rebasis.error/database-away");
  private static final long AWAY_MILLIS = 5_000;
  /** Each holds a thread for as long as its reader takes. */
  private static final int BACKUPS_MAX = 4;

  /** What is there while the database is. */
  private record Presence(ServedDatabase database, ExchangePages exchange) {}

  private final String name;
  private final Function<String, Long> excision;
  /** Null while it is away. */
  private volatile Presence presence;
  private final Gate gate;
  private final Map<String, WireCodec> codecs;
  private final SlowReaders slow = new SlowReaders();
  private final Semaphore backups = new Semaphore(BACKUPS_MAX);
  private final ReceiveRoom room;
  private final LoadPages load;
  private final QueryPages queries;
  private final ServerLimits limits;
  private final Set<SyncSocket> sockets = ConcurrentHashMap.newKeySet();

  /**
   * Makes them.
   *
   * @param config who may come in, by which names, and how much of what
   * @param excision excises what a database was asked to, by its name, and says how many facts went
   */
  DatabasePages(ServedDatabase database, ServerConfig config, Function<String, Long> excision) {
    this.name = database.name();
    this.excision = excision;
    this.limits = config.limits();
    this.room = ReceiveRoom.ofHeap(limits.messageBytesMax());
    this.gate = new Gate(
        config.authenticator(), database.accessAtStart(), limits, new OwnNames(config.host(), config.allowedHosts()));
    Limits wire = Limits.server().withBytes(limits.messageBytesMax(), Limits.server().sendBytesMax());
    this.codecs = Map.of("rebasis.cbor", WireCodec.cbor(wire), "rebasis.json", WireCodec.json(wire));
    this.load = new LoadPages(codecs.get("rebasis.cbor"), codecs.get("rebasis.json"),
        (t, access, store) -> present().missing(t, access, store), () -> present().machine().schema(), limits.loadsMax(), slow);
    this.queries = new QueryPages(() -> present().database(), limits.queriesMax(), slow);
    back(database);
  }

  /** Goes by other rules from now on. */
  void access(AccessRules rules) {
    gate.rules(rules);
  }

  /** Lets requests in by another authenticator from now on. */
  void authenticator(Authenticator other) {
    gate.authenticator(other);
  }

  /** The database is away until {@link #back}. */
  void away() {
    presence = null;
  }

  /** The database is there again. */
  void back(ServedDatabase again) {
    presence = new Presence(again, new ExchangePages(codecs.get("rebasis.cbor"), codecs.get("rebasis.json"),
        limits.messageBytesMax(), again.core(), again.out(), again.machine(), room, slow));
  }

  private ServedDatabase present() {
    Presence now = presence;
    if (now == null) {
      throw away(name);
    }
    return now.database();
  }

  /** What is told of a database that is away. */
  static RebasisException away(String name) {
    return new RebasisException(AWAY, ErrorCategory.RETRY_LATER, "The database '" + name
        + "' is being excised. Come back in some seconds.", Map.of(RebasisException.RETRY_AFTER, AWAY_MILLIS), null);
  }

  /** The database, or null if it is away, and then the request has been answered. */
  private Presence presence(Response response, Callback callback) {
    Presence now = presence;
    if (now == null) {
      Pages.refusal(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, away(name));
    }
    return now;
  }

  /** How many first loads run now. */
  int loadsRunning() {
    return load.running();
  }

  void tick(Instant now) {
    sockets.forEach(socket -> socket.tick(now));
    slow.tick(now);
    Presence there = presence;
    if (there != null) {
      there.exchange().tick(now);
    }
  }

  /** A WebSocket for {@code /sync}, or null, and then the request has been answered. */
  Object upgrade(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    Presence now = presence(response, callback);
    Access access = now == null ? null : gate.enterClient(request, response, callback);
    if (access == null) {
      return null;
    }
    response.getHeaders().put(MESSAGE_MAX, limits.messageBytesMax());
    for (String offered : request.getSubProtocols()) {
      WireCodec codec = codecs.get(offered);
      if (codec != null) {
        response.setAcceptedSubProtocol(offered);
        SyncSocket socket = new SyncSocket(codec, now.database().core(), now.database().out(),
            now.database().machine(), access, sockets::remove, room, limits.messageBytesMax());
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
    try (MDC.MDCCloseable about = MDC.putCloseable(LogKeys.DATABASE, name)) {
      return answer(page, request, response, callback);
    }
  }

  private boolean answer(String page, Request request, Response response, Callback callback) {
    if (page.equals("/sync")) {
      response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
      Pages.error(response, callback, HttpStatus.UPGRADE_REQUIRED_426, ":rebasis.error/no-page",
          "This address speaks WebSocket with the subprotocol rebasis.cbor or rebasis.json.");
      return true;
    }
    boolean isLoad = page.equals("/snapshot");
    boolean isQuestion = page.equals("/q") || page.equals("/pull");
    boolean isDevices = DevicePages.has(page);
    boolean isExchange = page.equals("/exchange");
    if (!isLoad && !isExchange && !isQuestion && !isDevices && !page.equals("/log") && !page.equals("/excise")) {
      return false;
    }
    boolean reads = isLoad || isQuestion || page.equals("/log");
    if (reads && !request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
      Pages.error(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, ":rebasis.error/wrong-method", "Use GET for this page.");
      return true;
    }
    Presence now = presence(response, callback);
    if (now == null) {
      return true;
    }
    ServerMachine machine = now.database().machine();
    long withdrawals = machine.withdrawals();
    Access access = isLoad || isExchange ? gate.enterClient(request, response, callback)
        : gate.enter(request, response, callback);
    if (access == null) {
      return true;
    }
    if (isLoad) {
      load.handle(request, response, callback, access,
          () -> machine.withdrawals() == withdrawals && presence == now && !access.isExpired(Instant.now()));
    } else if (isExchange) {
      response.getHeaders().put(MESSAGE_MAX, limits.messageBytesMax());
      now.exchange().handle(request, response, callback, access);
    } else if (isQuestion) {
      queries.handle(page.equals("/pull"), request, response, callback, access);
    } else if (isDevices) {
      DevicePages.handle(request.getMethod(), page, response, callback, access, now.database().desk());
    } else if (page.equals("/excise")) {
      ExcisePage.handle(request.getMethod(), response, callback, access,
          () -> ExcisionList.of(now.database().database()), () -> excision.apply(name));
    } else {
      LogPage.handle(request, response, callback, access, now.database()::archive, backups, slow);
    }
    return true;
  }
}
