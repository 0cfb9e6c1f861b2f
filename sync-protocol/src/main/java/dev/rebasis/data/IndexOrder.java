package dev.rebasis.data;

/** The four orders in which Datomic keeps datoms. See {@link DatomOrder} for their comparators. */
public enum IndexOrder {
  /** All datoms, by entity. */
  EAVT,
  /** All datoms, by attribute, then entity. */
  AEVT,
  /** Datoms of indexed and unique attributes, by attribute, then value. */
  AVET,
  /** Datoms of reference attributes, by the entity referred to. */
  VAET
}
