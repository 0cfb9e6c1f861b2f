package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Small answers as JSON. Pure functions, but for the response. */
final class Pages {
  private Pages() {}

  /** Answers with a JSON text. */
  static void json(Response response, Callback callback, int status, String body) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, body + "\n", callback);
  }

  /** Answers with a text for Prometheus. */
  static void text(Response response, Callback callback, String body) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    Content.Sink.write(response, true, body, callback);
  }

  /** Answers with an error. */
  static void error(Response response, Callback callback, int status, String code, String message) {
    json(response, callback, status, "{\"code\":" + quoted(code) + ",\"message\":" + quoted(message) + "}");
  }

  /** Answers with an error that says when to come back, if it knows. */
  static void refusal(Response response, Callback callback, int status, RebasisException reason) {
    if (reason.retryAfter() != null) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, (reason.retryAfter().toMillis() + 999) / 1000);
    }
    error(response, callback, status, reason.code().toString(), reason.getMessage());
  }

  /** A text as JSON. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
