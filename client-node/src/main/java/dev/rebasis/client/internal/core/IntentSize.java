package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.sync.IntentWeight;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import java.util.Map;

/** Refuses what the server could never be sent, while its author is still there to be told. Pure functions. */
final class IntentSize {
  private static final Limits LIMITS = Limits.client();

  private IntentSize() {}

  /**
   * Checks a transaction.
   *
   * @throws TransactionException {@code :rebasis.error/transaction-too-large}
   */
  static void check(Intent intent) {
    long weight = IntentWeight.of(intent);
    if (weight > LIMITS.sendBytesMax()) {
      throw new TransactionException(
          Keyword.of(":rebasis.error/transaction-too-large"),
          "The transaction takes about " + weight + " bytes; at most " + LIMITS.sendBytesMax()
              + " can be sent to a server. Split it, and keep large content outside of the database.",
          Map.of(Keyword.of(":bytes"), weight, Keyword.of(":max"), (long) LIMITS.sendBytesMax()));
    }
  }
}
