package dev.rebasis.client.internal.sync;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The errors of a session, each with cause and way out. Pure functions. */
final class SyncErrors {
  static final Keyword LOAD_ANEW = Keyword.of(":rebasis.error/load-anew");
  static final Keyword COPIED = Keyword.of(":rebasis.error/store-copied");
  static final Keyword SERVER_LEFT = Keyword.of(":rebasis.error/server-left");
  private static final Keyword OURS = Keyword.of(":ours");
  private static final Keyword THEIRS = Keyword.of(":theirs");

  private SyncErrors() {}

  static RebasisException otherDatabase(UUID ours, UUID theirs) {
    return error(":rebasis.error/other-database", ErrorCategory.ASK_PERSON,
        "This store follows the database " + ours + ", but the server has the database " + theirs
            + ". Nothing was sent or changed. Point the client to its own server, or open an empty store for this one.",
        ours, theirs);
  }

  static RebasisException serverBehind(long ours, long theirs) {
    return error(":rebasis.error/server-behind", ErrorCategory.ASK_PERSON,
        "This store has confirmed transactions up to T " + ours + ", but the server only up to T " + theirs
            + ": it may have been restored from a backup. Nothing was sent or changed. Ask the server's operator.",
        ours, theirs);
  }

  static RebasisException excised(long ours) {
    return new RebasisException(Keyword.of(":rebasis.error/excised"), ErrorCategory.RETRY_LATER,
        "Facts were excised from the database, and this store has confirmed transactions up to T " + ours
            + ". It loads everything anew; what is pending is kept.");
  }

  static RebasisException forked(long ours, long forkT) {
    return error(":rebasis.error/forked", ErrorCategory.RETRY_LATER,
        "The server was restored from a backup of T " + forkT + ", and this store has confirmed transactions up to T " + ours
            + ". It loads everything anew and pushes its own transactions past that point again.", ours, forkT);
  }

  static RebasisException otherUser(String ours, String theirs, int pending) {
    String mine = ours.isEmpty() ? "nobody in particular" : ours;
    return error(":rebasis.error/other-user", ErrorCategory.ASK_PERSON,
        "The server takes this client's user for " + (theirs == null ? "nobody in particular" : theirs) + ", but " + pending
            + " transactions that wait here were made by " + mine + ". Nothing was sent. Log in as " + mine
            + " again, or take them back, or use another store.", mine, theirs);
  }

  static RebasisException otherLineage() {
    return new RebasisException(Keyword.of(":rebasis.error/server-behind"), ErrorCategory.ASK_PERSON,
        "This store knows of a fork of its database that the server does not have: the server was restored from an older"
            + " backup. Nothing was sent or changed. Ask the server's operator.");
  }

  static RebasisException gap(long ours, long follows) {
    return error(":rebasis.error/gap", ErrorCategory.RETRY_LATER,
        "The server sent transactions that follow on T " + follows + ", but this store stands at T " + ours
            + ". The client connects again and asks for what is missing.",
        ours, follows);
  }

  static RebasisException differs(long t, int attributes) {
    return new RebasisException(Keyword.of(":rebasis.error/differs"), ErrorCategory.RETRY_LATER,
        "At T " + t + " this store's datoms of " + attributes + " attributes are not the server's (see the log). The"
            + " client loads everything anew; what is pending is kept.");
  }

  static RebasisException factsOfOtherUser() {
    return new RebasisException(Keyword.of(":rebasis.error/other-users-facts"), ErrorCategory.RETRY_LATER,
        "What this store holds is what another user may see. It was given up, and what this user may see is loaded.");
  }

  /** What the user may see has changed. */
  static RebasisException otherPart() {
    return new RebasisException(Keyword.of(":rebasis.error/differs"), ErrorCategory.RETRY_LATER,
        "What this user may see of the database has changed. The client loads it anew; what is pending is kept.");
  }

  static RebasisException outOfOrder(String what) {
    return new RebasisException(Keyword.of(":rebasis.error/unexpected-message"), ErrorCategory.RETRY_LATER,
        "The server broke the protocol: " + what + ". The client connects again.");
  }

  static RebasisException handshakeTimeout(long millis) {
    return new RebasisException(Keyword.of(":rebasis.error/no-welcome"), ErrorCategory.RETRY_LATER,
        "The server did not answer within " + millis + " ms. The client tries again; see whether the address is that of"
            + " a Rebasis server and whether it is overloaded.");
  }

  static RebasisException noServer() {
    return new RebasisException(Keyword.of(":rebasis.error/no-server"), ErrorCategory.PROGRAMMING_ERROR,
        "This client has no server to sync with. Name one with SyncClient.builder().server(...).");
  }

  static RebasisException closed() {
    return new RebasisException(Keyword.of(":rebasis.error/client-closed"), ErrorCategory.PROGRAMMING_ERROR,
        "This client is closed. Open the store again with SyncClient.builder().");
  }

  private static RebasisException error(
      String code, ErrorCategory category, String message, Object ours, Object theirs) {
    Map<Keyword, Object> data = new LinkedHashMap<>();
    data.put(OURS, ours);
    data.put(THEIRS, theirs);
    return new RebasisException(Keyword.of(code), category, message, data, null);
  }
}
