package dev.rebasis.conflict;

/** One pattern of datoms that a transaction read or wrote. Immutable, with equality. */
public sealed interface FootprintKey {
  /** The values of one attribute on one entity. */
  record EntityAttribute(long e, long a) implements FootprintKey {}

  /** All attributes of one entity. */
  record Entity(long e) implements FootprintKey {}

  /** All entities' values of one attribute. */
  record AttributeOnly(long a) implements FootprintKey {}

  /** Who has this value of this attribute: a lookup ref or a unique value. */
  record AttributeValue(long a, Object v) implements FootprintKey {}

  /** Who refers to this entity. */
  record Reference(long v) implements FootprintKey {}
}
