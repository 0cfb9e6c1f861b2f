package dev.rebasis.simulations.sim;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.simulations.workload.Alterable;
import dev.rebasis.simulations.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Draws what happens to a schema while clients write: attributes of the workload get other names, indexes, policies,
 * cardinalities and uniqueness, as far as it allows, and as a rule get them back later; or a new one is installed, and then
 * written. Confined to one plan.
 */
final class SchemaChanges {
  private static final List<String> FOR_ONE = List.of(
      "last-writer-wins", "first-writer-wins", "server-wins", "client-wins", "park", "reject");
  private static final List<String> FOR_MANY =
      List.of("add-wins", "remove-wins", "union", "first-writer-wins", "last-writer-wins", "park");
  private static final int NEW_ATTRIBUTES = 3;

  /** An alteration and what takes it back, each as EDN text of a vector of forms. */
  record Alteration(String forms, String back) {}

  /** A new attribute, and forms that write it. */
  record Installation(String forms, List<String> writes) {}

  private record Own(
      Keyword ident, String type, boolean many, boolean unique, boolean indexed, Keyword policy, Alterable alterable) {
    static Own of(Map<?, ?> form, Alterable alterable) {
      return new Own((Keyword) form.get(Keyword.of(":db/ident")), ((Keyword) form.get(Keyword.of(":db/valueType"))).name(),
          Keyword.of(":db.cardinality/many").equals(form.get(Keyword.of(":db/cardinality"))),
          form.containsKey(Keyword.of(":db/unique")), Boolean.TRUE.equals(form.get(Keyword.of(":db/index"))),
          form.get(RebasisSchema.POLICY) instanceof Keyword policy ? policy : null, alterable);
    }

    boolean takesIndex() {
      return !unique && !indexed && isOrdered();
    }

    boolean isOrdered() {
      return !List.of("ref", "tuple", "bytes").contains(type);
    }
  }

  private final Random random;
  private final List<Own> attributes = new ArrayList<>();

  SchemaChanges(Workload workload, Random random) {
    this.random = random;
    for (Object form : workload.schema()) {
      if (form instanceof Map<?, ?> map && map.get(Keyword.of(":db/valueType")) instanceof Keyword
          && map.get(Keyword.of(":db/ident")) instanceof Keyword ident && !map.containsKey(Keyword.of(":db/tupleAttrs"))) {
        attributes.add(Own.of(map, workload.alterable(ident)));
      }
    }
    attributes.removeIf(attribute -> attribute.alterable == Alterable.INDEXES && !attribute.takesIndex());
  }

  /** Whether the next change is an alteration of what there is; the others install something. */
  boolean alters() {
    return !attributes.isEmpty() && random.nextInt(3) > 0;
  }

  Installation installation() {
    int n = random.nextInt(NEW_ATTRIBUTES);
    List<String> writes = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      writes.add("[{:later/a" + n + " " + (n == 0 ? "\"v" + i + "\"" : i) + "}]");
    }
    return new Installation("[{:db/ident :later/a" + n + " :db/valueType :db.type/" + (n == 0 ? "string" : "long")
        + " :db/cardinality :db.cardinality/one}]", writes);
  }

  Alteration alteration() {
    Own attribute = attributes.get(random.nextInt(attributes.size()));
    List<Alteration> possible = new ArrayList<>();
    if (attribute.takesIndex()) {
      possible.add(setAndBack(attribute, ":db/index", "true"));
    }
    if (attribute.alterable != Alterable.INDEXES) {
      possible.add(renamed(attribute));
    }
    if (attribute.alterable == Alterable.EVERYTHING) {
      possible.add(otherPolicy(attribute));
      if (!attribute.unique) {
        possible.add(otherCardinality(attribute));
      }
      if (!attribute.unique && !attribute.many && attribute.isOrdered()) {
        possible.add(setAndBack(attribute, ":db/unique", ":db.unique/value"));
      }
    }
    return possible.get(random.nextInt(possible.size()));
  }

  private static Alteration setAndBack(Own attribute, String what, String value) {
    return new Alteration("[[:db/add " + attribute.ident + " " + what + " " + value + "]]",
        "[[:db/retract " + attribute.ident + " " + what + " " + value + "]]");
  }

  private Alteration renamed(Own attribute) {
    String name = attribute.ident + "-" + (2 + random.nextInt(2));
    return new Alteration("[[:db/add " + attribute.ident + " :db/ident " + name + "]]",
        "[[:db/add " + attribute.ident + " :db/ident " + attribute.ident + "]]");
  }

  private Alteration otherPolicy(Own attribute) {
    List<String> policies = new ArrayList<>(attribute.many ? FOR_MANY : FOR_ONE);
    if (!attribute.many && attribute.isOrdered()) {
      policies.addAll(List.of("max", "min"));
    }
    if (!attribute.many && attribute.type.equals("long")) {
      policies.add("counter");
    }
    String other = ":rebasis.policy/" + policies.get(random.nextInt(policies.size()));
    return new Alteration("[[:db/add " + attribute.ident + " :rebasis/policy " + other + "]]", attribute.policy == null
        ? "[[:db/retract " + attribute.ident + " :rebasis/policy " + other + "]]"
        : "[[:db/add " + attribute.ident + " :rebasis/policy " + attribute.policy + "]]");
  }

  private static Alteration otherCardinality(Own attribute) {
    String form = "[[:db/add " + attribute.ident + " :db/cardinality :db.cardinality/";
    return new Alteration(form + (attribute.many ? "one" : "many") + "]]", form + (attribute.many ? "many" : "one") + "]]");
  }
}
