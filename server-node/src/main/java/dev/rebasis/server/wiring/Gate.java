package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.Access;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets requests in by their token. Thread-safe. */
final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final String BEARER = "Bearer ";
  private static final int TOKEN_CHARS_MAX = 16_384;

  private volatile Authenticator authenticator;
  private final ServerLimits limits;
  private final OwnNames names;
  private volatile AccessRules rules;

  Gate(Authenticator authenticator, AccessRules rules, ServerLimits limits, OwnNames names) {
    this.names = names;
    this.limits = limits;
    this.authenticator = authenticator;
    this.rules = rules;
  }

  /** Goes by other rules from now on. */
  void rules(AccessRules others) {
    rules = others;
  }

  /** Goes by another authenticator from now on. */
  void authenticator(Authenticator other) {
    authenticator = other;
  }

  /** What a request may do; null if it may not come in, and then it has been answered. */
  Access enter(Request request, Response response, Callback callback) {
    try {
      User user = authenticator.authenticate(token(request));
      if (user == null && !names.contain(request.getHeaders().get(HttpHeader.HOST))) {
        Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/foreign-host", "This server asks for no tokens, and so"
            + " answers only to its address, to 'localhost' and to names that its operator gave it. Use its address, or have it started"
            + " with --allowed-host NAME, or with --tokens or --jwt-key.");
        return null;
      }
      if (user == null && isFromElsewhere(request)) {
        Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/foreign-origin", "This server asks for no"
            + " tokens, and so answers no pages of other addresses in a browser. Serve the page from this server's address,"
            + " or start the server with --tokens or --jwt-key.");
        return null;
      }
      return user == null ? Access.ALL : new Access(user, rules.of(user));
    } catch (RebasisException e) {
      boolean unknown = e.code() == Authenticator.UNAUTHORIZED;
      LOG.atInfo().addKeyValue(LogKeys.CODE, e.code()).log("A request to {} is refused: {}",
          Request.getPathInContext(request), e.getMessage());
      if (unknown) {
        response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
      }
      Pages.error(response, callback, unknown ? HttpStatus.UNAUTHORIZED_401 : HttpStatus.FORBIDDEN_403,
          e.code().toString(), e.getMessage());
      return null;
    }
  }

  /** The same for a page that only clients use: their version counts too. */
  Access enterClient(Request request, Response response, Callback callback) {
    String version = request.getHeaders().get("Rebasis-Client-Version");
    if (!limits.admits(version)) {
      LOG.atInfo().addKeyValue(LogKeys.CODE, ":rebasis.error/client-too-old").log("A client is refused: it is too old.");
      Pages.error(response, callback, HttpStatus.UPGRADE_REQUIRED_426, ":rebasis.error/client-too-old", "This server demands"
          + " version " + limits.clientVersionMin() + " of the client's program at least, and "
          + (version == null ? "the client tells none" : "this is " + (version.length() > 40 ? "none" : version))
          + ". Update the program; what is pending is kept and will be pushed by the new one.");
      return null;
    }
    return enter(request, response, callback);
  }

  /** Whether a browser sends this for a page of another address; other programs say no origin. */
  private static boolean isFromElsewhere(Request request) {
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    String host = request.getHeaders().get(HttpHeader.HOST);
    return origin != null && (host == null || !origin.toLowerCase(Locale.ROOT).endsWith("://" + host.toLowerCase(Locale.ROOT)));
  }

  private static String token(Request request) {
    String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        || header.length() > TOKEN_CHARS_MAX) {
      return null;
    }
    return header.substring(BEARER.length()).strip();
  }
}
