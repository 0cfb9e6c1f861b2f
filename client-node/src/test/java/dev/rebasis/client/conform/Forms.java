package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Unique;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Makes random transactions, valid and invalid, on the schema and the facts of a pair. Confined. */
final class Forms {
  private final Random random;
  private final GeneratedSchema schema;
  private final Pair pair;
  private int fresh;

  Forms(Random random, GeneratedSchema schema, Pair pair) {
    this.random = random;
    this.schema = schema;
    this.pair = pair;
  }

  /** Entities with nothing but a key, which every schema takes. */
  static String entities(int count) {
    StringBuilder forms = new StringBuilder("[");
    for (int e = 0; e < count; e++) {
      forms.append("{:db/id \"e").append(e).append("\" :d/key \"k").append(e).append("\"}");
    }
    return forms.append(']').toString();
  }

  /** A few facts for each of some entities, so that queries find something. */
  String facts(int from, int to, int entities) {
    StringBuilder forms = new StringBuilder("[");
    for (int e = from; e < to; e++) {
      forms.append("{:db/id (id \"e").append(e).append("\")");
      for (Attr a : schema.attributes()) {
        if (a.unique() == null && chance(40)) {
          String value = a.kind() == Kind.TUPLE ? tuple(a, () -> "(id \"e" + random.nextInt(entities) + "\")")
              : !a.isRef() ? a.value(random) : a.component() ? component()
              : "(id \"e" + random.nextInt(entities) + "\")";
          forms.append(' ').append(a.ident()).append(' ').append(a.many() ? "[" + value + "]" : value);
        }
      }
      forms.append('}');
    }
    return forms.append(']').toString();
  }

  // Nested only: a circle of components cannot be pulled or touched in Datomic.
  private String component() {
    return "{:d/s " + Kind.STRING.value(random.nextInt(6)) + " :d/l " + Kind.LONG.value(random.nextInt(6)) + "}";
  }

  /** One transaction. */
  String transaction() {
    fresh++;
    int count = 1 + random.nextInt(chance(25) ? 8 : 3);
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      forms.append(i == 0 ? "" : " ").append(form());
    }
    return forms.append(']').toString();
  }

  private String form() {
    return switch (random.nextInt(17)) {
      case 0, 1, 2, 3 -> add(subject());
      case 4, 5, 6, 7 -> map("{:db/id " + subject(), 0);
      case 8 -> map("{", 0);
      case 9 -> map("{:d/key \"k" + random.nextInt(12) + "\"", 0);
      case 10 -> retraction();
      case 11 -> "[:db/retract " + existing() + " " + schema.any().ident() + "]";
      case 12 -> "[" + (chance(25) ? ":db.fn/retractEntity " : ":db/retractEntity ") + existing() + "]";
      case 13 -> cas();
      case 14 -> "[:db/add \"datomic.tx\" " + (chance(50) && !isIdentity(":d/s") ? ":d/s \"why\"" : ":d/rm " + existing()) + "]";
      case 15 -> chance(50) ? "{:db/ident :i/y" + random.nextInt(4) + "}"
          : "[:db/add " + named() + " :db/doc \"d" + random.nextInt(3) + "\"]";
      default -> faulty();
    };
  }

  /** A form about facts that there are, for what is tried on views, which may hide them. */
  String onFacts() {
    Attr a = schema.any();
    return switch (random.nextInt(6)) {
      case 0 -> retraction();
      case 1 -> "[:db/retract " + existing() + " " + a.ident() + "]";
      case 2 -> "[:db/retractEntity " + existing() + "]";
      case 3 -> cas();
      case 4 -> "[:db/cas " + named() + " :d/l nil 5]";
      default -> a.component() ? "{:d/key \"k" + random.nextInt(8) + "\" :d/l 5}"
          : "[:db/add " + existing() + " " + a.ident() + " " + (a.isRef() ? existing() : present(a)) + "]";
    };
  }

  private String add(String e) {
    Attr a = attributeOf(e);
    return "[:db/add " + e + " " + a.ident() + " " + value(a) + "]";
  }

  // The transaction's own entity takes no identities here: in Datomic it would become another entity.
  private Attr attributeOf(String e) {
    Attr a = schema.any();
    while (e.contains("datomic.tx") && "identity".equals(a.unique())) {
      a = schema.any();
    }
    return a;
  }

  private boolean isIdentity(String name) {
    return pair.database().attribute(Keyword.of(name)).unique() == Unique.IDENTITY;
  }

  private String map(String begin, int depth) {
    StringBuilder map = new StringBuilder(begin);
    Map<String, String> entries = new TreeMap<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      Attr a = attributeOf(begin);
      if (a.isRef() && a.unique() == null && !a.component() && depth == 0 && chance(20)) {
        // Not in nested maps: Datomic takes a reverse key there for an unknown attribute while it looks for identities.
        entries.put(a.reverse(), subject());
      } else {
        entries.put(a.ident(), mapValue(a, depth));
      }
    }
    entries.forEach((key, value) -> map.append(map.length() == 1 ? "" : " ").append(key).append(' ').append(value));
    return map.append('}').toString();
  }

  private String mapValue(Attr a, int depth) {
    if (!a.many()) {
      return nestedOrValue(a, depth);
    }
    // One lookup ref under a many attribute reads as a collection, in Datomic too; so collections are always written.
    StringBuilder values = new StringBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      values.append(' ').append(nestedOrValue(a, depth));
    }
    return "[" + values + "]";
  }

  private String nestedOrValue(Attr a, int depth) {
    if (a.component()) {
      return depth < 2 ? map(chance(30) ? "{:db/id \"c" + fresh + "-" + random.nextInt(1_000_000) + "\"" : "{", depth + 1) : component();
    }
    if (a.isRef() && depth < 2 && chance(25)) {
      return map(chance(50) ? "{:db/id " + (chance(50) ? tempid() : named()) : chance(70)
          ? "{:d/key \"k" + random.nextInt(14) + "\"" : "{", depth + 1);
    }
    return value(a);
  }

  private String retraction() {
    List<datomic.Datom> facts = new ArrayList<>();
    pair.theirs().db().datoms(datomic.Database.EAVT, pair.theirs().filled(Edn.read(named()))).forEach(facts::add);
    for (int i = 0; i < 4 && !facts.isEmpty(); i++) {
      datomic.Datom fact = facts.get(random.nextInt(facts.size()));
      Object v = Oracle.ours(fact.v());
      Object ident = pair.theirs().db().ident(fact.a());
      String value = v instanceof Long id ? reference(id) : v instanceof List<?> tuple ? references(tuple) : Edn.write(v);
      if (value != null && ident.toString().startsWith(":d/")) {
        return "[:db/retract " + nameOf((Long) fact.e()) + " " + ident + " " + value + "]";
      }
    }
    Attr a = schema.any();
    return "[:db/retract " + subject() + " " + a.ident() + " " + value(a) + "]";
  }

  // A long is a number or an entity.
  private String reference(long id) {
    return id < 1L << 42 ? Long.toString(id) : nameOf(id);
  }

  /** A tuple with its entities by name; null if one has none. */
  private String references(List<?> tuple) {
    StringBuilder all = new StringBuilder("[");
    for (Object element : tuple) {
      String text = element instanceof Long id ? reference(id) : Edn.write(element);
      if (text == null) {
        return null;
      }
      all.append(text).append(' ');
    }
    return all.append(']').toString();
  }

  private String nameOf(long id) {
    return pair.theirs().names().entrySet().stream().filter(entry -> entry.getValue() == id).map(Map.Entry::getKey)
        .sorted().findFirst().map(name -> "(id \"" + name + "\")").orElse(null);
  }

  private String cas() {
    Attr a = schema.any();
    // Datomic takes equal bytes for different values, so that :db/cas on them fails always.
    if (a.kind() == Kind.BYTES || a.component()) {
      return add(subject());
    }
    String e = named();
    if (a.isRef()) {
      return "[:db/cas " + e + " " + a.ident() + " " + (chance(50) ? "nil" : named()) + " " + named() + "]";
    }
    String old = "nil";
    if (!a.many() && chance(70)) {
      Object value = pair.theirs().db().entity(pair.theirs().filled(Edn.read(e))).get(a.ident());
      Object ours = value == null ? null : Oracle.ours(value);
      String written = ours instanceof List<?> tuple ? references(tuple) : ours == null ? null : Edn.write(ours);
      old = written == null ? "nil" : written;
    } else if (chance(50)) {
      old = expected(a);
    }
    return "[" + (chance(25) ? ":db.fn/cas " : ":db/cas ") + e + " " + a.ident() + " " + old + " " + expected(a) + "]";
  }

  // No tempids: of one that stands nowhere else Datomic speaks later than of a value that is not as expected.
  private String expected(Attr a) {
    return a.kind() == Kind.TUPLE ? present(a) : value(a);
  }

  private String faulty() {
    Attr a = schema.any();
    // Names an entity: of two faults in one form Datomic may name the other.
    String e = chance(50) ? tempid() : named();
    return switch (random.nextInt(20)) {
      case 0 -> "[:db/add " + e + " :d/unknown 1]";
      case 1 -> "[:db/add " + e + " :i/x1 1]";
      case 2 -> "[:db/add " + e + " " + a.ident() + " " + wrong(a) + "]";
      case 3 -> "{:db/id " + e + " " + a.ident() + " " + wrong(a) + "}";
      case 4 -> "[:db/add " + named() + " " + a.ident() + " nil]";
      case 5 -> "[:db/add [:d/key \"nobody\"] " + a.ident() + " " + value(a) + "]";
      case 6 -> "[:db/add [:d/l 1] " + a.ident() + " " + value(a) + "]";
      case 7 -> "[:db/add [:d/key] " + a.ident() + " " + value(a) + "]";
      case 8 -> "[:db/add :i/none " + a.ident() + " " + value(a) + "]";
      case 9 -> "[:db/add " + e + " :d/rm \"only-as-value\"]";
      case 10 -> "[:db/no-function 1 2]";
      case 11 -> "[:db/retractEntity \"tempid\"]";
      case 12 -> "{:db/id " + e + " :d/r {:d/l 4}}";
      case 13 -> "5";
      case 14 -> "[:db/add " + e + " \"name\" 1]";
      case 15 -> "{:db/id [:d/key \"nobody\"] :d/l 3}";
      case 16 -> "{:db/ident :d/bad" + random.nextInt(3) + (chance(50) ? " :db/valueType :db.type/long}"
          : " :db/cardinality :db.cardinality/one}");
      case 17, 18 -> "[:db/add " + named() + " :d/key \"k" + random.nextInt(8) + "\"]";
      default -> "[:db/cas " + existing() + " :d/l nil nil]";
    };
  }

  private static String wrong(Attr a) {
    return switch (a.kind()) {
      case STRING, SYMBOL -> "7";
      case TUPLE -> "[wrong nil nil]";
      case ENTITY -> "true";
      case KEYWORD -> "\"no-colon\"";
      default -> "wrong";
    };
  }

  // A component is always a new one: a circle of components cannot be pulled or touched in Datomic.
  private String value(Attr a) {
    return a.component() ? "\"c" + fresh + "-" + random.nextInt(1_000_000) + "\"" : a.isRef() ? subject()
        : a.kind() == Kind.TUPLE ? tuple(a, this::subject) : a.value(random);
  }

  /** A tuple may name entities, new ones too. */
  private String tuple(Attr a, Supplier<String> entity) {
    return a.shape().contains(Kind.ENTITY) ? a.tuple(random, entity) : a.value(random);
  }

  /** A value that a fact may have, of an attribute that is no reference; a tuple names entities that there are. */
  String present(Attr a) {
    return a.kind() == Kind.TUPLE ? tuple(a, this::named) : a.value(random);
  }

  /** What may stand in entity position. */
  private String subject() {
    return switch (random.nextInt(10)) {
      case 0 -> ":i/x" + random.nextInt(3);
      case 1 -> chance(50) ? "\"datomic.tx\"" : tempid();
      case 2, 3, 4 -> tempid();
      default -> existing();
    };
  }

  private String tempid() {
    return "\"t" + fresh + "-" + random.nextInt(3) + "\"";
  }

  private String existing() {
    return chance(15) ? "[:d/key \"k" + random.nextInt(8) + "\"]" : named();
  }

  /** An entity by its name. */
  String named() {
    List<String> names = pair.theirs().names().keySet().stream()
        .filter(name -> name.startsWith("e") || name.startsWith("t") || name.startsWith("c")).sorted().toList();
    return "(id \"" + names.get(random.nextInt(names.size())) + "\")";
  }

  /** A transaction that alters one attribute, noted in the schema if both sides accept it; some give data too. */
  Alteration alteration() {
    Alteration alone = alterationAlone();
    if (!chance(40)) {
      return alone;
    }
    Attr other = schema.any();
    String data = " [:db/add " + named() + " " + other.ident() + " " + (other.isRef() ? named() : present(other)) + "]]";
    return other.equals(alone.before()) || other.component() ? alone
        : new Alteration(alone.forms().substring(0, alone.forms().length() - 1) + data, alone.before(), alone.after());
  }

  private Alteration alterationAlone() {
    Attr a = schema.any();
    String e = a.ident();
    return switch (random.nextInt(17)) {
      case 11 -> new Alteration("[{:db/ident :d/late" + fresh++ + " :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]", a, a);
      case 12 -> chance(50) ? new Alteration("[{:db/ident " + e + " :db/noHistory false}]", a, a)
          : new Alteration("[{:db/ident " + e + " :db/index false}]", a, a.indexed(false));
      case 9, 15, 16 -> a.isRef() ? alterationAlone() : new Alteration("[{:db/ident " + e
          + " :db/index true :db/unique :db.unique/value}]", a, a.indexed(true).unique("value"));
      case 10 -> new Alteration("[[:db/retract " + e + " :db/isComponent]]", a, a.component(false));
      case 0 -> {
        String name = ":d/renamed" + fresh++;
        yield new Alteration("[[:db/add " + e + " :db/ident " + name + "]]", a, a.named(name));
      }
      case 1 -> new Alteration("[[:db/retract " + e + " :db/index true]]", a, a.indexed(false));
      case 2 -> new Alteration("[[:db/retract " + e + " :db/unique]]", a, a.unique(null));
      case 3 -> new Alteration("[[:db/add " + e + " :db/index true]]", a, a.indexed(true));
      case 4, 13, 14 -> a.isRef() ? alterationAlone() : new Alteration("[{:db/ident " + e
          + " :db/index true :db/unique :db.unique/identity}]", a, a.indexed(true).unique("identity"));
      case 5 -> new Alteration("[{:db/ident " + e + " :db/cardinality :db.cardinality/many}]", a, a.many(true));
      case 6 -> new Alteration("[{:db/ident " + e + " :db/cardinality :db.cardinality/one}]", a, a.many(false));
      case 7 -> new Alteration("[{:db/ident " + e + " :db/noHistory true}]", a, a);
      default -> new Alteration(chance(50) ? "[[:db/retract " + e + " :db/valueType]]"
          : "[{:db/ident " + e + " :db/valueType :db.type/uri}]", a, a);
    };
  }

  /**
   * An alteration.
   *
   * @param after the attribute if it is accepted
   */
  record Alteration(String forms, Attr before, Attr after) {}

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
