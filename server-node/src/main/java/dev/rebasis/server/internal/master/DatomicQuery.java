package dev.rebasis.server.internal.master;

import datomic.Peer;
import datomic.QueryRequest;
import dev.rebasis.conflict.Guard;

/** Asks Datomic what others want to know. Pure functions but for reading. */
public final class DatomicQuery {
  private DatomicQuery() {}

  /**
   * Datomic's answer. It finds some faults of a query by assertions, and follows forms by recursion: what somebody asks must be
   * an exception for that one and not the end of the server.
   *
   * @param query as EDN
   * @param inputs the database first
   * @param timeoutMillis when it gives up, by the machine's clock; {@link Guard#FOREVER} if it does not
   * @return whatever the query's find says
   */
  public static Object ask(String query, Object[] inputs, long timeoutMillis) {
    try {
      QueryRequest request = QueryRequest.create(query, inputs);
      return Peer.query(timeoutMillis == Guard.FOREVER ? request : request.timeout(timeoutMillis));
    } catch (AssertionError e) {
      throw new IllegalArgumentException("Datomic finds that the query makes no sense: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("the query is nested too deep for Datomic", e);
    }
  }
}
