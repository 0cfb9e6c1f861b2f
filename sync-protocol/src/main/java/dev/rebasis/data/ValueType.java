package dev.rebasis.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Datomic's value types, each with the Java type that represents it here. The entity ids are those that Datomic gives
 * the types in every database.
 */
public enum ValueType {
  /** {@code String}. */
  STRING("string", 23, String.class),
  /** {@code Boolean}. */
  BOOLEAN("boolean", 24, Boolean.class),
  /** {@code Long}. */
  LONG("long", 22, Long.class),
  /** {@code BigInteger}. */
  BIGINT("bigint", 60, BigInteger.class),
  /** {@code Float}. */
  FLOAT("float", 58, Float.class),
  /** {@code Double}. */
  DOUBLE("double", 57, Double.class),
  /** {@code BigDecimal}. */
  BIGDEC("bigdec", 61, BigDecimal.class),
  /** {@code Long}, an entity id. */
  REF("ref", 20, Long.class),
  /** {@code Instant}, in whole milliseconds. */
  INSTANT("instant", 25, Instant.class),
  /** {@code UUID}. */
  UUID("uuid", 56, UUID.class),
  /** {@code URI}. */
  URI("uri", 59, URI.class),
  /** {@link Keyword}. */
  KEYWORD("keyword", 21, Keyword.class),
  /** {@link Symbol}. */
  SYMBOL("symbol", 64, Symbol.class),
  /** {@link Bytes}. */
  BYTES("bytes", 27, Bytes.class),
  /** An unmodifiable {@code List} of two to eight scalars, of which some may be null. */
  TUPLE("tuple", 63, List.class);

  private static final Map<Keyword, ValueType> BY_IDENT = new HashMap<>();
  private static final Map<Long, ValueType> BY_ID = new HashMap<>();

  static {
    for (ValueType type : values()) {
      BY_IDENT.put(type.ident, type);
      BY_ID.put(type.id, type);
    }
  }

  private final Keyword ident;
  private final long id;
  private final Class<?> javaType;

  ValueType(String name, long id, Class<?> javaType) {
    this.ident = Keyword.of(":db.type/".concat(name));
    this.id = id;
    this.javaType = javaType;
  }

  /** For example {@code :db.type/string}. */
  public Keyword ident() {
    return ident;
  }

  /** The entity id of the type, the same in every database. */
  public long id() {
    return id;
  }

  /** The Java class of its values. */
  public Class<?> javaType() {
    return javaType;
  }

  /** The type with this ident, or null. */
  public static ValueType of(Keyword ident) {
    return BY_IDENT.get(ident);
  }

  /** The type with this entity id, or null: Datomic has types (functions) that no client can hold. */
  public static ValueType of(long id) {
    return BY_ID.get(id);
  }
}
