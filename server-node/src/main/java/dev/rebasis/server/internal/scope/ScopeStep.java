package dev.rebasis.server.internal.scope;

import dev.rebasis.data.Transaction;

/**
 * What holders of a part of the database see of one transaction. Immutable.
 *
 * @param t the transaction's T
 * @param seen what all of them see; null if that is nothing
 * @param client the number of the client that made it, 0 if none did
 * @param user the user who made it, or null
 * @param own what these see of it: its record in any case; null if no client made it
 */
public record ScopeStep(long t, Transaction seen, long client, String user, Transaction own) {
  /** What a client sees of it; null if that is nothing. */
  public Transaction of(Reader reader) {
    return reader.made(client, user) ? own : seen;
  }
}
