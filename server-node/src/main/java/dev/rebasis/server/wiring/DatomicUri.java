package dev.rebasis.server.wiring;

import datomic.Connection;
import datomic.Peer;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;

/** Connects to Datomic databases by their URIs. Pure functions but for Datomic's own connections. */
final class DatomicUri {
  private static final Keyword CANNOT_CONNECT = Keyword.of(":rebasis.error/cannot-connect");

  private DatomicUri() {}

  /**
   * A connection, which Datomic keeps one of for each URI in a process; the database is made if it is not there.
   *
   * @throws RebasisException if that does not work; the message does not show what may be a password
   */
  static Connection connect(String uri) {
    if (!uri.matches("datomic:[a-z0-9-]+://?.+")) {
      throw new RebasisException(CANNOT_CONNECT, ErrorCategory.FIX_REQUEST, "'" + shown(uri) + "' is no URI of Datomic."
          + " Those look like datomic:dev://localhost:4334/orders or datomic:sql://orders?jdbc:postgresql://...");
    }
    try {
      Peer.createDatabase(uri);
      return Peer.connect(uri);
    } catch (Exception | LinkageError e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new RebasisException(CANNOT_CONNECT, ErrorCategory.ASK_PERSON, "Cannot reach the database " + shown(uri)
          + " (" + cause.getClass().getSimpleName() + ": " + cause.getMessage()
          + "). See that Datomic's transactor runs and that this machine can reach it and its storage, and that the"
          + " storage's driver is on the class path.", Map.of(), e);
    }
  }

  /** The URI as it may be shown: what stands behind the question mark may hold a password. */
  static String shown(String uri) {
    int mark = uri.indexOf('?');
    return mark < 0 ? uri : uri.substring(0, mark) + "?...";
  }
}
