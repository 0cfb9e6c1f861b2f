package dev.rebasis.data;

import java.util.stream.LongStream;

/**
 * Entity ids that Datomic gives its own attributes and enumerated values in every database. Checked against a fresh
 * database by the test of {@link Bootstrap}.
 */
public final class SystemIds {
  /** {@code :db.part/db}, the entity that new attributes are installed on. */
  public static final long DB_PART_DB = 0;
  /** {@code :db/ident}. */
  public static final long DB_IDENT = 10;
  /** {@code :db.install/attribute}. */
  public static final long DB_INSTALL_ATTRIBUTE = 13;
  /** {@code :db.alter/attribute}. */
  public static final long DB_ALTER_ATTRIBUTE = 19;
  /** {@code :db.cardinality/one}. */
  public static final long CARDINALITY_ONE = 35;
  /** {@code :db.cardinality/many}. */
  public static final long CARDINALITY_MANY = 36;
  /** {@code :db.unique/value}. */
  public static final long UNIQUE_VALUE = 37;
  /** {@code :db.unique/identity}. */
  public static final long UNIQUE_IDENTITY = 38;
  /** {@code :db/valueType}. */
  public static final long DB_VALUE_TYPE = 40;
  /** {@code :db/cardinality}. */
  public static final long DB_CARDINALITY = 41;
  /** {@code :db/unique}. */
  public static final long DB_UNIQUE = 42;
  /** {@code :db/isComponent}. */
  public static final long DB_IS_COMPONENT = 43;
  /** {@code :db/index}. */
  public static final long DB_INDEX = 44;
  /** {@code :db/noHistory}. */
  public static final long DB_NO_HISTORY = 45;
  /** {@code :db/txInstant}. */
  public static final long DB_TX_INSTANT = 50;
  /** {@code :db/fn}; its values are functions, which never leave the server. */
  public static final long DB_FN = 52;
  /** {@code :db/retractEntity}, formerly {@code :db.fn/retractEntity}. */
  public static final long DB_RETRACT_ENTITY = 54;
  /** {@code :db/cas}, formerly {@code :db.fn/cas}. */
  public static final long DB_CAS = 55;
  /** {@code :db/doc}. */
  public static final long DB_DOC = 62;
  /** {@code :db/tupleType}. */
  public static final long DB_TUPLE_TYPE = 65;
  /** {@code :db/tupleTypes}. */
  public static final long DB_TUPLE_TYPES = 66;
  /** {@code :db/tupleAttrs}. */
  public static final long DB_TUPLE_ATTRS = 67;

  private SystemIds() {}

  /** Those of {@link #isSchemaAttribute}, in order. */
  public static long[] schemaAttributes() {
    return LongStream.rangeClosed(DB_IDENT, DB_TUPLE_ATTRS).filter(SystemIds::isSchemaAttribute).toArray();
  }

  /** Whether a datom of this attribute can change a {@link Schema}. */
  public static boolean isSchemaAttribute(long a) {
    return a == DB_IDENT || (a >= DB_VALUE_TYPE && a <= DB_NO_HISTORY) || (a >= DB_TUPLE_TYPE && a <= DB_TUPLE_ATTRS);
  }
}
