package dev.rebasis.conflict;

import dev.rebasis.protocol.Terms.Premise;

/** Answers the queries of premises. Client and server have one each. */
@FunctionalInterface
public interface PremiseCheck {
  /** Takes every premise for granted. */
  PremiseCheck UNCHECKED = (premise, now, ids) -> null;

  /**
   * Whether what the author relied on still holds.
   *
   * @param premise a query, its inputs, and the digest of the answer that the client got
   * @param now the database value that the transaction is decided on; whatever is read from it is noted
   * @param ids the client's local ids
   * @return null if it holds, else both answers
   * @throws RuntimeException if the query cannot be answered
   */
  Broken check(Premise premise, FactView now, LocalIds ids);

  /**
   * The same for a check that can use what others changed since the base: a client's, which has no older value with its own
   * earlier transactions as they were decided.
   *
   * @param remote what others confirmed after the base
   */
  default Broken check(Premise premise, FactView now, LocalIds ids, RemoteChanges remote) {
    return check(premise, now, ids);
  }

  /**
   * A premise that no longer holds.
   *
   * @param then the answer on the base, null if only its digest is known
   * @param now the answer now
   * @param remoteTx the entity of the transaction of others that made the answer what it is; 0 if nobody looked, then it is
   *     the newest one that wrote what the check read
   * @param note a sentence to end the reason with, such as why no transaction is named; null for none
   */
  record Broken(Object then, Object now, long remoteTx, String note) {
    /** Without the transaction. */
    public Broken(Object then, Object now) {
      this(then, now, 0, null);
    }
  }
}
