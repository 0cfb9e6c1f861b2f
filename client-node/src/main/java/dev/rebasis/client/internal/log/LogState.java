package dev.rebasis.client.internal.log;

import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What a client needs to know of its log when it opens it. Immutable.
 *
 * @param ids what identifies the store
 * @param incarnation changes when the confirmed transactions were dropped: an index of another one is no index of this
 *     log
 * @param confirmedT the newest confirmed T, 0 if none
 * @param instant when that was committed, or null
 * @param chain the hash chain at that T
 * @param nextSeq the sequence number for the next intent, from 1
 * @param nextLocal the local number for the next entity made here, from 1
 * @param pending the intents that wait for the server, by rising sequence number
 * @param failed those on which pending ones stand and which were not committed
 * @param made the local ids that the server has confirmed
 * @param loading the load that is under way, or null
 * @param historyFrom the T from which on the history is complete, 0 if all of it is
 * @param part the part of the database that is held
 * @param forking the fork whose mending is due, or null
 */
public record LogState(
    StoreIds ids,
    UUID incarnation,
    long confirmedT,
    Instant instant,
    String chain,
    long nextSeq,
    long nextLocal,
    List<Intent> pending,
    Set<UUID> failed,
    MadeIds made,
    LogEntry.Loading loading,
    long historyFrom,
    LogEntry.Part part,
    LogEntry.Forking forking) {
  /** Copies the list. */
  public LogState {
    pending = List.copyOf(pending);
    failed = Set.copyOf(failed);
  }

  /** The store's id. */
  public UUID storeId() {
    return ids.store();
  }

  /** The number that the server gave, 0 if none. */
  public long clientNumber() {
    return ids.client();
  }

  /** The database that the store follows, or null. */
  public UUID databaseId() {
    return ids.database();
  }

  /** The newest T that the log holds whole, which is what programs may see. */
  public long visibleT() {
    return loading == null ? confirmedT : loading.visibleT();
  }
}
