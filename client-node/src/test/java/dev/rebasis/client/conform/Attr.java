package dev.rebasis.client.conform;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * An attribute of a generated schema. Immutable.
 *
 * @param kind what its values are
 * @param shape for a tuple what its elements are: kinds, or one kind for a tuple of any length
 * @param parts for a composite tuple the idents that it is made of
 * @param unique "identity", "value" or null
 */
record Attr(String ident, Kind kind, boolean many, boolean indexed, String unique, boolean component, List<Kind> shape,
    List<String> parts) {
  /** The kinds of values, with how one is written in EDN. */
  enum Kind {
    ENTITY("ref"), STRING("string"), LONG("long"), INSTANT("instant"), KEYWORD("keyword"), BOOLEAN("boolean"),
    DOUBLE("double"), BIG("bigint"), DECIMAL("bigdec"), FLOAT("float"), UUID("uuid"), URI("uri"), SYMBOL("symbol"),
    BYTES("bytes"), TUPLE("tuple");

    private final String type;

    Kind(String type) {
      this.type = type;
    }

    /** Whether a value can be written in a data pattern: symbols and vectors mean something else there. */
    boolean isLiteral() {
      return this != SYMBOL && this != TUPLE && this != BYTES && this != URI && this != ENTITY;
    }

    /**
     * The value with a number from 0 to 39; different numbers below 6 give values that differ also for Clojure. Those below 6 are
     * mostly plain, so that they meet.
     */
    String value(int n) {
      String odd = ODD_VALUES.getOrDefault(this, Map.of()).get(n);
      return odd == null ? plain(n) : odd;
    }

    private String plain(int n) {
      char letter = (char) ('a' + n % 26);
      return switch (this) {
        case STRING -> "\"" + letter + (n < 26 ? "" : n / 26) + "\"";
        case LONG -> Integer.toString(n + 3);
        case INSTANT -> "#inst \"" + (2000 + n) + "-01-01T00:00:00.000-00:00\"";
        case KEYWORD -> ":k/" + letter;
        case BOOLEAN -> n % 2 == 0 ? "true" : "false";
        case DOUBLE -> n + ".5";
        case BIG -> n + "N";
        case DECIMAL -> n + ".25M";
        case FLOAT -> "#rebasis/float \"" + n + ".5\"";
        case UUID -> "#uuid \"00000000-0000-0000-0000-0000000000" + (10 + n) + "\"";
        case URI -> "#rebasis/uri \"http://" + letter + "\"";
        case SYMBOL -> "s/" + letter;
        case BYTES -> "#rebasis/bytes \"0" + n % 10 + "\"";
        case ENTITY, TUPLE -> throw new IllegalArgumentException(this + " needs more than a number.");
      };
    }
  }

  /** Values at the borders of their type, or that are written or rounded in another way. */
  private static final Map<Kind, Map<Integer, String>> ODD_VALUES = new EnumMap<>(Map.ofEntries(
      Map.entry(Kind.STRING, Map.of(4, "\"\u00c9-Stra\u00dfe\"", 5, "\"b.a\"", 20, "\" b \"", 21, "\"\"")),
      Map.entry(Kind.LONG, Map.of(3, "-2", 4, "3000000000", 5, "-3000000000", 36, "-3", 37, "0", 38, "9223372036854775807",
          39, "-9223372036854775808")),
      Map.entry(Kind.INSTANT, Map.of(4, "#inst \"2004-02-29T12:00:00.123-00:00\"", 5, "#inst \"1969-12-31T23:59:59.999-00:00\"")),
      Map.entry(Kind.KEYWORD, Map.of(4, ":plain", 5, ":k.sub/b-2")),
      Map.entry(Kind.DOUBLE, Map.of(2, "-0.0", 3, "0.1", 4, "4.0", 5, "-2.75", 6, "1.0E20", 7, "1.0E-7")),
      Map.entry(Kind.BIG, Map.of(4, "123456789012345678901234567890N", 5, "-30000000000N")),
      Map.entry(Kind.DECIMAL, Map.of(1, "1.50M", 3, "3M", 4, "4.000M", 5, "-5.25M", 6, "1E+3M", 12, "13.250M",
          14, "15.250M", 16, "17.250M")),
      Map.entry(Kind.FLOAT, Map.of(2, "#rebasis/float \"-0.0\"", 3, "#rebasis/float \"0.1\"", 5, "#rebasis/float \"-2.75\"")),
      Map.entry(Kind.UUID, Map.of(5, "#uuid \"ffffffff-ffff-4fff-bfff-ffffffffff05\"")),
      Map.entry(Kind.URI, Map.of(5, "#rebasis/uri \"urn:isbn:5\"")),
      Map.entry(Kind.SYMBOL, Map.of(4, "plain", 5, "s.t/b-2")),
      Map.entry(Kind.BYTES, Map.of(4, "#rebasis/bytes \"00ff80\"", 5, "#rebasis/bytes \"\""))));

  Attr(String ident, Kind kind, boolean many, boolean indexed, String unique) {
    this(ident, kind, many, indexed, unique, false, List.of(), List.of());
  }

  Attr named(String other) {
    return new Attr(other, kind, many, indexed, unique, component, shape, parts);
  }

  Attr many(boolean value) {
    return new Attr(ident, kind, value, indexed, unique, component, shape, parts);
  }

  Attr indexed(boolean value) {
    return new Attr(ident, kind, many, value, unique, component, shape, parts);
  }

  Attr unique(String value) {
    return new Attr(ident, kind, many, indexed, value, component, shape, parts);
  }

  Attr component(boolean value) {
    return new Attr(ident, kind, many, indexed, unique, value, shape, parts);
  }

  boolean isRef() {
    return kind == Kind.ENTITY;
  }

  /** Whether its values have another order where entities have other ids. */
  boolean isOrderedByIds() {
    return isRef() || shape.contains(Kind.ENTITY);
  }

  boolean isComposite() {
    return !parts.isEmpty();
  }

  /** Whether AVET holds it. */
  boolean isInAvet() {
    return indexed || unique != null;
  }

  /** The backward name. */
  String reverse() {
    return ident.replace("/", "/_");
  }

  /** A random value, as EDN; values of unique attributes come from a larger domain. */
  String value(Random random) {
    if (kind != Kind.TUPLE) {
      return kind.value(random.nextInt(unique == null ? 6 : 40));
    }
    return tuple(random, () -> {
      throw new IllegalArgumentException("This tuple names entities.");
    });
  }

  /** A random tuple, as EDN. */
  String tuple(Random random, Supplier<String> entity) {
    int size = shape.size() > 1 ? shape.size() : 2 + random.nextInt(2);
    StringBuilder tuple = new StringBuilder("[");
    for (int i = 0; i < size; i++) {
      Kind element = shape.get(shape.size() > 1 ? i : 0);
      tuple.append(i == 0 ? "" : " ").append(random.nextInt(8) == 0 ? "nil"
          : element == Kind.ENTITY ? entity.get() : element.value(random.nextInt(10) == 0 ? 4 + random.nextInt(2) : random.nextInt(unique == null ? 3 : 20)));
    }
    return tuple.append(']').toString();
  }

  /** The form that installs it. */
  String form() {
    StringBuilder form = new StringBuilder("{:db/ident ").append(ident).append(" :db/valueType :db.type/")
        .append(kind.type).append(" :db/cardinality :db.cardinality/").append(many ? "many" : "one");
    if (indexed) {
      form.append(" :db/index true");
    }
    if (unique != null) {
      form.append(" :db/unique :db.unique/").append(unique);
    }
    if (component) {
      form.append(" :db/isComponent true");
    }
    if (isComposite()) {
      form.append(" :db/tupleAttrs [").append(String.join(" ", parts)).append(']');
    } else if (shape.size() == 1) {
      form.append(" :db/tupleType :db.type/").append(shape.get(0).type);
    } else if (!shape.isEmpty()) {
      form.append(" :db/tupleTypes [");
      shape.forEach(element -> form.append(":db.type/").append(element.type).append(' '));
      form.append(']');
    }
    return form.append('}').toString();
  }
}
