package dev.rebasis.server.internal.scope;

import datomic.Database;
import java.util.Set;

/** Entities chosen by a rule, kept current from transaction to transaction. Confined: one caller at a time. */
interface EntitySet {
  /** Whether an entity is chosen, as of the last call of one of the others. */
  boolean contains(long e);

  /**
   * Chooses from scratch.
   *
   * @param db the value to choose on
   * @param changed gets every entity that is chosen now and was not, or the other way round; others may be among them
   */
  void evaluate(Database db, Set<Long> changed);

  /**
   * Chooses again after a transaction, as {@link #evaluate} on the value after it would.
   *
   * @param db the value after it
   * @param sighted entities that {@code db} shows and did not, or the other way round; others may be among them
   */
  void advance(Change change, Database db, Set<Long> sighted, Set<Long> changed);
}
