package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;

/** A message that cannot be read, written or served. Immutable. */
public final class ProtocolException extends RebasisException {
  /** Not JSON or CBOR, a field missing or of another type, a tag or value that is none. */
  public static final Keyword MALFORMED = Keyword.of(":rebasis.error/malformed-message");
  /** A type of message that this version does not have. */
  public static final Keyword UNKNOWN_TYPE = Keyword.of(":rebasis.error/unknown-message");
  /** Beyond one of the {@link Limits}. */
  public static final Keyword TOO_LARGE = Keyword.of(":rebasis.error/message-too-large");
  /** A value that no message can carry: of another Java type, or beyond one of the {@link Limits}. */
  public static final Keyword UNSENDABLE = Keyword.of(":rebasis.error/unsendable-value");
  /** The two sides have no version in common. */
  public static final Keyword UNSUPPORTED_VERSION = Keyword.of(":rebasis.error/unsupported-version");

  /**
   * Makes the error.
   *
   * @param code one of the constants here, or another of the protocol's codes
   * @param message cause and way out
   * @param data the offenders, never null
   * @param cause the underlying error, or null
   */
  public ProtocolException(Keyword code, String message, Map<Keyword, Object> data, Throwable cause) {
    super(code, ErrorCategory.FIX_REQUEST, message, data, cause);
  }

  /** An error without offenders and without a cause. */
  public ProtocolException(Keyword code, String message) {
    this(code, message, Map.of(), null);
  }
}
