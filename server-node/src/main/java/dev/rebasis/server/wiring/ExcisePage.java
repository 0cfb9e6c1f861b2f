package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.ExcisionList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /db/{name}/excise}: lists what the database was asked to excise; {@code POST}: carries it out. Only for users
 * with the role {@value Access#OPERATOR}. Pure functions but for the response.
 */
final class ExcisePage {
  private static final Logger LOG = LoggerFactory.getLogger(ExcisePage.class);

  private ExcisePage() {}

  static void handle(String method, Response response, Callback callback, Access access,
      Supplier<List<ExcisionList.Asked>> asked, LongSupplier excise) {
    if (!access.isOperator()) {
      Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/forbidden",
          "Only users with the role '" + Access.OPERATOR + "' may have facts excised.");
      return;
    }
    if (method.equals("GET")) {
      Pages.json(response, callback, HttpStatus.OK_200,
          asked.get().stream().map(ExcisePage::json).collect(Collectors.joining(",\n ", "[", "]")));
      return;
    }
    if (!method.equals("POST")) {
      Pages.error(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, ":rebasis.error/wrong-method",
          "Use GET to list what was asked for, POST to do it.");
      return;
    }
    try {
      LOG.atInfo().addKeyValue(LogKeys.USER, access.userName()).log("An operator has facts excised.");
      long facts = excise.getAsLong();
      LOG.atInfo().addKeyValue(LogKeys.USER, access.userName()).log("{} facts were excised.", facts);
      Pages.json(response, callback, HttpStatus.OK_200, "{\"excised\":" + facts + "}");
    } catch (RebasisException e) {
      Pages.error(response, callback, HttpStatus.CONFLICT_409, e.code().toString(), e.getMessage());
    }
  }

  private static String json(ExcisionList.Asked one) {
    return "{\"target\":" + Pages.quoted(one.target()) + ",\"attributes\":"
        + one.attributes().stream().map(name -> Pages.quoted(name.toString())).collect(Collectors.joining(",", "[", "]"))
        + ",\"before\":" + text(one.before()) + ",\"t\":" + one.t() + ",\"user\":" + text(one.user()) + "}";
  }

  private static String text(String value) {
    return value == null ? "null" : Pages.quoted(value);
  }
}
