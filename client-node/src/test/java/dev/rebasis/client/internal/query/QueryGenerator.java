package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.query.GeneratedData.Attr;
import dev.rebasis.client.internal.query.GeneratedData.Kind;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Makes random conjunctive queries that Datomic can answer in the order written: variables have types, so that a name of
 * an entity and a keyword never meet; an attribute is a variable only where the entity is bound before; calls come last.
 */
final class QueryGenerator {
  /**
   * A query with its inputs.
   *
   * @param rows the same query, asking for all rows as a relation
   */
  record Case(List<String> find, String shape, String with, List<String> in, List<Object> inputs, List<String> where) {
    String text() {
      return "[:find " + shape.formatted(String.join(" ", find)) + with + tail();
    }

    String relation() {
      return "[:find " + String.join(" ", find) + with + tail();
    }

    /**
     * The same query asking for everything: each place of each pattern is a variable, and all are in {@code :find}, those
     * of this query first. Where fewer are asked for, Datomic sometimes forgets what a clause had removed.
     */
    String full() {
      List<String> all = new ArrayList<>(plainFind());
      List<String> clauses = new ArrayList<>();
      for (String clause : where) {
        if (clause.startsWith("(")) {
          clauses.add(clause);
          continue;
        }
        List<Object> places = new ArrayList<>((List<?>) Edn.read(clause));
        boolean pattern = !(places.get(0) instanceof EdnList);
        boolean ofRows = pattern && places.get(0) instanceof Symbol s && s.text().startsWith("$");
        while (pattern && !ofRows && places.size() < 4) {
          places.add(Symbol.of("_"));
        }
        places.replaceAll(place -> pattern && Symbol.of("_").equals(place) ? fresh(all) : place);
        clauses.add(Edn.write(places));
      }
      for (Object form : (List<?>) Edn.read(in.toString().replace(',', ' '))) {
        addVariables(form, all);
      }
      Set<Symbol> free = new LinkedHashSet<>();
      FreeVariables.addTo(clauses.stream().map(Edn::read).toList(), free);
      free.stream().map(Symbol::text).filter(name -> !all.contains(name)).forEach(all::add);
      return "[:find " + String.join(" ", all) + " :in $ " + String.join(" ", in) + " :where "
          + String.join(" ", clauses) + "]";
    }

    private static Symbol fresh(List<String> all) {
      Symbol variable = Symbol.of("?w" + all.size()); // no other name begins with a w
      all.add(variable.text());
      return variable;
    }

    private static void addVariables(Object form, List<String> all) {
      if (form instanceof Symbol s && s.text().startsWith("?") && !all.contains(s.text())) {
        all.add(s.text());
      } else if (form instanceof List<?> list) {
        list.forEach(element -> addVariables(element, all));
      }
    }

    /** The query for the rows that aggregates are made from. */
    String plainRelation() {
      return "[:find " + String.join(" ", plainFind()) + tail();
    }

    private List<String> plainFind() {
      return find.stream().map(column -> column.replaceAll("^\\([a-z-]+ (\\d )?|\\)$", "")).toList();
    }

    private String tail() {
      return " :in $ " + String.join(" ", in) + " :where " + String.join(" ", where) + "]";
    }

    Case without(int clause) {
      List<String> fewer = new ArrayList<>(where);
      fewer.remove(clause);
      return new Case(find, shape, with, in, inputs, fewer);
    }

    /** The same with a mistake in it. */
    Case broken(Random random) {
      List<String> worse = new ArrayList<>(where);
      int i = random.nextInt(worse.size());
      String clause = worse.get(i);
      switch (random.nextInt(4)) {
        case 0 -> worse.set(i, clause.replaceFirst(":d/[a-z]+", ":d/nope"));
        case 1 -> worse.add("(not [?unknown :d/l 1])");
        case 2 -> worse.add("[(< ?unknown 1)]");
        default -> worse.add("[$unknown ?a ?b]");
      }
      return new Case(find, shape, with, in, inputs, worse);
    }

    boolean isSingle() {
      return shape.endsWith(" .") || shape.equals("[%s]");
    }
  }

  private final GeneratedData data;
  private final Random random;
  private final Map<Kind, List<String>> variables = new LinkedHashMap<>();
  private final List<String> bound = new ArrayList<>();
  private final List<String> in = new ArrayList<>();
  private final List<Object> inputs = new ArrayList<>();
  private final List<String> where = new ArrayList<>();
  private int names;

  private QueryGenerator(GeneratedData data, Random random) {
    this.data = data;
    this.random = random;
  }

  static Case next(GeneratedData data, Random random) {
    return new QueryGenerator(data, random).make();
  }

  private Case make() {
    int inputCount = chance(40) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < inputCount; i++) {
      addInput();
    }
    int patterns = 1 + random.nextInt(4);
    for (int i = 0; i < patterns; i++) {
      addPattern();
    }
    int nested = chance(45) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < nested; i++) {
      new NestedClauses(this, random).add();
    }
    int calls = chance(35) ? 1 + random.nextInt(2) : 0;
    for (int i = 0; i < calls; i++) {
      addCall();
    }
    return find();
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
    return list == null || list.isEmpty() ? null : any(list);
  }

  // Lookup refs only where there is one row: in a hash join Datomic compares them as they are.
  private Object inputValue(Kind kind, boolean single) {
    if (kind != Kind.ENTITY) {
      return Edn.read(GeneratedData.value(kind, random));
    }
    if (!single) {
      return any(data.ids);
    }
    int how = random.nextInt(10);
    return how < 6 ? (Object) any(data.ids)
        : Edn.read("[:d/key \"k" + random.nextInt(data.entities + (how == 9 ? 1 : 0)) + "\"]");
  }

  private Kind anyKind() {
    return chance(40) ? Kind.ENTITY : any(List.of(Kind.values()));
  }

  private void addInput() {
    Kind kind = anyKind();
    switch (random.nextInt(4)) {
      case 0 -> {
        inputs.add(inputValue(kind, true));
        in.add(fresh(kind));
      }
      case 1 -> {
        List<Object> values = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
          values.add(inputValue(kind, false));
        }
        inputs.add(values);
        in.add("[" + fresh(kind) + " ...]");
      }
      case 2 -> {
        Kind other = anyKind();
        inputs.add(List.of(inputValue(kind, true), inputValue(other, true)));
        in.add("[" + fresh(kind) + " " + fresh(other) + "]");
      }
      default -> addRelation(kind);
    }
  }

  private void addRelation(Kind kind) {
    Kind other = anyKind();
    List<Object> rows = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      rows.add(List.of(inputValue(kind, false), inputValue(other, false)));
    }
    inputs.add(rows);
    if (chance(50)) {
      in.add("[[" + fresh(kind) + " " + fresh(other) + "]]");
    } else {
      // As a data source: its rows join on values as they are, so entities would meet as ids and lookup refs.
      String source = "$s" + names++;
      in.add(source);
      String first = kind == Kind.ENTITY ? "_" : chance(50) && known(kind) != null ? known(kind) : fresh(kind);
      String second = other == Kind.ENTITY ? "_" : fresh(other);
      where.add("[" + source + " " + first + " " + second + "]");
    }
  }

  private void addPattern() {
    String knownEntity = known(Kind.ENTITY);
    boolean join = knownEntity != null && chance(75);
    if (join && chance(10)) {
      String a = fresh(Kind.BIG); // of no attribute's kind in patterns that follow
      variables.get(Kind.BIG).remove(a);
      where.add("[" + knownEntity + " " + a + " " + (chance(50) ? "_" : untyped()) + "]");
      return;
    }
    Attr attr = any(GeneratedData.ATTRIBUTES);
    boolean byKey = chance(8);
    String e = join ? knownEntity : chance(6) ? any(data.ids).toString() : fresh(Kind.ENTITY);
    Kind kind = byKey ? Kind.STRING : attr.kind();
    String ident = byKey ? ":d/key" : attr.ident();
    StringBuilder clause = new StringBuilder("[" + e + " " + ident);
    if (chance(95)) {
      clause.append(' ').append(value(kind, e));
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

  private String value(Kind kind, String entity) {
    int how = random.nextInt(100);
    String known = known(kind);
    // A lookup ref as an input that stands as entity and value of one clause finds nothing in Datomic.
    boolean twice = entity.equals(known) && in.toString().contains(known);
    if (how < 35 && known != null && !twice) {
      return known;
    }
    if (how < 55) {
      return kind == Kind.ENTITY ? chance(50) ? any(data.ids).toString()
          : "[:d/key \"k" + random.nextInt(data.entities) + "\"]"
          // Datomic forgets a literal false in some plans (see docs/query.md).
          : kind == Kind.BOOLEAN ? "true" : GeneratedData.value(kind, random);
    }
    return how < 62 ? "_" : fresh(kind);
  }

  private void addCall() {
    Kind kind = any(List.of(Kind.LONG, Kind.STRING, Kind.INSTANT, Kind.DOUBLE, Kind.ENTITY, Kind.KEYWORD));
    String x = known(kind);
    if (x == null) {
      return;
    }
    int how = random.nextInt(10);
    if (kind == Kind.ENTITY) {
      where.add(how < 5
          ? "[(missing? $ " + x + " " + any(GeneratedData.ATTRIBUTES).ident() + ")]"
          : "[(get-else $ " + x + " :d/l 7) " + fresh(Kind.LONG) + "]");
    } else if (how < 6) {
      boolean literal = chance(60);
      String y = literal ? GeneratedData.value(kind, random) : known(kind);
      // With = and a literal or an input, Datomic loses rows in some plans (see docs/query.md).
      boolean fixed = literal || in.toString().contains(x) || in.toString().contains(y);
      List<String> operators = List.of("<", "<=", ">", ">=", "!=", "not=", "=");
      String operator = any(fixed ? operators.subList(0, operators.size() - 1) : operators);
      where.add("[(" + operator + " " + x + " " + y + ")]");
    } else if (kind == Kind.LONG) {
      where.add("[(" + any(List.of("+", "-", "*")) + " " + x + " 2) " + fresh(Kind.LONG) + "]");
    } else {
      where.add("[(str " + x + " \"!\") " + fresh(Kind.STRING) + "]");
    }
  }

  private String aggregate(String variable) {
    List<String> longs = variables.getOrDefault(Kind.LONG, List.of());
    return longs.contains(variable) && chance(60)
        ? any(List.of("sum", "avg", "median"))
        : any(List.of("count", "min", "max", "count-distinct", "distinct", "min 2", "max 3"));
  }

  private Case find() {
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
    if (chance(12)) {
      int last = columns.size() - 1;
      columns.set(last, "(" + aggregate(columns.get(last)) + " " + columns.get(last) + ")");
      String other = any(bound);
      with = chance(30) && columns.stream().noneMatch(column -> column.contains(other)) ? " :with " + other : "";
    }
    String shape = !with.isEmpty() || columns.size() > 1
        ? any(List.of("%s", "%s", "%s", "%s", "[%s]"))
        : any(List.of("%s", "%s", "[%s ...]", "%s .", "[%s]"));
    if (shape.equals("%s") && with.isEmpty() && chance(10)) {
      List<String> names = columns.stream().map(column -> "n" + columns.indexOf(column)).toList();
      with = " " + any(List.of(":keys ", ":strs ", ":syms ")) + String.join(" ", names);
    }
    return new Case(columns, shape, with, in, inputs, where);
  }

  // ---- for NestedClauses ----

  void addClause(String clause) {
    where.add(clause);
  }

  /** Names an input, once. */
  void addInput(String name, Object value) {
    if (!in.contains(name)) {
      in.add(name);
      inputs.add(value);
    }
  }

  /** An entity that is bound, made so if there is none. */
  String boundEntity() {
    while (known(Kind.ENTITY) == null) {
      addPattern();
    }
    return known(Kind.ENTITY);
  }

  boolean isInput(String variable) {
    return in.toString().contains(variable);
  }

  GeneratedData data() {
    return data;
  }
}
