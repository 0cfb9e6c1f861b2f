package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Access;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
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
  private static final int BUSY_SECONDS = 10;

  private LogPage() {}

  /**
   * Sends the log.
   *
   * @param places for so many at once: each holds a thread
   * @param slow cuts off who reads too slowly
   */
  static void handle(Request request, Response response, Callback callback, Access access, Consumer<OutputStream> archive,
      Semaphore places, SlowReaders slow) {
    if (!access.isOperator()) {
      Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/forbidden",
          "The log holds everything that users wrote: only those with the role '" + Access.OPERATOR + "' may have it.");
      return;
    }
    if (!places.tryAcquire()) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, BUSY_SECONDS);
      Pages.error(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, ":rebasis.error/busy",
          "The log is being sent to others. Come back in " + BUSY_SECONDS + " seconds.");
      return;
    }
    try (SlowReaders.Reader reader = slow.begin(request)) {
      send(response, callback, archive, reader);
    } finally {
      places.release();
    }
  }

  private static void send(Response response, Callback callback, Consumer<OutputStream> archive, SlowReaders.Reader reader) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    // Not closed when the log refuses: closing ends the response, and nobody would learn why it is empty.
    OutputStream out = new BufferedOutputStream(reader.watched(Content.Sink.asOutputStream(response)), BUFFER_BYTES);
    try {
      archive.accept(out);
      out.close();
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
