package dev.rebasis.data;

/** What uniqueness an attribute's value has among all entities. */
public enum Unique {
  /** Not unique. */
  NONE,
  /** {@code :db.unique/identity}: a tempid with this value becomes the entity that has it (upsert). */
  IDENTITY,
  /** {@code :db.unique/value}: a second claim is an error. */
  VALUE
}
