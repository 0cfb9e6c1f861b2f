package dev.rebasis.server.internal.master;

/**
 * For each client, the T of the newest transaction that someone else made: with it the most common question of all,
 * whether a client was alone, needs no look into the history. Confined. Constant space: it remembers who wrote last,
 * and when anyone else last wrote.
 */
final class ForeignT {
  /** The client number of programs beside the server, and of the server itself. */
  static final long NO_CLIENT = 0;

  private long lastClient = NO_CLIENT;
  private long lastT;
  private long otherT;

  /**
   * Notes a transaction that changed user data.
   *
   * @param client who made it, {@link #NO_CLIENT} if no client did
   */
  void add(long client, long t) {
    if (client != lastClient) {
      otherT = lastT;
      lastClient = client;
    }
    lastT = t;
  }

  /** The newest T that is not the client's own; 0 if there is none. */
  long of(long client) {
    return client == lastClient && client != NO_CLIENT ? otherT : lastT;
  }
}
