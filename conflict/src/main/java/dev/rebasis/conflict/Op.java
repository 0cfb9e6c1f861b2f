package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import java.util.List;

/**
 * One operation that a form stands for. Entities are ids; a negative one is a local id that the intent introduces, or
 * the entity of a predecessor that is not confirmed. Values are in normal form. Immutable.
 */
sealed interface Op {
  /** The entity that it changes. */
  long e();

  /** The form that it stems from, for messages. */
  Object form();

  /** Asserts a fact. */
  record Add(long e, Attribute a, Object v, Object form) implements Op {}

  /** Retracts a fact. */
  record Retract(long e, Attribute a, Object v, Object form) implements Op {}

  /** Retracts every value of the attribute on the entity. */
  record RetractAll(long e, Attribute a, Object form) implements Op {}

  /**
   * Asserts a value if the attribute has the expected one.
   *
   * @param old the expected value, null if none is expected
   */
  record Cas(long e, Attribute a, Object old, Object v, Object form) implements Op {}

  /**
   * Retracts an entity with its components, and what refers to them.
   *
   * @param entities the entity and its components
   * @param facts what goes, as found in the database
   */
  record RetractEntity(long e, List<Long> entities, List<Datom> facts, Object form) implements Op {}
}
