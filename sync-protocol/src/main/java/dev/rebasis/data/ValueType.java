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
  STRING("string", String.class),
  /** {@code Boolean}. */
  BOOLEAN("boolean", Boolean.class),
  /** {@code Long}. */
  LONG("long", Long.class),
  /** {@code BigInteger}. */
  BIGINT("bigint", BigInteger.class),
  /** {@code Float}. */
  FLOAT("float", Float.class),
  /** {@code Double}. */
  DOUBLE("double", Double.class),
  /** {@code BigDecimal}. */
  BIGDEC("bigdec", BigDecimal.class),
  /** {@code Long}, an entity id. */
  REF("ref", Long.class),
  /** {@code Instant}, in whole milliseconds. */
  INSTANT("instant", Instant.class),
  /** {@code UUID}. */
  UUID("uuid", UUID.class),
  /** {@code URI}. */
  URI("uri", URI.class),
  /** {@link Keyword}. */
  KEYWORD("keyword", Keyword.class),
  /** {@link Symbol}. */
  SYMBOL("symbol", Symbol.class),
  /** {@link Bytes}. */
  BYTES("bytes", Bytes.class),
  /** An unmodifiable {@code List} of two to eight scalars, of which some may be null. */
  TUPLE("tuple", List.class);

  private static final Map<Keyword, ValueType> BY_IDENT = new HashMap<>();

  static {
    for (ValueType type : values()) {
      BY_IDENT.put(type.ident, type);
    }
  }

  private final Keyword ident;
  private final Class<?> javaType;

  ValueType(String name, Class<?> javaType) {
    this.ident = Keyword.of(":db.type/" + name);
    this.javaType = javaType;
  }

  /** For example {@code :db.type/string}. */
  public Keyword ident() {
    return ident;
  }

  /** The Java class of its values. */
  public Class<?> javaType() {
    return javaType;
  }

  /** The type with this ident, or null. */
  public static ValueType of(Keyword ident) {
    return BY_IDENT.get(ident);
  }
}
