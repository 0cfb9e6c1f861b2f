package dev.rebasis.server.access;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;

/** Tells whom a bearer token stands for. Called on any thread, many at a time; it may block for a moment. */
@FunctionalInterface
public interface Authenticator {
  /** The code of the error for a token that is missing or no good. */
  Keyword UNAUTHORIZED = Keyword.of(":rebasis.error/unauthorized");

  /**
   * Whom a token stands for.
   *
   * @param token what stood behind {@code Bearer} in the request, null if there was none
   * @return the user; null for one without a name, who is subject to no rules
   * @throws RebasisException with {@link #UNAUTHORIZED} if the token is missing, unknown, expired or forged. The message
   *     is sent to whoever showed it and must not say more than that
   */
  User authenticate(String token);

  /** Lets everyone in, without a name. For a server that only trusted programs can reach. */
  static Authenticator anyone() {
    return token -> null;
  }

  /** The error for a token that is missing or no good. */
  static RebasisException unauthorized(String why) {
    return new RebasisException(UNAUTHORIZED, ErrorCategory.ASK_PERSON,
        why + " Send 'Authorization: Bearer TOKEN' with a token that is good for this server.");
  }
}
