package dev.rebasis.client.internal.sync;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Message;
import java.util.List;
import java.util.UUID;

/** What the {@link SyncMachine} wants done. Immutable. */
public sealed interface SyncAction {
  /**
   * Open a connection and tell {@link SyncMachine#connected} or {@link SyncMachine#disconnected}.
   *
   * @param session the number to tell it under; events of earlier sessions are passed over
   */
  record Connect(long session) implements SyncAction {}

  /** Send a message; a connection that cannot take it is disconnected. */
  record Send(long session, Message.FromClient message) implements SyncAction {}

  /** Close the connection, if it is still there. */
  record Disconnect(long session, String reason) implements SyncAction {}

  /**
   * Write to the log, in the order in which these actions come, and tell {@link SyncMachine#stored}.
   *
   * @param number counts up by one
   * @param entries what to write, in one go
   * @param force whether they must be on the disk before they count as stored
   */
  record Persist(long number, List<LogEntry> entries, boolean force) implements SyncAction {}

  /**
   * Make what has been stored visible, and tell {@link SyncMachine#applied}: the index, the rebase, the values that
   * programs see, then the outcomes.
   *
   * @param number the {@link Persist} that stored it
   * @param transactions confirmed ones in the order of T; may be empty
   * @param verdicts what the server decided about own transactions, in the order of T
   * @param view whether programs see it
   */
  record Apply(long number, List<Transaction> transactions, List<Verdict> verdicts, View view)
      implements SyncAction {}

  /** What programs see of an {@link Apply}. */
  enum View {
    /** All of it. */
    SHOWN,
    /** Nothing: it is part of a load, and no state that the database ever had. */
    HELD,
    /** All of it, and what was held before: the load is at its end. */
    LOADED,
    /** The same; and the transactions made here are mended, for the database forked. */
    FORKED,
    /** What was there before: everything that was confirmed is forgotten, and a load begins. */
    DROPPED,
    /** The same, and what was confirmed is not shown any more: it is another user's. */
    HIDDEN
  }

  /**
   * Load by HTTP what follows on a T, and tell {@link SyncMachine#loadArrived} or
   * {@link SyncMachine#loadFailed}.
   *
   * @param session the session that it belongs to; it ends with it
   * @param store the store that it is for
   */
  record Load(long session, long afterT, UUID store) implements SyncAction {}

  /**
   * Send the digest of the current datoms, with this number.
   *
   * @param ofPart whether the client holds a part of the database, so that transaction entities are left out
   */
  record Verify(long session, long ref, boolean ofPart) implements SyncAction {}

  /**
   * Tell whoever asked for other scopes how that went.
   *
   * @param ref the number of the request
   * @param error why the client does not hold them, or null if it does
   */
  record Scoped(long ref, RebasisException error) implements SyncAction {}

  /**
   * Tell what a comparison of the digests found.
   *
   * @param refs the program's requests that it answers; may be empty
   * @param t the T at which they were compared
   * @param different the server's digests of what differs
   * @param error why there was no comparison, or null
   */
  record Verified(List<Long> refs, long t, List<AttributeDigest> different, RebasisException error)
      implements SyncAction {}

  /** One more message of the load may come. */
  record LoadMore(long session) implements SyncAction {}

  /**
   * Call {@link SyncMachine#timer} after a while.
   *
   * @param token to be handed back; an older token means a timer that no longer matters
   */
  record SetTimer(long token, long millis) implements SyncAction {}

  /**
   * Complete a request for {@link SyncMachine#sync}.
   *
   * @param error why it failed, or null
   */
  record Synced(long ref, RebasisException error) implements SyncAction {}

  /** The state or the last error changed: tell whoever watches. */
  record StateChanged() implements SyncAction {}
}
