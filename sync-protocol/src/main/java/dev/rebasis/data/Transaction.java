package dev.rebasis.data;

import java.util.List;
import java.util.Objects;

/**
 * A confirmed transaction: its T and the datoms that it asserted and retracted, its own entity's included.
 *
 * <p>Whoever holds a part of the database also learns from it what left that part and what came into it. Both happen
 * before its datoms count: what was withdrawn is forgotten, all of it, without a retraction; then the datoms are taken,
 * among them those of entities that came in, each with the T at which it was asserted. Such a transaction may have the T
 * of the one before it, if the part changed and not the database: it then amends that one.
 *
 * @param t its place in the server's order
 * @param datoms in the server's order, unmodifiable; each has {@code tx == EntityIds.txOf(t)}, but for those of entities
 *     that came in, which may be older
 * @param withdrawn entities of which everything is to be forgotten first, but for their names and what else schema is made
 *     of; an entity that came in is among them, so that what is held of it afterwards is what is sent
 */
public record Transaction(long t, List<Datom> datoms, List<Long> withdrawn) {
  /** Checks for null and copies nothing: callers hand over unmodifiable lists. */
  public Transaction {
    Objects.requireNonNull(datoms, "datoms");
    Objects.requireNonNull(withdrawn, "withdrawn");
  }

  /** One that withdraws nothing. */
  public Transaction(long t, List<Datom> datoms) {
    this(t, datoms, List.of());
  }

  /** The entity id of the transaction. */
  public long tx() {
    return EntityIds.txOf(t);
  }
}
