package dev.rebasis.server.internal.session;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;

/**
 * Holds the pushes of a session to the order in which the client sent them. A later write may stand on an earlier one, so
 * that one whose message was overtaken would be refused for no fault of its author. A push that came before its time ends
 * the session: in the next the client sends everything without an answer again, in order. TCP keeps the order by itself;
 * proxies and polls over HTTP may not. Confined.
 */
final class PushOrder {
  private long newest;

  /**
   * Whether a push is to be decided; false for one that has come already, whose answer is under way.
   *
   * @throws RebasisException if one before it has not come
   */
  boolean isDue(Message.Push push) {
    if (push.number() == 0) {
      // A client of a version that does not count them.
      return true;
    }
    if (push.number() <= newest) {
      return false;
    }
    if (push.number() > newest + 1) {
      throw new RebasisException(Keyword.of(":rebasis.error/push-missing"), ErrorCategory.RETRY_LATER, "Push "
          + push.number() + " of this session came before push " + (newest + 1)
          + ": something between client and server changes the order of messages. Connect again, and push again what has no answer.");
    }
    newest++;
    return true;
  }
}
