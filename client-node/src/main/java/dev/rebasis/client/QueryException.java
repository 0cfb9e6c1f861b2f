package dev.rebasis.client;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;

/**
 * A query that cannot be answered: wrong in itself, or using what the client does not offer. Codes are Datomic's where
 * Datomic has one; {@link #data()} holds the clause under {@code :clause} where one is at fault. Immutable.
 */
public final class QueryException extends RebasisException {
  /**
   * Makes the error.
   *
   * @param code for example {@code :db.error/insufficient-binding}
   * @param message cause and way out
   * @param data the clause and the other offenders, never null
   * @param cause the underlying error, or null
   */
  public QueryException(Keyword code, String message, Map<Keyword, Object> data, Throwable cause) {
    super(code, ErrorCategory.FIX_REQUEST, message, data, cause);
  }
}
