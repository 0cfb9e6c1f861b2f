package dev.rebasis.simulations.workload;

import dev.rebasis.data.Keyword;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * An attribute as a schema's map form gives it, and few values for it. Immutable.
 *
 * @param ident its name
 * @param type the name of its value type, such as {@code long}
 * @param many whether it has many values
 * @param identity whether its values name entities
 * @param unique whether a value can be only one entity's
 * @param component whether its values belong to it
 */
record FreeAttribute(String ident, String type, boolean many, boolean identity, boolean unique, boolean component) {
  private static final int VALUES = 5;

  /** The attribute that a form installs; null if it installs none, or one of a type that is not written (tuples). */
  static FreeAttribute of(Object form) {
    if (!(form instanceof Map<?, ?> map) || !(map.get(Keyword.of(":db/valueType")) instanceof Keyword type)
        || type.name().equals("tuple") || map.containsKey(Keyword.of(":db/tupleAttrs"))) {
      return null;
    }
    Object unique = map.get(Keyword.of(":db/unique"));
    return new FreeAttribute(String.valueOf(map.get(Keyword.of(":db/ident"))), type.name(),
        Keyword.of(":db.cardinality/many").equals(map.get(Keyword.of(":db/cardinality"))),
        Keyword.of(":db.unique/identity").equals(unique), unique != null,
        Boolean.TRUE.equals(map.get(Keyword.of(":db/isComponent"))));
  }

  boolean isRef() {
    return type.equals("ref");
  }

  /** One of few values, as EDN text. */
  String value(RandomGenerator random) {
    int n = random.nextInt(VALUES);
    return switch (type) {
      case "string" -> "\"" + (identity ? "k" : "v") + n + "\"";
      case "long" -> Integer.toString(n);
      case "bigint" -> n + "N";
      case "double" -> n + ".5";
      case "float" -> "#rebasis/float \"" + n + ".5\"";
      case "bigdec" -> n + ".25M";
      case "boolean" -> n % 2 == 0 ? "true" : "false";
      case "keyword" -> ":value/v" + n;
      case "symbol" -> "symbol" + n;
      case "instant" -> "#inst \"200" + n + "-01-01T00:00:00.000-00:00\"";
      case "uuid" -> "#uuid \"00000000-0000-4000-8000-00000000000" + n + "\"";
      case "uri" -> "#rebasis/uri \"http://example.org/" + n + "\"";
      case "bytes" -> "#rebasis/bytes \"0" + n + "\"";
      default -> throw new IllegalArgumentException("no values of type " + type);
    };
  }
}
