package dev.rebasis.client.internal.sync;

import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreIds;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.ScopeSpec;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * What a {@link SyncMachine} begins with.
 *
 * @param tuning limits and delays
 * @param hasServer whether there is a server to connect to
 * @param randomBelow a random number from 0 up to, not including, its argument
 * @param newIds gives ids that nobody has
 * @param ids what identifies the store
 * @param t the newest confirmed T in the log
 * @param instant when that was committed, or null
 * @param schema the schema at that T
 * @param visibleT the newest T that programs see; below {@code t} while a load is under way
 * @param loadTargetT the T at which a load that is under way ends, 0 if there is none
 * @param canLoad whether the transport can load by HTTP
 * @param scopes the parts of the database that the program wants, null for all of it
 * @param part the part that the store holds
 * @param forking the fork for which what is confirmed is loaded anew, or null
 */
public record SyncSettings(
    Tuning tuning,
    boolean hasServer,
    LongUnaryOperator randomBelow,
    Supplier<UUID> newIds,
    StoreIds ids,
    long t,
    Instant instant,
    Schema schema,
    long visibleT,
    long loadTargetT,
    boolean canLoad,
    List<ScopeSpec> scopes,
    LogEntry.Part part,
    LogEntry.Forking forking) {
  /** Settings without a load. */
  public SyncSettings(
      Tuning tuning, boolean hasServer, LongUnaryOperator randomBelow, UUID store, long client, UUID database, long t,
      Schema schema) {
    this(tuning, hasServer, randomBelow, () -> new UUID(store.getMostSignificantBits() + 1, 0),
        new StoreIds(store, database, client, null, null, null, 0, null, null), t, null, schema, t, 0, false, null,
        LogEntry.Part.ALL, null);
  }
}
