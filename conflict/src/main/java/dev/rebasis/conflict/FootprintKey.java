package dev.rebasis.conflict;

import dev.rebasis.data.Values;

/** One pattern of datoms that a transaction read or wrote. Immutable, with equality. */
public sealed interface FootprintKey {
  /** The values of one attribute on one entity. */
  record EntityAttribute(long e, long a) implements FootprintKey {}

  /** All attributes of one entity. */
  record Entity(long e) implements FootprintKey {}

  /** All entities' values of one attribute. */
  record AttributeOnly(long a) implements FootprintKey {}

  /**
   * Who has this value of this attribute: a lookup ref or a unique value.
   *
   * @param v in its canonical form ({@link Values#canonical}), as an index finds 1.0M for 1.00M
   */
  record AttributeValue(long a, Object v) implements FootprintKey {
    public AttributeValue {
      v = Values.canonical(v);
    }
  }

  /** Who refers to this entity. */
  record Reference(long v) implements FootprintKey {}
}
