package dev.rebasis.simulations.check;

import dev.rebasis.conflict.Decider;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import java.time.Duration;
import java.time.Instant;

/**
 * Holds the instants until which authors wanted transactions decided against those that the server's log has. Nothing else excuses
 * that something was refused as too late. Pure functions.
 */
final class Lateness {
  /** Real servers decide and commit at two moments. */
  private static final Duration COMMIT_MAX = Duration.ofSeconds(1);

  private Lateness() {}

  /**
   * What is wrong, to be put behind the transaction's name; null if nothing is.
   *
   * @param raw the logged transaction with all its datoms
   */
  static String wrong(Intent intent, LoggedTransaction transaction, Transaction raw) {
    Instant limit = intent.terms().notAfter();
    Instant at = instant(raw);
    if (Decider.TOO_LATE.equals(transaction.reason())) {
      return limit == null ? " was refused as too late at T " + transaction.t() + ", and its author had set no limit"
          : at.isAfter(limit) ? null
          : " was refused as too late at " + at + " (T " + transaction.t() + "), and its author's limit was " + limit;
    }
    // A group is decided at one moment, and its members are committed one after the other.
    if (limit == null || intent.terms().group() != null || !at.minus(COMMIT_MAX).isAfter(limit)) {
      return null;
    }
    return " was " + transaction.outcome() + " at " + at + " (T " + transaction.t() + "), and its author's limit was " + limit;
  }

  private static Instant instant(Transaction raw) {
    for (Datom datom : raw.datoms()) {
      if (datom.a() == SystemIds.DB_TX_INSTANT && datom.e() == raw.tx()) {
        return (Instant) datom.v();
      }
    }
    throw new IllegalArgumentException("the transaction at T " + raw.t() + " has no instant");
  }
}
