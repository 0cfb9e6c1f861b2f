package dev.rebasis.error;

import dev.rebasis.data.Keyword;
import java.util.Map;

/** A transaction that cannot be applied to the database it was given to. Codes are Datomic's. Immutable. */
public final class TransactionException extends RebasisException {
  /**
   * Makes the error.
   *
   * @param code for example {@code :db.error/unique-conflict}
   * @param message cause and way out
   * @param data every offender at once, never null
   */
  public TransactionException(Keyword code, String message, Map<Keyword, Object> data) {
    super(code, ErrorCategory.FIX_REQUEST, message, data, null);
  }
}
