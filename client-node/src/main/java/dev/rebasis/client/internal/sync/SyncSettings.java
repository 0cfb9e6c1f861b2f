package dev.rebasis.client.internal.sync;

import dev.rebasis.client.Tuning;
import dev.rebasis.data.Schema;
import java.util.UUID;
import java.util.function.LongUnaryOperator;

/**
 * What a {@link SyncMachine} begins with.
 *
 * @param tuning limits and delays
 * @param hasServer whether there is a server to connect to
 * @param randomBelow a random number from 0 up to, not including, its argument
 * @param store the store's id
 * @param client the client's number, 0 if none
 * @param database the id of the database that the store follows, or null
 * @param t the newest confirmed T in the log
 * @param schema the schema at that T
 */
public record SyncSettings(
    Tuning tuning,
    boolean hasServer,
    LongUnaryOperator randomBelow,
    UUID store,
    long client,
    UUID database,
    long t,
    Schema schema) {}
