package dev.rebasis.data;

import java.util.List;
import java.util.Objects;

/**
 * A confirmed transaction: its T and the datoms that it asserted and retracted, its own entity's included.
 *
 * @param t its place in the server's order
 * @param datoms in the server's order, unmodifiable, each with {@code tx == EntityIds.txOf(t)}
 */
public record Transaction(long t, List<Datom> datoms) {
  /** Checks for null and copies nothing: callers hand over an unmodifiable list. */
  public Transaction {
    Objects.requireNonNull(datoms, "datoms");
  }

  /** The entity id of the transaction. */
  public long tx() {
    return EntityIds.txOf(t);
  }
}
