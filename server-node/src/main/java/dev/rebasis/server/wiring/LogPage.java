package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Access;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /db/{name}/log}: the whole durable log as a text, for backups of a running server. Only for users with the role
 * {@value Access#OPERATOR}, for it holds everything. Pure functions but for the response.
 */
final class LogPage {
  private static final Logger LOG = LoggerFactory.getLogger(LogPage.class);
  private static final int BUFFER_BYTES = 64 << 10;

  private LogPage() {}

  static void handle(Response response, Callback callback, Access access, Consumer<OutputStream> archive) {
    if (!access.isOperator()) {
      Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/forbidden",
          "The log holds everything that users wrote: only those with the role '" + Access.OPERATOR + "' may have it.");
      return;
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    try (OutputStream out = new BufferedOutputStream(Content.Sink.asOutputStream(response), BUFFER_BYTES)) {
      archive.accept(out);
      out.flush();
    } catch (RebasisException e) {
      LOG.warn("The log could not be sent: {}", e.getMessage());
      if (!response.isCommitted()) {
        Pages.error(response, callback, HttpStatus.CONFLICT_409, e.code().toString(), e.getMessage());
        return;
      }
      callback.failed(e);
      return;
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("The log's reader left: {}", e.toString());
      callback.failed(e);
      return;
    }
    callback.succeeded();
  }
}
