package dev.rebasis.data;

/**
 * The atomic fact: entity, attribute, value, transaction, and whether it was asserted or retracted.
 *
 * @param e the entity id; negative if the entity is not confirmed yet
 * @param a the attribute's entity id; negative if the attribute is not confirmed yet
 * @param v the value in the Java type of its {@link ValueType}, never null; a reference is a {@code Long}
 * @param tx the transaction's entity id; negative if the transaction is pending
 * @param added true if asserted, false if retracted
 */
public record Datom(long e, long a, Object v, long tx, boolean added) {
  /** The T of a confirmed transaction. Undefined for a pending one. */
  public long t() {
    return EntityIds.tOf(tx);
  }

  @Override
  public String toString() {
    return "[" + e + " " + a + " " + v + " " + tx + " " + added + "]";
  }
}
