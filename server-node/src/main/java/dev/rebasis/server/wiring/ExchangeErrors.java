package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.ProtocolException;

/** The errors of sessions over HTTP, each a sentence with cause and way out. Pure functions. */
final class ExchangeErrors {
  private ExchangeErrors() {}

  static RebasisException unknown() {
    return new RebasisException(Keyword.of(":rebasis.error/unknown-session"), ErrorCategory.RETRY_LATER,
        "There is no such session, or it has ended. Post without 'session' to begin a new one; nothing is lost.");
  }

  static RebasisException over() {
    return new RebasisException(Keyword.of(":rebasis.error/session-over"), ErrorCategory.RETRY_LATER,
        "This session is over. Post without 'session' to begin a new one; nothing is lost.");
  }

  static RebasisException outOfOrder(String what, long number, long expected) {
    return new RebasisException(Keyword.of(":rebasis.error/exchange-out-of-order"), ErrorCategory.RETRY_LATER,
        "This " + what + " has the number " + number + ", and " + expected + " was expected, one at a time: a request was"
            + " repeated or lost on the way. Begin a new session; nothing is lost.");
  }

  static RebasisException malformed(String why) {
    return new ProtocolException(Keyword.of(":rebasis.error/malformed-message"), "The body is no sequence of messages: "
        + why + ".");
  }

  static RebasisException tooLarge(int max) {
    return new ProtocolException(ProtocolException.TOO_LARGE, "The messages of one post have at most " + max
        + " bytes together. Send them in several.");
  }

  static RebasisException argument(String name) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-argument"), ErrorCategory.FIX_REQUEST, "The parameter '"
        + name + "' is a number that counts from 1.");
  }
}
