package dev.rebasis.client;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.RebasisSchema;
import java.time.Instant;
import java.util.Optional;

/** Looks up who wrote a transaction, in the records that the server keeps on it. Pure. */
final class RemoteWriters {
  private static final Keyword INSTANT = Keyword.of(":db/txInstant");

  private RemoteWriters() {}

  static Optional<RemoteWriter> of(Conflict conflict, Database confirmed) {
    if (conflict.remoteTx() == 0) {
      return Optional.empty();
    }
    Entity tx = confirmed.entity(conflict.remoteTx());
    if (tx == null || !(tx.get(INSTANT) instanceof Instant at)) {
      return Optional.empty();
    }
    long client = tx.get(RebasisSchema.TX_CLIENT) instanceof Long number ? number : 0;
    return Optional.of(new RemoteWriter(client, tx.get(RebasisSchema.TX_USER) instanceof String user ? user : null, at));
  }

  /** When the server wrote a T, or null if its transaction is not held. */
  static Instant instant(Database confirmed, long t) {
    Entity tx = confirmed.entity(EntityIds.txOf(t));
    return tx != null && tx.get(INSTANT) instanceof Instant at ? at : null;
  }
}
