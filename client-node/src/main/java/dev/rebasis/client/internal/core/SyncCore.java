package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/** What the {@link SyncDriver} asks of the core; called by tasks of the sync executor. */
interface SyncCore {
  /**
   * What is pending after a fork.
   *
   * @param pending in order
   * @param lastSeq the newest sequence number that was given out
   */
  record Mended(List<Intent> pending, long lastSeq) {}

  /**
   * Makes a stored batch visible and gives the newest T.
   *
   * @param takeUnsent takes a transaction out of what is to be sent; false if it may have been sent
   */
  long apply(SyncAction.Apply batch, Predicate<UUID> takeUnsent);

  /**
   * Keeps transactions as parked that the server does not take, and what stands on them.
   *
   * @param take takes a transaction out of what is to be sent; false if it is on its way
   */
  void setAside(Wire.TooLarge tooLarge, Predicate<UUID> take);

  /** Completes a request to catch up; the error is null if it succeeded. */
  void synced(long ref, RebasisException error);

  /** The T and the digest of the current datoms. */
  Message.Verify digest(long ref, boolean ofPart);

  /** Tells what a comparison of the digests found. */
  void verified(SyncAction.Verified verified);

  /** Completes a request for other scopes; the error is null if they are held now. */
  void scoped(long ref, RebasisException error);

  /** Tells whoever watches the state. */
  void stateChanged();

  /** Tells the number that the server gave to this client; 0 if it has none any more. */
  void clientNumber(long number);

  /** The local numbers in intents of what is confirmed, with the server's ids: it may not know some of them. */
  Map<Long, Long> known(List<Intent> intents);

  /** Tells that the database forked. */
  void forking(LogEntry.Forking fork);

  /** The pending transactions as they were mended after a fork. */
  Mended mended();

  /** Why nothing that arrives can be stored now; null if it can. */
  RebasisException arriving();

  /** Stops everything. */
  void failed(RuntimeException cause);
}
