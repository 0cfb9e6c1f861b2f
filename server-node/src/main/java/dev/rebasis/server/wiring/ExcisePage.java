package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Access;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * {@code POST /db/{name}/excise}: carries out what the database was asked to excise. Only for users with the role {@value
 * LogPage#OPERATOR}. Pure functions but for the response.
 */
final class ExcisePage {
  private ExcisePage() {}

  static void handle(String method, Response response, Callback callback, Access access, LongSupplier excise) {
    if (access.user() != null && !access.user().roles().contains(LogPage.OPERATOR)) {
      Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/forbidden",
          "Only users with the role '" + LogPage.OPERATOR + "' may have facts excised.");
      return;
    }
    if (!method.equals("POST")) {
      Pages.error(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, ":rebasis.error/wrong-method",
          "Use POST for this page.");
      return;
    }
    try {
      Pages.json(response, callback, HttpStatus.OK_200, "{\"excised\":" + excise.getAsLong() + "}");
    } catch (RebasisException e) {
      Pages.error(response, callback, HttpStatus.CONFLICT_409, e.code().toString(), e.getMessage());
    }
  }
}
