package dev.rebasis.conflict;

import dev.rebasis.protocol.Intent;

/** Decides an intent. The client predicts with it and the server decides with it. */
public final class Decider {
  private Decider() {}

  /**
   * What becomes of an intent on a database value. Never throws for what the intent says: a transaction that cannot be
   * applied is a rejection.
   *
   * @param intent the transaction as its author gave it
   * @param now the database value to apply it to
   * @param remote what others confirmed after the intent's base
   * @param ids the client's local ids that are confirmed
   */
  public static Decision decide(Intent intent, FactView now, RemoteChanges remote, LocalIds ids) {
    throw new UnsupportedOperationException("decide");
  }
}
