package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Makes random queries that Datomic can answer in the order written: variables have types, so that a name of an entity
 * and a keyword never meet; an attribute is a variable only where the entity is bound before; calls come last. Confined.
 */
final class Queries {
  private final Random random;
  private final GeneratedSchema schema;
  private final Forms forms;
  private final boolean ordered;
  private final int transactions;
  private final Questions questions;
  private final Map<Kind, List<String>> variables = new LinkedHashMap<>();
  private final List<String> bound = new ArrayList<>();
  /** Variables that stand for attributes, transactions, and whether a fact was added: what joins by places other than values. */
  private final List<String> attributes = new ArrayList<>();
  private final List<String> instants = new ArrayList<>();
  private final List<String> added = new ArrayList<>();
  private final List<String> in = new ArrayList<>();
  private final List<String> inputs = new ArrayList<>();
  private final List<String> where = new ArrayList<>();
  private int names;
  private boolean blankUsed;

  private Queries(Random random, GeneratedSchema schema, Forms forms, boolean ordered, int transactions) {
    this.random = random;
    this.schema = schema;
    this.forms = forms;
    this.ordered = ordered;
    this.transactions = transactions;
    this.questions = new Questions(random, schema, forms, ordered, transactions, transactions);
  }

  /** A pattern to pull by. */
  String pullPattern() {
    return questions.pattern(2);
  }

  /**
   * A query and the inputs after the first database, as EDN text to be put behind a view. Parameters as for
   * {@link Questions}.
   *
   * @param byIds whether the answer depends on the order of ids
   */
  record Asked(String query, String inputs, boolean byIds) {
    // What is tried has falling ids here.
    String on(String view) {
      return "[:q " + query + " " + (byIds && view.contains("(with ") ? "(db (history))" : view) + inputs + "]";
    }
  }

  static Asked next(Random random, GeneratedSchema schema, Forms forms, boolean ordered, int transactions) {
    return new Queries(random, schema, forms, ordered, transactions).make();
  }

  private Asked make() {
    int inputCount = chance(40) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < inputCount; i++) {
      new Inputs(this, random).add();
    }
    int mode = random.nextInt(100);
    boolean grouping = mode < 25;
    boolean computing = mode >= 80;
    if (grouping || computing) {
      // A clause that leaves many rows.
      Attr a = any(schema.attributes().stream().filter(each -> computing || Finds.NUMBERS.contains(each.kind())).toList());
      where.add("[" + fresh(Kind.ENTITY) + " " + a.ident() + " " + fresh(a.kind()) + "]");
    }
    int patterns = grouping || computing ? random.nextInt(2) : 1 + random.nextInt(4);
    for (int i = 0; i < patterns; i++) {
      addPattern("");
    }
    if (chance(8)) {
      addPattern(otherSource() + " ");
    }
    if (chance(4)) {
      addInput("$all", "(db (history))");
      addPattern("$all ");
    }
    if (chance(10)) {
      addOfShared();
    }
    int nested = chance(grouping || computing ? 10 : 40) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < nested; i++) {
      new NestedClauses(this, random).add();
    }
    int calls = computing ? 2 + random.nextInt(3) : chance(30) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < calls; i++) {
      new Calls(this, random).add();
    }
    if (chance(4)) {
      breakIt();
    }
    Finds finds = new Finds(this, random);
    String find = finds.make(grouping);
    String query = "[:find " + find + " :in $ " + String.join(" ", in) + " :where " + String.join(" ", where) + "]";
    return new Asked(query, inputs.isEmpty() ? "" : " " + String.join(" ", inputs), finds.isByIds());
  }

  /** A mistake. */
  private void breakIt() {
    int i = random.nextInt(where.size());
    switch (random.nextInt(4)) {
      case 0 -> where.set(i, where.get(i).replaceFirst(":d/[a-z]+", ":d/nope"));
      case 1 -> where.add("(not [?unknown :d/l 1])");
      case 2 -> where.add("[(< ?unknown 1)]");
      default -> where.add("[$unknown ?a ?b]");
    }
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  String fresh(Kind kind) {
    String name = "?" + kind.name().toLowerCase(Locale.ROOT).charAt(0) + names++;
    variables.computeIfAbsent(kind, k -> new ArrayList<>()).add(name);
    bound.add(name);
    return name;
  }

  String known(Kind kind) {
    List<String> list = variables.get(kind);
    // Equal bytes are different values in Datomic, and so join with nothing.
    return list == null || kind == Kind.BYTES || list.isEmpty() ? null : any(list);
  }

  Attr attribute() {
    return schema.any();
  }

  /** An entity's id. */
  String entity() {
    return forms.named();
  }

  /** A constant that can stand in a pattern for a value of the attribute, or a place-holder. */
  String literal(Attr a) {
    return a.isRef() ? entity()
        : !a.kind().isLiteral() ? "_"
        // Datomic forgets a literal false in some plans (see docs/differences.md).
        : a.kind() == Kind.BOOLEAN ? "true" : a.value(random);
  }

  /** All attributes whose values transactions give. */
  List<Attr> attributes() {
    return schema.attributes();
  }

  /** A name for another data source. */
  String source() {
    return "$s" + names++;
  }

  private void addPattern(String source) {
    String knownEntity = known(Kind.ENTITY);
    boolean join = knownEntity != null && chance(75);
    if (join && chance(12)) {
      where.add("[" + source + knownEntity + " " + shared(attributes) + " " + (chance(50) ? "_" : untyped()) + "]");
      return;
    }
    Attr attr = chance(8) ? new Attr(GeneratedSchema.KEY, Kind.STRING, false, false, "identity")
        : chance(5) ? any(schema.all()) : schema.any();
    String e = join ? knownEntity : chance(6) ? entity() : fresh(Kind.ENTITY);
    StringBuilder clause = new StringBuilder("[" + source + e + " " + attr.ident());
    if (chance(95)) {
      clause.append(' ').append(value(attr, e));
      if (chance(12)) {
        clause.append(' ').append(chance(30) ? "_" : shared(instants));
        if (chance(60)) {
          clause.append(chance(50) ? " true" : chance(30) ? " _" : " " + shared(added));
        }
      }
    }
    where.add(clause.append(']').toString());
  }

  /** A variable that clauses share, mostly. */
  private String shared(List<String> pool) {
    if (pool.isEmpty() || chance(35)) {
      pool.add(untyped());
      return pool.get(pool.size() - 1);
    }
    return any(pool);
  }

  /** A clause about what attributes and transactions themselves are, or about the values of one that is known row by row only. */
  private void addOfShared() {
    String e = boundEntity();
    // One of several attributes is joined as it is written, in Datomic, if other inputs are in between.
    int kind = random.nextInt(6);
    switch (kind == 4 && !in.isEmpty() ? 3 : kind) {
      case 0 -> {
        where.add("[" + e + " :d/key _ " + shared(instants) + "]");
        where.add("[" + any(instants) + " :db/txInstant " + fresh(Kind.INSTANT) + "]");
      }
      case 1, 2 -> {
        where.add("[" + e + " " + shared(attributes) + " " + (chance(50) ? "_" : untyped()) + "]");
        where.add("[" + any(attributes) + (chance(50) ? " :db/ident " : " :db/valueType ") + untyped() + "]");
      }
      case 3 -> {
        String a = "?a" + names++;
        addInput(a, schema.any().ident());
        where.add("[" + e + " " + a + " " + untyped() + "]");
      }
      case 4 -> {
        String a = "?a" + names++;
        addInput("[" + a + " ...]", "[" + schema.any().ident() + " :d/l " + schema.any().ident() + "]");
        where.add("[" + e + " " + a + " " + untyped() + "]");
      }
      default -> {
        String tx = "?tx" + names++;
        addInput(tx, "(tx " + random.nextInt(transactions) + ")");
        where.add("[" + e + " " + schema.any().ident() + " _ " + tx + "]");
      }
    }
  }

  /** Another database that shows one moment, an input of the query from now on. */
  String otherSource() {
    String view = chance(50) ? "(db (asOf (t " + random.nextInt(transactions) + ")))" : questions.view(true);
    // What is tried twice has two ids.
    addInput("$old", view.contains("(with ") ? "(db (since (t " + random.nextInt(transactions) + ")))" : view);
    return "$old";
  }

  /** A place that is not wanted, in what a call gives. Datomic takes the blanks of two calls for one variable. */
  String blank() {
    if (blankUsed) {
      return untyped();
    }
    blankUsed = true;
    return "_";
  }

  /** A variable that stands for values of any kind. */
  String untyped() {
    String name = "?u" + names++;
    bound.add(name);
    return name;
  }

  private String value(Attr a, String entity) {
    int how = random.nextInt(100);
    String known = known(a.kind());
    // A lookup ref as an input that stands as entity and value of one clause finds nothing in Datomic.
    boolean twice = entity.equals(known) && in.toString().contains(known);
    if (how < 35 && known != null && !twice) {
      return known;
    }
    if (how < 55) {
      return a.isRef() && chance(50) ? "[:d/key \"k" + random.nextInt(8) + "\"]" : literal(a);
    }
    return how < 62 ? "_" : fresh(a.kind());
  }

  // ---- for NestedClauses, Calls and Finds ----

  void addClause(String clause) {
    where.add(clause);
  }

  /** Names an input, once. */
  void addInput(String name, String value) {
    if (!in.contains(name)) {
      in.add(name);
      inputs.add(value);
    }
  }

  /** An entity that is bound, made so if there is none. */
  String boundEntity() {
    while (known(Kind.ENTITY) == null) {
      addPattern("");
    }
    return known(Kind.ENTITY);
  }

  /** The variables that are bound; one at least. */
  List<String> bound() {
    if (bound.isEmpty()) {
      // Only constants: ask for something that is always there.
      where.add("[?always :db/ident :i/x0]");
      bound.add("?always");
    }
    return bound;
  }

  /** Whether a variable stands for values of one of these kinds. */
  boolean isOf(String variable, List<Kind> kinds) {
    return kinds.stream().anyMatch(kind -> variables.getOrDefault(kind, List.of()).contains(variable));
  }

  /** Whether ids are the same on both sides. */
  boolean isOrdered() {
    return ordered;
  }

  boolean isInput(String variable) {
    return in.toString().contains(variable);
  }
}
