package dev.rebasis.server.wiring;

import datomic.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.ServerQuery;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /db/{name}/q} and {@code GET /db/{name}/pull}: questions of tools, answered on the newest durable T as EDN or
 * as JSON. Each runs on one of Jetty's threads. Thread-safe.
 */
final class QueryPages {
  private static final Logger LOG = LoggerFactory.getLogger(QueryPages.class);

  private final Supplier<Database> database;
  private final Places places;
  private final SlowReaders slow;

  /**
   * Makes the pages.
   *
   * @param database the newest durable value; any thread
   * @param atOnceMax how many questions may run at once; the sessions need the processors too
   * @param slow cuts off those who read too slowly
   */
  QueryPages(Supplier<Database> database, int atOnceMax, SlowReaders slow) {
    this.slow = slow;
    this.places = new Places(atOnceMax);
    this.database = database;
  }

  /** Answers a query or a pull. The place is held until the answer has left the process, which it fills meanwhile. */
  void handle(boolean pull, Request request, Response response, Callback callback, Access access) {
    if (!access.seesEverything()) {
      Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/forbidden",
          "A user who does not see everything cannot query the server; a client with this token holds what it may see.");
      return;
    }
    String full = places.take(access.userName());
    if (full != null) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
      Pages.error(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, ":rebasis.error/busy",
          "No place for another question: " + full + " that run already. Come back in a second.");
      return;
    }
    SlowReaders.Reader reader = slow.begin(request);
    Callback end = Callback.from(callback, () -> {
      reader.close();
      places.give(access.userName());
    });
    try {
      Fields parameters = Request.extractQueryParameters(request);
      ServerQuery question = pull
          ? ServerQuery.pull(parameters.getValue("pattern"), parameters.getValue("entity"))
          : ServerQuery.q(parameters.getValue("query"), parameters.getValue("args"));
      Database now = database.get();
      Database then = asOf(now, parameters.getValue("t"));
      write(question.answer(then, System::nanoTime), now.basisT(), request, response, reader, end);
    } catch (RebasisException e) {
      LOG.debug("A query was refused: {}", e.getMessage());
      Pages.error(response, end, HttpStatus.BAD_REQUEST_400, e.code().toString(), e.getMessage());
    } catch (StackOverflowError e) {
      Pages.error(response, end, HttpStatus.BAD_REQUEST_400, ":rebasis.error/query-failed",
          "The question or its answer is nested too deep.");
    } catch (RuntimeException | Error e) {
      // A fault of ours, or of Datomic's, must not keep the place.
      LOG.error("A fault while a query was answered.", e);
      end.failed(e);
    }
  }

  private static Database asOf(Database now, String t) {
    if (t == null) {
      return now;
    }
    if (!t.matches("\\d{1,18}")) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-argument"), ErrorCategory.FIX_REQUEST,
          "The parameter 't' is a T, a number that is not negative. Leave it out for the newest.");
    }
    return now.asOf(Long.parseLong(t));
  }

  private static void write(Object answer, long t, Request request, Response response, SlowReaders.Reader reader,
      Callback callback) {
    boolean asJson = String.valueOf(request.getHeaders().get(HttpHeader.ACCEPT)).contains("json");
    String body = asJson ? PlainJson.write(answer) : Edn.write(answer);
    ServerQuery.checkLength(body);
    response.getHeaders().put("Rebasis-T", t);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE,
        asJson ? "application/json" : "application/edn; charset=utf-8");
    reader.begins(body.length());
    Content.Sink.write(response, true, body + "\n", callback);
  }
}
