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
  private final Map<Kind, List<String>> variables = new LinkedHashMap<>();
  private final List<String> bound = new ArrayList<>();
  private final List<String> in = new ArrayList<>();
  private final List<String> inputs = new ArrayList<>();
  private final List<String> where = new ArrayList<>();
  private int names;

  private Queries(Random random, GeneratedSchema schema, Forms forms, boolean ordered, int transactions) {
    this.random = random;
    this.schema = schema;
    this.forms = forms;
    this.ordered = ordered;
    this.transactions = transactions;
  }

  /**
   * A query and the inputs after the first database, as EDN text to be put behind a view. Parameters as for
   * {@link Questions}.
   */
  record Asked(String query, String inputs) {
    String on(String view) {
      return "[:q " + query + " " + view + inputs + "]";
    }
  }

  static Asked next(Random random, GeneratedSchema schema, Forms forms, boolean ordered, int transactions) {
    return new Queries(random, schema, forms, ordered, transactions).make();
  }

  private Asked make() {
    int inputCount = chance(40) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < inputCount; i++) {
      addInput();
    }
    int patterns = 1 + random.nextInt(4);
    for (int i = 0; i < patterns; i++) {
      addPattern("");
    }
    if (chance(8)) {
      addInput("$old", "(db (asOf (t " + random.nextInt(transactions) + ")))");
      addPattern("$old ");
    }
    int nested = chance(40) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < nested; i++) {
      new NestedClauses(this, random).add();
    }
    int calls = chance(25) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < calls; i++) {
      new Calls(this, random).add();
    }
    if (chance(4)) {
      breakIt();
    }
    return find();
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

  // Lookup refs only where there is one row: in a hash join Datomic compares them as they are.
  private String inputValue(Kind kind, boolean single) {
    if (kind != Kind.ENTITY) {
      return kind.value(random.nextInt(6));
    }
    int how = random.nextInt(10);
    return !single || how < 6 ? entity() : "[:d/key \"k" + random.nextInt(how == 9 ? 60 : 8) + "\"]";
  }

  private Kind anyKind() {
    Kind kind = chance(40) ? Kind.ENTITY : schema.any().kind();
    return kind == Kind.TUPLE || kind == Kind.BYTES ? Kind.LONG : kind;
  }

  private void addInput() {
    Kind kind = anyKind();
    switch (random.nextInt(4)) {
      case 0 -> addInput(fresh(kind), inputValue(kind, true));
      case 1 -> {
        StringBuilder values = new StringBuilder("[");
        for (int i = random.nextInt(5); i >= 0; i--) {
          values.append(inputValue(kind, false)).append(' ');
        }
        addInput("[" + fresh(kind) + " ...]", values.append(']').toString());
      }
      case 2 -> {
        Kind other = anyKind();
        addInput("[" + fresh(kind) + " " + fresh(other) + "]",
            "[" + inputValue(kind, true) + " " + inputValue(other, true) + "]");
      }
      default -> addRelation(kind);
    }
  }

  private void addRelation(Kind kind) {
    Kind other = anyKind();
    StringBuilder rows = new StringBuilder("[");
    for (int i = random.nextInt(6); i >= 0; i--) {
      rows.append('[').append(inputValue(kind, false)).append(' ').append(inputValue(other, false)).append("] ");
    }
    rows.append(']');
    if (chance(50)) {
      addInput("[[" + fresh(kind) + " " + fresh(other) + "]]", rows.toString());
    } else {
      // As a data source: its rows join on values as they are, so entities would meet as ids and lookup refs.
      String source = "$s" + names++;
      addInput(source, rows.toString());
      String first = kind == Kind.ENTITY ? "_" : chance(50) && known(kind) != null ? known(kind) : fresh(kind);
      String second = other == Kind.ENTITY ? "_" : fresh(other);
      where.add("[" + source + " " + first + " " + second + "]");
    }
  }

  private void addPattern(String source) {
    String knownEntity = known(Kind.ENTITY);
    boolean join = knownEntity != null && chance(75);
    if (join && chance(10)) {
      String a = untyped();
      where.add("[" + source + knownEntity + " " + a + " " + (chance(50) ? "_" : untyped()) + "]");
      return;
    }
    Attr attr = chance(8) ? new Attr(GeneratedSchema.KEY, Kind.STRING, false, false, "identity")
        : chance(5) ? any(schema.all()) : schema.any();
    String e = join ? knownEntity : chance(6) ? entity() : fresh(Kind.ENTITY);
    StringBuilder clause = new StringBuilder("[" + source + e + " " + attr.ident());
    if (chance(95)) {
      clause.append(' ').append(value(attr, e));
      if (chance(8)) {
        clause.append(' ').append(chance(50) ? "_" : untyped());
        if (chance(40)) {
          clause.append(chance(50) ? " true" : " _");
        }
      }
    }
    where.add(clause.append(']').toString());
  }

  private String untyped() {
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

  private String column(String variable) {
    boolean number = variables.getOrDefault(Kind.LONG, List.of()).contains(variable)
        || variables.getOrDefault(Kind.DOUBLE, List.of()).contains(variable);
    boolean sortable = ordered || number || List.of(Kind.STRING, Kind.INSTANT, Kind.KEYWORD, Kind.BIG).stream()
        .anyMatch(kind -> variables.getOrDefault(kind, List.of()).contains(variable));
    List<String> aggregates = new ArrayList<>(List.of("count", "count-distinct", "distinct", "sample 2", "rand 2", "rand"));
    if (number) {
      aggregates.addAll(List.of("sum", "avg", "median", "variance", "stddev", "sum", "avg", "variance"));
    }
    if (sortable) {
      aggregates.addAll(List.of("min", "max", "min 2", "max 3"));
    }
    return "(" + any(aggregates) + " " + variable + ")";
  }

  private Asked find() {
    List<String> columns = new ArrayList<>();
    for (String variable : bound) {
      if (chance(60)) {
        columns.add(variable);
      }
    }
    if (columns.isEmpty()) {
      if (bound.isEmpty()) {
        // Only constants: ask for something that is always there.
        where.add("[?always :db/ident :i/x0]");
        bound.add("?always");
      }
      columns.add(any(bound));
    }
    String with = "";
    int last = columns.size() - 1;
    // Datomic takes equal bytes for different values, and so counts them.
    if (chance(15) && !variables.getOrDefault(Kind.BYTES, List.of()).contains(columns.get(last))) {
      columns.set(last, column(columns.get(last)));
      String other = any(bound);
      with = chance(30) && columns.stream().noneMatch(column -> column.contains(other)) ? " :with " + other : "";
    } else if (variables.getOrDefault(Kind.ENTITY, List.of()).contains(columns.get(last)) && !isInput(columns.get(last))
        && chance(15)) {
      columns.set(last, "(pull " + columns.get(last) + " [:d/key :d/l {:d/rm [:d/key]}])");
    }
    String shape = !with.isEmpty() || columns.size() > 1
        ? any(List.of("%s", "%s", "%s", "%s", "[%s]"))
        : any(List.of("%s", "%s", "[%s ...]", "%s .", "[%s]"));
    boolean byChance = columns.get(last).startsWith("(rand") || columns.get(last).startsWith("(sample");
    if (shape.equals("%s") && with.isEmpty() && !byChance && chance(10)) {
      List<String> labels = columns.stream().map(column -> "n" + columns.indexOf(column)).toList();
      with = " " + any(List.of(":keys ", ":strs ", ":syms ")) + String.join(" ", labels);
    }
    String query = "[:find " + shape.formatted(String.join(" ", columns)) + with + " :in $ " + String.join(" ", in)
        + " :where " + String.join(" ", where) + "]";
    return new Asked(query, inputs.isEmpty() ? "" : " " + String.join(" ", inputs));
  }

  // ---- for NestedClauses and Calls ----

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

  boolean isInput(String variable) {
    return in.toString().contains(variable);
  }
}
