package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryException;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the errors of this package, so that each names its clause in the same way. Pure functions. */
final class QueryErrors {
  static final Keyword INSUFFICIENT_BINDING = Keyword.of(":db.error/insufficient-binding");
  static final Keyword UNBOUND_VARIABLES = Keyword.of(":db.error/unbound-query-variables");
  static final Keyword TOO_FEW_INPUTS = Keyword.of(":db.error/too-few-inputs");
  static final Keyword INVALID_DATA_SOURCE = Keyword.of(":db.error/invalid-data-source");
  static final Keyword INVALID_AGGREGATE = Keyword.of(":db.error/invalid-aggregate");
  static final Keyword INVALID_PULL = Keyword.of(":db.error/invalid-pull");
  static final Keyword NOT_A_BINDING_FORM = Keyword.of(":db.error/not-a-binding-form");
  static final Keyword NOT_A_KEYWORD = Keyword.of(":db.error/not-a-keyword");
  static final Keyword NOT_AN_ENTITY = Keyword.of(":db.error/not-an-entity");
  static final Keyword LOOKUP_REF_NOT_UNIQUE = Keyword.of(":db.error/lookup-ref-attr-not-unique");
  static final Keyword INVALID_LOOKUP_REF = Keyword.of(":db.error/invalid-lookup-ref");
  static final Keyword HISTORY_NOT_SUPPORTED = Keyword.of(":db.error/history-not-supported");
  static final Keyword INVALID_QUERY = Keyword.of(":rebasis.error/invalid-query");
  static final Keyword INVALID_INPUT = Keyword.of(":rebasis.error/invalid-query-input");
  static final Keyword UNSUPPORTED = Keyword.of(":rebasis.error/unsupported-query");
  static final Keyword FUNCTION_FAILED = Keyword.of(":rebasis.error/query-function-failed");

  private static final Keyword CLAUSE = Keyword.of(":clause");
  private static final Keyword ENTITY = Keyword.of(":entity");
  private static final int TEXT_CHARS_MAX = 300;

  private QueryErrors() {}

  /** An error in a part of the query. The message gets the part's text at its end. */
  static QueryException in(Object form, Keyword code, String message) {
    return in(form, code, message, null);
  }

  static QueryException in(Object form, Keyword code, String message, Throwable cause) {
    Map<Keyword, Object> data = new LinkedHashMap<>();
    data.put(CLAUSE, form);
    return new QueryException(code, message + " In: " + text(form), data, cause);
  }

  /** An error outside the query's text, for example in an input. */
  static QueryException of(Keyword code, String message) {
    return new QueryException(code, message, Map.of(), null);
  }

  static QueryException notAnEntity(Object identifier) {
    Map<Keyword, Object> data = new LinkedHashMap<>();
    data.put(ENTITY, identifier);
    return new QueryException(
        NOT_AN_ENTITY, "There is no entity " + text(identifier) + " in this database.", data, null);
  }

  /** Like {@link #notAnEntity(Object)}, and names the clause. */
  static QueryException notAnEntity(Object identifier, Object clause) {
    Map<Keyword, Object> data = new LinkedHashMap<>();
    data.put(ENTITY, identifier);
    data.put(CLAUSE, clause);
    return new QueryException(NOT_AN_ENTITY,
        "There is no entity " + text(identifier) + " in this database. In: " + text(clause), data, null);
  }

  /**
   * An error from below a clause, with the clause named.
   *
   * @return the error itself if it names a clause, as one of a nested query does, or is none of a query
   */
  static RebasisException naming(RebasisException e, Object clause) {
    if (!(e instanceof QueryException) || e.data().containsKey(CLAUSE)) {
      return e;
    }
    Map<Keyword, Object> data = new LinkedHashMap<>(e.data());
    data.put(CLAUSE, clause);
    return new QueryException(e.code(), e.getMessage() + " In: " + text(clause), data, e);
  }

  static QueryException unsupported(Object form, String what) {
    return in(form, UNSUPPORTED, what + " is not supported yet.");
  }

  /** A form as EDN, shortened. */
  static String text(Object form) {
    String text;
    try {
      text = Edn.write(form);
    } catch (IllegalArgumentException e) {
      // Java data may hold what EDN cannot say; its own text is good enough in a message.
      text = String.valueOf(form);
    }
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX) + "...";
  }
}
