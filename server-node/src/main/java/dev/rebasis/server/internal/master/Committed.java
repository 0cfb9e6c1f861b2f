package dev.rebasis.server.internal.master;

import dev.rebasis.data.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A transaction that the memory database took. Immutable.
 *
 * @param transaction its T and datoms
 * @param txInstant its time
 * @param forms the decided forms as plain data, without {@code :db/txInstant}
 * @param tempids the entity ids by string tempid
 */
record Committed(Transaction transaction, Instant txInstant, List<?> forms, Map<String, Long> tempids) {
  long t() {
    return transaction.t();
  }
}
