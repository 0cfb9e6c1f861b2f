package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Any operations on any schema: few entities and few values, so that they meet often. The schema is taken as it is; what
 * it says of types, cardinality, uniqueness and components decides what is written.
 */
class FreeForm implements Workload {
  private static final String OWN = "[:n/key string identity] [:n/text string] [:n/count long] [:n/tags keyword many]"
      + " [:n/slot long value] [:n/parts ref many component] [:n/next ref] [:n/links ref many] [:n/at instant]"
      + " [:n/exact bigdec] [:n/flag boolean] [:n/number double index]"
      + " [:n/pair tuple (long keyword)] [:n/range tuple (long)] [:n/spans tuple (string string) many]";

  private static final String POLICIES = "[:p/key string identity] [:p/last long]"
      + " [:p/first string :rebasis.policy/first-writer-wins] [:p/server long :rebasis.policy/server-wins]"
      + " [:p/client keyword :rebasis.policy/client-wins] [:p/sum long :rebasis.policy/counter]"
      + " [:p/high long :rebasis.policy/max] [:p/low double :rebasis.policy/min]"
      + " [:p/latest instant :rebasis.policy/max] [:p/least string :rebasis.policy/min]"
      + " [:p/text string :rebasis.policy/text-merge] [:p/marked string :rebasis.policy/text-merge-marked]"
      + " [:p/asked long :rebasis.policy/park] [:p/strict long :rebasis.policy/reject]"
      + " [:p/all keyword many :rebasis.policy/union] [:p/less keyword many :rebasis.policy/remove-wins]"
      + " [:p/kept long many :rebasis.policy/first-writer-wins] [:p/open keyword many :rebasis.policy/park]";

  private final String name;
  private final String description;
  private final List<?> schema;
  private final List<FreeAttribute> all = new ArrayList<>();
  private final List<FreeAttribute> keys = new ArrayList<>();
  private final List<FreeAttribute> ones = new ArrayList<>();
  private final List<FreeAttribute> manys = new ArrayList<>();
  private final List<FreeAttribute> references = new ArrayList<>();
  private final List<FreeAttribute> components = new ArrayList<>();

  /** Works on the schema that comes with it. */
  static FreeForm own() {
    return new FreeForm("free-form", "any operations on a schema, on few entities so that they meet often",
        SchemaShorthand.forms(OWN));
  }

  /** Works on attributes of which each has another policy, and so narrowly that most of it meets. */
  static FreeForm policies() {
    return new FreeForm("policies", "attributes of which each has another policy, on two entities",
        SchemaShorthand.forms(POLICIES)) {
      @Override
      public String beginning() {
        return "[{:p/key \"k0\" :p/sum 0 :p/text \"one two\" :p/all [:value/v0]} {:p/key \"k1\" :p/low 9.5}]";
      }

      @Override
      public List<String> kinds() {
        return List.of("set", "unset", "cas", "two-forms", "add-value", "remove-value");
      }

      @Override
      String entity(RandomGenerator random, Made made) {
        return "[:p/key \"k" + random.nextInt(2) + "\"]";
      }
    };
  }

  /**
   * Works on a schema.
   *
   * @param schema map forms that install attributes; other forms are installed too and else ignored
   * @throws RebasisException if it has no attribute to write
   */
  FreeForm(String name, String description, List<?> schema) {
    this.name = name;
    this.description = description;
    this.schema = List.copyOf(schema);
    for (Object form : schema) {
      FreeAttribute attribute = FreeAttribute.of(form);
      if (attribute != null) {
        sort(attribute);
      }
    }
    if (all.isEmpty()) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-schema"), ErrorCategory.FIX_REQUEST,
          "The schema has no attribute that a simulation can write: give map forms with :db/ident, :db/valueType and"
              + " :db/cardinality.");
    }
  }

  private void sort(FreeAttribute attribute) {
    all.add(attribute);
    if (attribute.identity()) {
      keys.add(attribute);
    } else if (attribute.component()) {
      components.add(attribute);
    } else if (attribute.isRef()) {
      references.add(attribute);
    } else if (attribute.many()) {
      manys.add(attribute);
    } else {
      ones.add(attribute);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<?> schema() {
    return schema;
  }

  @Override
  public String beginning() {
    return "[]";
  }

  @Override
  public List<String> kinds() {
    List<String> kinds = new ArrayList<>(List.of("create", "create-two", "retract-entity"));
    addIf(kinds, !ones.isEmpty(), "set", "unset", "cas", "two-forms");
    addIf(kinds, !manys.isEmpty(), "add-value", "remove-value");
    addIf(kinds, !references.isEmpty(), "refer");
    addIf(kinds, !components.isEmpty(), "add-parts");
    addIf(kinds, !keys.isEmpty(), "rename");
    return kinds;
  }

  static void addIf(List<String> kinds, boolean possible, String... more) {
    if (possible) {
      kinds.addAll(List.of(more));
    }
  }

  @Override
  public List<String> tempids(String kind) {
    return kind.startsWith("create") ? List.of("e") : List.of();
  }

  @Override
  public Set<String> policies(String kind) {
    Set<String> policies = new TreeSet<>();
    switch (kind) {
      case "set", "two-forms" -> ones.forEach(one -> policies.add(one.policy()));
      case "add-value", "remove-value" -> manys.forEach(many -> policies.add(many.policy()));
      case "retract-entity" -> policies.add("park");
      default -> {
        // What else it does is settled by one of these, or by Datomic's own rules.
      }
    }
    return policies;
  }

  @Override
  public boolean concerns(String policy, String kind, String argument) {
    return kind.equals("retract-entity") && policy.equals("park")
        || all.stream().anyMatch(each -> each.policy().equals(policy) && argument.contains(each.ident() + " "));
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.EVERYTHING;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    String entity = entity(random, made);
    return switch (kind) {
      case "create" -> "[" + create(random, "e") + "]";
      case "create-two" -> createTwo(random);
      case "retract-entity" -> "[[:db/retractEntity " + entity + "]]";
      case "set" -> "[" + set(entity, random) + "]";
      case "unset" -> "[[:db/retract " + entity + " " + pick(ones, random).ident() + "]]";
      case "cas" -> cas(entity, pick(ones, random), random);
      case "two-forms" -> "[" + set(entity, random) + set(entity(random, made), random) + "]";
      case "add-value" -> value("[[:db/add ", entity, pick(manys, random), random);
      case "remove-value" -> value("[[:db/retract ", entity, pick(manys, random), random);
      case "refer" -> "[[:db/add " + entity + " " + pick(references, random).ident() + " " + entity(random, made) + "]]";
      case "add-parts" -> parts(entity, pick(components, random), random);
      case "rename" -> value("[[:db/add ", entity, pick(keys, random), random);
      default -> throw new IllegalArgumentException("free-form has no operation " + kind);
    };
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    return argument;
  }

  /** An entity by its key, or one that the same client made; a fresh one if the schema has no keys and none was made. */
  String entity(RandomGenerator random, Made made) {
    String known = made.any(random);
    if (known != null && (keys.isEmpty() || random.nextInt(3) == 0)) {
      return known;
    }
    if (keys.isEmpty()) {
      return "\"e\"";
    }
    FreeAttribute key = pick(keys, random);
    return "[" + key.ident() + " " + key.value(random) + "]";
  }

  private String createTwo(RandomGenerator random) {
    if (references.isEmpty()) {
      return "[" + create(random, "e") + create(random, "f") + "]";
    }
    if (references.size() == all.size()) {
      // There is nothing else to make them of, and one attribute holds one value only.
      String reference = pick(references, random).ident();
      return "[[:db/add \"e\" " + reference + " \"f\"][:db/add \"f\" " + reference + " \"f\"]]";
    }
    return "[" + create(random, "e") + "[:db/add \"e\" " + pick(references, random).ident() + " \"f\"]" + create(random, "f") + "]";
  }

  private String create(RandomGenerator random, String tempid) {
    StringBuilder map = new StringBuilder("{:db/id \"").append(tempid).append('"');
    if (!keys.isEmpty() && (tempid.equals("e") || ones.isEmpty())) {
      FreeAttribute key = pick(keys, random);
      map.append(' ').append(key.ident()).append(' ').append(key.value(random));
    }
    if (!ones.isEmpty()) {
      FreeAttribute one = pick(ones, random);
      map.append(' ').append(one.ident()).append(' ').append(one.value(random));
    }
    if (map.indexOf(" :", 8) < 0) {
      FreeAttribute any = pick(manys.isEmpty() ? all : manys, random);
      map.append(' ').append(any.ident()).append(' ').append(any.isRef() ? "\"" + tempid + "\"" : any.value(random));
    }
    return map.append('}').toString();
  }

  private String set(String entity, RandomGenerator random) {
    FreeAttribute one = pick(ones, random);
    return "[:db/add " + entity + " " + one.ident() + " " + one.value(random) + "]";
  }

  private static String cas(String entity, FreeAttribute one, RandomGenerator random) {
    String expected = random.nextInt(3) == 0 ? "nil" : one.value(random);
    return "[[:db/cas " + entity + " " + one.ident() + " " + expected + " " + one.value(random) + "]]";
  }

  private static String value(String form, String entity, FreeAttribute attribute, RandomGenerator random) {
    return form + entity + " " + attribute.ident() + " " + attribute.value(random) + "]]";
  }

  private String parts(String entity, FreeAttribute component, RandomGenerator random) {
    String part = ones.isEmpty() ? "{:db/doc \"part\"}" : part(random) + (component.many() ? part(random) : "");
    return "[{:db/id " + entity + " " + component.ident() + " " + (component.many() ? "[" + part + "]" : part) + "}]";
  }

  private String part(RandomGenerator random) {
    FreeAttribute one = pick(ones, random);
    // A unique value in each part would refuse most of them.
    return one.unique() ? "{:db/doc \"part\"}" : "{" + one.ident() + " " + one.value(random) + "}";
  }

  static FreeAttribute pick(List<FreeAttribute> from, RandomGenerator random) {
    return from.get(random.nextInt(from.size()));
  }
}
