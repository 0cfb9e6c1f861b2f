package dev.rebasis.server.internal.scope;

/**
 * Who reads. Immutable.
 *
 * @param client the client's number, 0 for none
 * @param user the user that it is used by now, or null
 */
public record Reader(long client, String user) {
  /**
   * Whether a transaction is the reader's own. What another user of the same client made is not.
   *
   * @param by the number of the client that made it, 0 if none did
   * @param author the user who made it; null if nobody with a name did
   */
  boolean made(long by, String author) {
    return client != 0 && by == client && (author == null || author.equals(user));
  }
}
