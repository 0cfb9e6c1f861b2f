package dev.rebasis.data;

import java.util.List;
import java.util.Objects;

/**
 * An attribute as its schema datoms describe it. Immutable.
 *
 * @param id its entity id; negative if it is not confirmed yet
 * @param ident its current ident
 * @param valueType type of its values
 * @param cardinality one or many
 * @param unique uniqueness
 * @param indexed whether {@code :db/index} is set; unique attributes are in AVET whether or not
 * @param component {@code :db/isComponent}
 * @param noHistory {@code :db/noHistory}
 * @param tupleTypes for tuples of fixed or homogeneous types, their types (one entry if homogeneous), else empty
 * @param tupleAttributes for composite tuples, the attributes' ids, else empty
 */
public record Attribute(
    long id,
    Keyword ident,
    ValueType valueType,
    Cardinality cardinality,
    Unique unique,
    boolean indexed,
    boolean component,
    boolean noHistory,
    List<ValueType> tupleTypes,
    List<Long> tupleAttributes) {
  /** Checks for nulls. */
  public Attribute {
    Objects.requireNonNull(ident, "ident");
    Objects.requireNonNull(valueType, "valueType");
    Objects.requireNonNull(cardinality, "cardinality");
    Objects.requireNonNull(unique, "unique");
    tupleTypes = List.copyOf(tupleTypes);
    tupleAttributes = List.copyOf(tupleAttributes);
  }

  /** Whether its values are entity ids. */
  public boolean isRef() {
    return valueType == ValueType.REF;
  }

  /** Whether an entity can have several values of it. */
  public boolean isMany() {
    return cardinality == Cardinality.MANY;
  }

  /** Whether its datoms are in the AVET order. */
  public boolean isInAvet() {
    return indexed || unique != Unique.NONE;
  }
}
