package dev.rebasis.simulations.workload;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.RebasisSchema;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
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
 * @param policy the name of the policy that settles conflicts about it
 * @param elements the types of a tuple's elements; one for all of a tuple that has any number of them; empty for no tuple
 */
record FreeAttribute(String ident, String type, boolean many, boolean identity, boolean unique, boolean component,
    String policy, List<String> elements) {
  private static final int VALUES = 5;

  /**
   * The attribute that a form installs; null if it installs none, or one that is not written: Datomic makes composite
   * tuples itself, and tuples with references would need the ids of entities.
   */
  static FreeAttribute of(Object form) {
    if (!(form instanceof Map<?, ?> map) || !(map.get(Keyword.of(":db/valueType")) instanceof Keyword type)
        || map.containsKey(Keyword.of(":db/tupleAttrs"))) {
      return null;
    }
    List<String> elements = elements(map);
    if (elements.contains("ref") || type.name().equals("tuple") == elements.isEmpty()) {
      return null;
    }
    Object unique = map.get(Keyword.of(":db/unique"));
    return new FreeAttribute(String.valueOf(map.get(Keyword.of(":db/ident"))), type.name(),
        Keyword.of(":db.cardinality/many").equals(map.get(Keyword.of(":db/cardinality"))),
        Keyword.of(":db.unique/identity").equals(unique), unique != null,
        Boolean.TRUE.equals(map.get(Keyword.of(":db/isComponent"))), policy(map), elements);
  }

  private static List<String> elements(Map<?, ?> form) {
    if (form.get(Keyword.of(":db/tupleType")) instanceof Keyword one) {
      return List.of(one.name());
    }
    return form.get(Keyword.of(":db/tupleTypes")) instanceof List<?> all
        ? all.stream().map(each -> ((Keyword) each).name()).toList() : List.of();
  }

  private static String policy(Map<?, ?> form) {
    if (form.get(RebasisSchema.POLICY) instanceof Keyword policy) {
      return policy.name();
    }
    return Keyword.of(":db.cardinality/many").equals(form.get(Keyword.of(":db/cardinality")))
        ? "add-wins" : "last-writer-wins";
  }

  boolean isRef() {
    return type.equals("ref");
  }

  /** One of few values, as EDN text. */
  String value(RandomGenerator random) {
    return value(random.nextInt(VALUES));
  }

  /** The value with this number, 0 to 9; a random one has 0 to 4. */
  String value(int n) {
    if (elements.isEmpty()) {
      return value(type, n);
    }
    // All elements by one number, so that tuples meet as often as other values; some have nothing in the last place.
    StringJoiner tuple = new StringJoiner(" ", "[", "]");
    int count = Math.max(2, elements.size());
    for (int i = 0; i < count; i++) {
      tuple.add(n == 0 && i == count - 1 ? "nil" : value(elements.get(i % elements.size()), n));
    }
    return tuple.toString();
  }

  private String value(String type, int n) {
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
