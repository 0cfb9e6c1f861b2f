package dev.rebasis.server.internal.session;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.server.internal.master.StoreTokens;
import java.util.Map;
import java.util.UUID;

/** The errors of a session, each a sentence with cause and way out. Pure functions. */
final class SessionErrors {
  private static final long SCOPES_LARGE_RETRY_MILLIS = 60_000;

  private SessionErrors() {}

  private static RebasisException protocol(String message) {
    return new ProtocolException(Keyword.of(":rebasis.error/unexpected-message"), message);
  }

  /** An error as a message. */
  static Message.Failed failed(RebasisException reason, boolean fatal) {
    long retryAfter = reason.retryAfter() == null ? 0 : reason.retryAfter().toMillis();
    return new Message.Failed(reason.code(), reason.category(), reason.getMessage(), retryAfter, fatal);
  }

  static RebasisException unexpected(Message message) {
    return protocol("The message '" + message.type() + "' is not expected here: a client says hello first and once,"
        + " and waits for the welcome.");
  }

  /** What has come and gone since the client was here is more than what is there now. */
  static RebasisException loadAnew() {
    return new RebasisException(Keyword.of(":rebasis.error/load-anew"), ErrorCategory.RETRY_LATER,
        "This store was away so long that loading anew what it is to hold is less than what has changed in it. The"
            + " client does that by itself; what is pending is kept.");
  }

  /** Whoever loads by another node, or after the session has ended, would get another part than the session's. */
  static RebasisException loadWithoutSession(UUID store) {
    return new RebasisException(Keyword.of(":rebasis.error/load-without-session"), ErrorCategory.RETRY_LATER, "The store " + store
        + " has no session of this user's at this server. Say hello here first: a load brings what the session is to hold.");
  }

  /** A part is loaded from the beginning, or not at all. */
  static RebasisException loadOfPartGoesOn() {
    return protocol("A load of a part of the database begins at T 0. Whoever holds some of it goes on in the session.");
  }

  /** The store's id is of a kind that the server keeps for itself. */
  static RebasisException reservedStore() {
    return protocol("The store's id is one that no client has. Make a random one.");
  }

  static RebasisException silent(long millis) {
    return protocol("No hello came within " + millis + " ms after the connection was opened.");
  }

  static RebasisException credit(long datoms) {
    return protocol("Credit is positive, not " + datoms + ".");
  }

  static RebasisException pushedTooFast(int perSecond, long retryAfterMillis) {
    return new RebasisException(Keyword.of(":rebasis.error/push-rate-exceeded"), ErrorCategory.RETRY_LATER,
        "More than " + perSecond + " transactions a second were pushed, the most that this server takes of one user. The"
            + " rest waits with the client, which comes back in " + retryAfterMillis + " ms.",
        Map.of(RebasisException.RETRY_AFTER, retryAfterMillis), null);
  }

  static RebasisException idle(long millis) {
    return new RebasisException(Keyword.of(":rebasis.error/session-idle"), ErrorCategory.RETRY_LATER,
        "The client has said nothing for " + millis / 1000 + " s, and this server keeps no idle sessions. Come back in as"
            + " long, or when there is something to push.",
        Map.of(RebasisException.RETRY_AFTER, millis), null);
  }

  static RebasisException protocolTooOld(int theirs, int least) {
    return new ProtocolException(ProtocolException.UNSUPPORTED_VERSION, "The client speaks version " + theirs
        + " of the protocol, and this server demands " + least + " at least: update the client.");
  }

  static RebasisException tooManySyncs(int waiting) {
    return protocol("Already " + waiting + " sync requests wait for their T. Wait for the answers.");
  }

  static RebasisException tooManyScopes() {
    return protocol("Too many changes of scopes wait already. Wait for the answers.");
  }

  static RebasisException rulesChanged() {
    return new RebasisException(Keyword.of(":rebasis.error/rules-changed"), ErrorCategory.RETRY_LATER,
        "What this user may see has changed. Connect again; what is pending is kept.");
  }

  static RebasisException tokensChanged() {
    return new RebasisException(Keyword.of(":rebasis.error/tokens-changed"), ErrorCategory.RETRY_LATER,
        "Who may come in has changed. Connect again; what is pending is kept.");
  }

  static RebasisException cannotHoldPart() {
    return new RebasisException(Keyword.of(":rebasis.error/unsupported-version"), ErrorCategory.ASK_PERSON,
        "This user sees a part of the database, which this client does not know how to hold: update the client.");
  }

  static RebasisException usedTwice() {
    return new RebasisException(StoreTokens.COPIED, ErrorCategory.RETRY_LATER, "The same store has opened a newer session:"
        + " it is in use twice. This copy goes on as a client of its own, under a new number; what is pending on it is kept.");
  }

  static RebasisException otherDatabase(UUID wanted, UUID found) {
    return new RebasisException(Keyword.of(":rebasis.error/other-database"), ErrorCategory.ASK_PERSON,
        "The store follows the database " + wanted + ", and this is " + found
            + ". Use the URL of the database that it follows, or a new store.");
  }

  static RebasisException expired(String user) {
    return new RebasisException(Keyword.of(":rebasis.error/token-expired"), ErrorCategory.RETRY_LATER,
        "The token of the user " + user + " has expired. Connect again with a new one; nothing is lost.");
  }

  static RebasisException scopesCost(long retryAfterMillis) {
    return new RebasisException(Keyword.of(":rebasis.error/scope-cost"), ErrorCategory.RETRY_LATER, "The queries of this user's"
        + " scopes take more of the server's time than a user may have. Ask for scopes that are told by the entity itself; this"
        + " one may come back in " + (retryAfterMillis / 1000 + 1) + " s.",
        Map.of(RebasisException.RETRY_AFTER, retryAfterMillis), null);
  }

  static RebasisException scopesLarge(String whose, long bytesMax) {
    return new RebasisException(Keyword.of(":rebasis.error/scope-cost"), ErrorCategory.RETRY_LATER, whose + " hold so many entities"
        + " that the server needs more than " + (bytesMax >> 10) + " KiB to keep them current. Ask for fewer, or come back in "
        + SCOPES_LARGE_RETRY_MILLIS / 1000 + " s; the operator can give more memory (max-scope-bytes).",
        Map.of(RebasisException.RETRY_AFTER, SCOPES_LARGE_RETRY_MILLIS), null);
  }

  static RebasisException tooManyStores(String user, long retryAfterMillis) {
    return new RebasisException(Keyword.of(":rebasis.error/too-many-stores"), ErrorCategory.RETRY_LATER,
        "The user " + user + " has begun too many new stores within an hour. Use one that there is, or come back in "
            + (retryAfterMillis / 1000 + 1) + " s.", Map.of(RebasisException.RETRY_AFTER, retryAfterMillis), null);
  }

  static RebasisException withoutTokens(long client) {
    return new ProtocolException(ProtocolException.UNSUPPORTED_VERSION, "The store with the number " + client + " has a"
        + " token since its client spoke a newer version of the protocol, and this version has none to show: update the client"
        + " again, or use a new store.");
  }

  static RebasisException revoked(long client) {
    return revoked("with the number " + client);
  }

  static RebasisException revoked(UUID store) {
    return revoked("with the store " + store);
  }

  private static RebasisException revoked(String which) {
    return new RebasisException(Keyword.of(":rebasis.error/device-revoked"), ErrorCategory.ASK_PERSON,
        "The device " + which + " was revoked and gets nothing more. What is pending on it is kept there."
            + " Ask the operator of the database.");
  }

  static RebasisException loadedBack(long t, long cursor) {
    return protocol("The client says that it loaded up to T " + t + ", which is before its T " + cursor + ".");
  }
}
