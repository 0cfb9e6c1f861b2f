package dev.rebasis.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the datoms read so far say about an attribute, as raw facts. Mutable while a {@link SchemaBuilder} works on it,
 * never changed once a {@link Schema} holds it.
 */
final class AttributeDraft {
  private Object valueType;
  private Object cardinality;
  private Object unique;
  private Object component;
  private Object index;
  private Object noHistory;
  private Object tupleType;
  private Object tupleTypes;
  private Object tupleAttributes;

  AttributeDraft() {}

  /** A copy to work on. */
  AttributeDraft(AttributeDraft other) {
    this.valueType = other.valueType;
    this.cardinality = other.cardinality;
    this.unique = other.unique;
    this.component = other.component;
    this.index = other.index;
    this.noHistory = other.noHistory;
    this.tupleType = other.tupleType;
    this.tupleTypes = other.tupleTypes;
    this.tupleAttributes = other.tupleAttributes;
  }

  /** Takes one datom of a schema attribute other than {@code :db/ident}. */
  void apply(Datom datom) {
    switch ((int) datom.a()) {
      case (int) SystemIds.DB_VALUE_TYPE -> valueType = next(valueType, datom);
      case (int) SystemIds.DB_CARDINALITY -> cardinality = next(cardinality, datom);
      case (int) SystemIds.DB_UNIQUE -> unique = next(unique, datom);
      case (int) SystemIds.DB_IS_COMPONENT -> component = next(component, datom);
      case (int) SystemIds.DB_INDEX -> index = next(index, datom);
      case (int) SystemIds.DB_NO_HISTORY -> noHistory = next(noHistory, datom);
      case (int) SystemIds.DB_TUPLE_TYPE -> tupleType = next(tupleType, datom);
      case (int) SystemIds.DB_TUPLE_TYPES -> tupleTypes = next(tupleTypes, datom);
      case (int) SystemIds.DB_TUPLE_ATTRS -> tupleAttributes = next(tupleAttributes, datom);
      default -> throw new IllegalArgumentException("Not a schema datom: " + datom);
    }
  }

  // All these attributes have cardinality one. A retraction counts only for the value that stands, so that the two
  // datoms of a replacement may come in either order.
  private static Object next(Object now, Datom datom) {
    if (datom.added()) {
      return datom.v();
    }
    return datom.v().equals(now) ? null : now;
  }

  /** The attribute, or null if a part is still missing or its type is one that clients cannot hold. */
  Attribute toAttribute(long id, Keyword ident, Map<Keyword, Long> idByIdent) {
    ValueType type = valueType instanceof Long typeId ? ValueType.of(typeId) : null;
    if (ident == null || type == null || cardinality == null) {
      return null;
    }
    return new Attribute(
        id,
        ident,
        type,
        cardinality.equals(SystemIds.CARDINALITY_MANY) ? Cardinality.MANY : Cardinality.ONE,
        uniqueness(),
        Boolean.TRUE.equals(index),
        Boolean.TRUE.equals(component),
        Boolean.TRUE.equals(noHistory),
        types(),
        attributes(idByIdent));
  }

  private Unique uniqueness() {
    if (unique == null) {
      return Unique.NONE;
    }
    return unique.equals(SystemIds.UNIQUE_IDENTITY) ? Unique.IDENTITY : Unique.VALUE;
  }

  private List<ValueType> types() {
    List<?> idents = tupleType != null ? List.of(tupleType) : tupleTypes instanceof List<?> list ? list : List.of();
    List<ValueType> types = new ArrayList<>(idents.size());
    for (Object ident : idents) {
      types.add(ValueType.of((Keyword) ident));
    }
    return types;
  }

  private List<Long> attributes(Map<Keyword, Long> idByIdent) {
    List<?> idents = tupleAttributes instanceof List<?> list ? list : List.of();
    List<Long> ids = new ArrayList<>(idents.size());
    for (Object ident : idents) {
      ids.add(idByIdent.get((Keyword) ident));
    }
    return ids;
  }
}
