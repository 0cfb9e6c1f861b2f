package dev.rebasis.data;

/** How many values an attribute can have on one entity. */
public enum Cardinality {
  /** {@code :db.cardinality/one}. */
  ONE,
  /** {@code :db.cardinality/many}. */
  MANY
}
