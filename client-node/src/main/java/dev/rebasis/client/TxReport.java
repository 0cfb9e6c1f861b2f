package dev.rebasis.client;

import dev.rebasis.data.Datom;
import java.util.List;
import java.util.Objects;

/**
 * One step of a client's database. Immutable.
 *
 * @param kind what happened
 * @param before the value before the step: of {@link SyncClient#db()} for a local transaction, of
 *     {@link SyncClient#confirmed()} for confirmed ones
 * @param after the value after it
 * @param datoms what changed: the datoms of the local transaction as it was predicted, or of the confirmed transactions
 *     in the order of T; empty for a load
 * @param pending the local transaction, null for the others
 */
public record TxReport(Kind kind, Database before, Database after, List<Datom> datoms, Pending pending) {
  /** What a report is about. */
  public enum Kind {
    /** A transaction made here, pending from now on. */
    OPTIMISTIC,
    /** One or several transactions that the server confirmed, this client's own among them. */
    CONFIRMED,
    /**
     * A load is at its end, or what another user saw is forgotten: anything may have changed, and no datoms are named. What was
     * another user's is not in {@link #before} either.
     */
    LOADED
  }

  /** Checks for nulls. */
  public TxReport {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(after, "after");
    datoms = List.copyOf(datoms);
  }
}
