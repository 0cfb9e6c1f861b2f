package dev.rebasis.client.internal.log;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import dev.rebasis.edn.Edn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * Datom values as text that a person can read in a table, beside a column that names the type. Pure functions. A string
 * stands as it is, without quotes; bytes in hexadecimal; a tuple as EDN.
 */
final class ValueText {
  private ValueText() {}

  /**
   * The name for the column {@code type}, for example {@code string}. A reference is a {@code long} here: the log does
   * not know the schema.
   */
  static String type(Object value) {
    if (value instanceof Long) {
      return "long";
    }
    if (value instanceof String) {
      return "string";
    }
    for (ValueType type : ValueType.values()) {
      if (type.javaType().isInstance(value)) {
        return type.ident().name();
      }
    }
    throw new IllegalArgumentException("Not a datom value: " + value);
  }

  /** The value as text. */
  static String text(Object value) {
    if (value instanceof Bytes bytes) {
      return HexFormat.of().formatHex(bytes.toArray());
    }
    return value instanceof List ? Edn.write(value) : value.toString();
  }

  /** The value as a number if it is one that a bigint holds exactly: long, reference, instant (milliseconds); or null. */
  static Long number(Object value) {
    if (value instanceof Long n) {
      return n;
    }
    return value instanceof Instant instant ? (Long) instant.toEpochMilli() : null;
  }

  /** The value again. */
  static Object value(String type, String text) {
    return switch (type) {
      case "string" -> text;
      case "long" -> Long.valueOf(text);
      case "boolean" -> Boolean.valueOf(text);
      case "keyword" -> Keyword.of(text);
      case "instant" -> Instant.parse(text);
      case "uuid" -> UUID.fromString(text);
      case "double" -> Double.valueOf(text);
      case "float" -> Float.valueOf(text);
      case "bigint" -> new BigInteger(text);
      case "bigdec" -> new BigDecimal(text);
      case "uri" -> URI.create(text);
      case "symbol" -> Symbol.of(text);
      case "bytes" -> Bytes.of(HexFormat.of().parseHex(text));
      case "tuple" -> Values.tuple((List<?>) Edn.read(text));
      default -> throw new IllegalArgumentException("no value has the type " + type);
    };
  }
}
