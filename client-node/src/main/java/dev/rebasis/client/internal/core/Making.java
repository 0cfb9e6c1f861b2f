package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.util.UUID;

/** Makes an intent on the newest view; called under the core lock, one after the other. */
@FunctionalInterface
interface Making {
  /** The intent; what it throws is thrown to whoever asked for the transaction. */
  Intent on(DatabaseValue before, Numbers numbers);

  /** What a new intent takes from the store's counters. Confined to a {@link Making}. */
  interface Numbers {
    UUID newId();

    long seq();

    long nextLocal();

    Instant now();
  }
}
