package dev.rebasis.edn;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.TempId;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import us.bpsm.edn.EdnSyntaxException;
import us.bpsm.edn.Tag;
import us.bpsm.edn.parser.Parser;

/** The tags that {@link Edn} knows. Pure functions. */
final class EdnTags {
  // RFC 3339, of which everything after the year may be missing, as in Clojure.
  private static final Pattern INSTANT = Pattern.compile(
      "(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:T(\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?)?)?)?)?"
          + "(?:Z|([+-])(\\d\\d):(\\d\\d))?");

  private EdnTags() {}

  static Parser.Config.Builder putInto(Parser.Config.Builder builder) {
    put(builder, "inst", String.class, EdnTags::instant);
    put(builder, "uuid", String.class, EdnTags::uuid);
    put(builder, "rebasis/bytes", String.class, text -> Bytes.of(HexFormat.of().parseHex(text)));
    put(builder, "rebasis/uri", String.class, URI::create);
    put(builder, "rebasis/float", String.class, EdnTags::number);
    put(builder, "rebasis/inst", Long.class, Instant::ofEpochMilli);
    put(builder, "rebasis/keyword", String.class, EdnTags::keyword);
    put(builder, "rebasis/symbol", String.class, Symbol::of);
    builder.putTagHandler(tag("db/id"), (tag, value) -> tempId(value));
    put(builder, EdnGuard.NAN_TAG, Long.class, zero -> Double.NaN);
    put(builder, EdnGuard.INFINITY_TAG, Long.class, zero -> Double.POSITIVE_INFINITY);
    put(builder, EdnGuard.MINUS_INFINITY_TAG, Long.class, zero -> Double.NEGATIVE_INFINITY);
    builder.putTagHandler(Parser.Config.BIG_DECIMAL_TAG, (tag, value) -> scaled((BigDecimal) value));
    return builder.putTagHandler(Parser.Config.DOUBLE_TAG, (tag, value) -> finite((Double) value));
  }

  private static <T> void put(
      Parser.Config.Builder builder, String name, Class<T> type, Function<T, Object> function) {
    builder.putTagHandler(tag(name), (tag, value) -> {
      if (!type.isInstance(value)) {
        throw new EdnSyntaxException(
            "The tag " + tag + " stands before a " + (type == String.class ? "string" : "whole number") + ".");
      }
      return function.apply(type.cast(value));
    });
  }

  private static Tag tag(String name) {
    int slash = name.indexOf('/');
    return slash < 0 ? Tag.newTag(name) : Tag.newTag(name.substring(0, slash), name.substring(slash + 1));
  }

  private static TempId tempId(Object value) {
    List<?> parts = value instanceof List<?> list ? list : List.of();
    // One of Datomic's posts writes the partition without a colon.
    Object partition = !parts.isEmpty() && parts.get(0) instanceof Symbol s ? Keyword.of(s.text())
        : parts.isEmpty() ? null : parts.get(0);
    if (!(partition instanceof Keyword name) || parts.size() > 2
        || parts.size() == 2 && !(parts.get(1) instanceof Long)) {
      throw new EdnSyntaxException(
          "Not a tempid: write #db/id[:db.part/user], or #db/id[:db.part/user -1] to name an entity several times.");
    }
    return parts.size() == 1 ? TempId.of(name) : TempId.of(name, (Long) parts.get(1));
  }

  private static Double finite(Double value) {
    if (value.isInfinite()) {
      throw new EdnSyntaxException("A number is too large for a double; write it with M, or ##Inf.");
    }
    return value;
  }

  private static BigDecimal scaled(BigDecimal value) {
    if (value.scale() > Edn.SCALE_MAX || value.scale() < -Edn.SCALE_MAX) {
      throw new EdnSyntaxException("A decimal's scale is beyond " + Edn.SCALE_MAX + ".");
    }
    return value;
  }

  private static Object keyword(String text) {
    return Keyword.of(":" + text);
  }

  // Float.valueOf also takes white space, hexadecimal digits and type suffixes.
  private static Object number(String text) {
    if (!text.matches("NaN|-?Infinity|-?\\d+(\\.\\d+)?(E-?\\d+)?")) {
      throw new EdnSyntaxException("Not a float: '" + text + "'.");
    }
    return Float.valueOf(text);
  }

  // UUID.fromString takes shorter groups too.
  private static Object uuid(String text) {
    UUID uuid = text.length() == 36 ? UUID.fromString(text) : null;
    if (uuid == null) {
      throw new EdnSyntaxException("Not a UUID: '" + text + "'.");
    }
    return uuid;
  }

  private static Object instant(String text) {
    Matcher m = INSTANT.matcher(text);
    if (!m.matches()) {
      throw new EdnSyntaxException("Not an instant: '" + text + "'. Write it like 2020-01-31T13:00:00.000-00:00.");
    }
    try {
      LocalDateTime local = LocalDateTime.of(
          part(m, 1, 1), part(m, 2, 1), part(m, 3, 1), part(m, 4, 0), part(m, 5, 0), part(m, 6, 0), nanos(m.group(7)));
      int offsetMinutes = part(m, 9, 0) * 60 + part(m, 10, 0);
      ZoneOffset offset = ZoneOffset.ofTotalSeconds(("-".equals(m.group(8)) ? -60 : 60) * offsetMinutes);
      return Instant.ofEpochMilli(local.toInstant(offset).toEpochMilli());
    } catch (java.time.DateTimeException e) {
      throw new EdnSyntaxException("Not an instant: '" + text + "'. " + e.getMessage(), e);
    }
  }

  private static int part(Matcher m, int group, int missing) {
    return m.group(group) == null ? missing : Integer.parseInt(m.group(group));
  }

  private static int nanos(String fraction) {
    return fraction == null ? 0 : Integer.parseInt((fraction + "00000000").substring(0, 9));
  }
}
