package dev.rebasis.client.wiring;

import dev.rebasis.client.Credentials;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Response;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What it means when a connection or a request fails, in words of a client. Thread-safe. */
final class Refusals {
  static final Keyword UNREACHABLE = Keyword.of(":rebasis.error/server-unreachable");
  private static final Keyword NOT_A_SERVER = Keyword.of(":rebasis.error/not-a-rebasis-server");
  private static final Keyword SERVER = Keyword.of(":server");
  private static final Set<String> SECURE = Set.of("https", "wss");
  private static final int BODY_BYTES_MAX = 4_000;

  private final URI server;
  private volatile Credentials credentials;

  Refusals(URI server, Credentials credentials) {
    this.server = server;
    this.credentials = credentials;
  }

  void credentials(Credentials others) {
    credentials = others;
  }

  /** What the server itself says in an answer that is no success. */
  private record Words(String code, String message) {}

  /** The server's own words; null if something between here and the server answered, or it has none. */
  private static Words words(Response response) {
    try {
      JsonNode body = JsonMapper.shared().readTree(response.peekBody(BODY_BYTES_MAX).string());
      String code = body.path("code").asString("");
      return code.matches(":rebasis\\.error/[a-z-]{1,60}") ? new Words(code, body.path("message").asString("")) : null;
    } catch (IOException | JacksonException e) {
      return null;
    }
  }

  /** Whether the Rebasis server gave this answer, and not a proxy before it. */
  static boolean isFromServer(Response response) {
    return words(response) != null;
  }

  /** The error for an answer that is no success. */
  RebasisException refused(Response response, Throwable failure) {
    int status = response.code();
    Words words = words(response);
    if (status == 401 || status == 403) {
      return unauthorized(status, failure);
    }
    if (words != null && status != 404) {
      boolean later = status >= 500 || status == 408 || status == 410 || status == 429;
      Map<Keyword, Object> data = new HashMap<>();
      data.put(SERVER, server.toString());
      data.putAll(RebasisException.comeBackIn(retryAfterMillis(response)));
      return new RebasisException(Keyword.of(words.code),
          later ? ErrorCategory.RETRY_LATER : ErrorCategory.ASK_PERSON, words.message, data, failure);
    }
    if (status >= 500 || status == 408 || status == 429) {
      return unreachable("answers with HTTP status " + status, failure);
    }
    return notAServer("it answers with HTTP status " + status, failure);
  }

  /** When a server wants to be asked again; 0 if it does not say. */
  static long retryAfterMillis(Response response) {
    String seconds = response.header("Retry-After", "0");
    return seconds.matches("[0-9]{1,6}") ? Long.parseLong(seconds) * 1_000 : 0;
  }

  /** How large a message the server takes; what it does not say is no limit. */
  static int messageBytesMax(Response response) {
    String bytes = response.header("Rebasis-Message-Bytes-Max", "");
    return bytes.matches("[0-9]{1,9}") ? Math.max(1, Integer.parseInt(bytes)) : Integer.MAX_VALUE;
  }

  private RebasisException unauthorized(int status, Throwable failure) {
    RebasisException reason = error(
        Keyword.of(status == 401 ? ":rebasis.error/unauthorized" : ":rebasis.error/forbidden"), ErrorCategory.ASK_PERSON,
        status == 401
            ? "The server " + server + " does not take the token of this client, or asks for one. Give it another by its Credentials"
                + " (--token, REBASIS_TOKEN); what is pending waits."
            : "The server " + server + " does not let this user in. Ask its operator; what is pending waits.", failure);
    credentials.refused(reason);
    return reason;
  }

  /** The server cannot be reached for now. */
  RebasisException unreachable(String why, Throwable cause) {
    return error(UNREACHABLE, ErrorCategory.RETRY_LATER, "The server " + server + " " + why + ". " + wayOut(cause)
        + "The client tries again.", cause);
  }

  /** What a person can look at; empty if nothing tells. */
  private String wayOut(Throwable cause) {
    if (cause instanceof SSLHandshakeException || cause instanceof SSLPeerUnverifiedException) {
      return "If its certificate is one that Java does not know, name it (ClientBuilder.trust, --trust FILE), and call the server as"
          + " the certificate does. ";
    }
    String words = cause instanceof IOException ? String.valueOf(cause.getMessage()) : "";
    if (cause instanceof SSLException && words.startsWith("Unsupported or unrecognized")) {
      return "If it does not speak TLS, its address begins with 'http:' or 'ws:'. ";
    }
    return words.startsWith("unexpected end of stream") && !SECURE.contains(server.getScheme())
        ? "If it speaks TLS, its address begins with 'https:' or 'wss:'. " : "";
  }

  /** Something else is at the address. */
  RebasisException notAServer(String why, Throwable cause) {
    return error(NOT_A_SERVER, ErrorCategory.ASK_PERSON, "At " + server + " is no Rebasis database: " + why
        + ". See whether host, port and the path /db/name are right; what was written here is kept.", cause);
  }

  /** A message is larger than the server takes. */
  RebasisException tooLarge(String reason) {
    return error(Keyword.of(":rebasis.error/message-too-large"), ErrorCategory.ASK_PERSON, "The server " + server
        + " does not take a message as large as the one that was sent (" + reason + "). Have its operator raise"
        + " --max-message-bytes, or discard the transaction and make it in parts; what was written here is kept.", null);
  }

  private RebasisException error(Keyword code, ErrorCategory category, String message, Throwable cause) {
    return new RebasisException(code, category, message, Map.of(SERVER, server.toString()), cause);
  }
}
