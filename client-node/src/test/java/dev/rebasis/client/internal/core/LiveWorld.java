package dev.rebasis.client.internal.core;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random schemas, transactions and queries for {@link LiveGeneratedTest}: few entities, few values, so that everything
 * meets. Text in EDN. Confined to one test.
 */
final class LiveWorld {
  private static final int KEYS = 7;

  private enum Kind { LONG, STRING, KEYWORD, REF }

  private record Attr(String ident, Kind kind, boolean many, boolean component) {}

  /** A query with its inputs after the database. */
  record Asked(String query, List<Object> inputs) {}

  private final Random random;
  private final List<Attr> attributes = new ArrayList<>();
  /** Entities that the client made. */
  private final List<Long> made = new ArrayList<>();
  private int tempids;

  LiveWorld(Random random) {
    this.random = random;
    for (int i = 0; i < 6; i++) {
      Kind kind = i < 4 ? Kind.values()[i] : Kind.values()[random.nextInt(4)];
      attributes.add(new Attr(":a/x" + i, kind, chance(35), kind == Kind.REF && chance(30)));
    }
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /** Notes an entity that the client made. */
  void made(long localId) {
    made.add(localId);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private Attr attribute() {
    return any(attributes);
  }

  private Attr attribute(Kind kind) {
    return any(attributes.stream().filter(attribute -> attribute.kind == kind).toList());
  }

  private String key() {
    return "[:k \"k" + random.nextInt(KEYS) + "\"]";
  }

  private String value(Attr a) {
    int n = random.nextInt(4);
    return switch (a.kind) {
      case LONG -> Integer.toString(n);
      case STRING -> "\"s" + n + "\"";
      case KEYWORD -> ":v/k" + n;
      case REF -> key();
    };
  }

  // ---- transactions

  /** The schema to begin with. */
  String schema() {
    StringBuilder forms = new StringBuilder("[{:db/ident :k :db/valueType :db.type/string"
        + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}");
    for (Attr a : attributes) {
      forms.append(" {:db/ident ").append(a.ident).append(" :db/valueType :db.type/").append(a.kind.name().toLowerCase())
          .append(" :db/cardinality :db.cardinality/").append(a.many ? "many" : "one")
          .append(chance(30) ? " :db/index true" : "").append(a.component ? " :db/isComponent true" : "")
          .append(a.kind == Kind.LONG && !a.many && chance(30) ? " :rebasis/policy :rebasis.policy/counter" : "").append('}');
    }
    return forms.append(']').toString();
  }

  /** Entities with all keys, so that few lookup refs name nobody. */
  static String entities() {
    StringBuilder forms = new StringBuilder("[");
    for (int key = 0; key < KEYS; key++) {
      forms.append("{:k \"k").append(key).append("\"}");
    }
    return forms.append(']').toString();
  }

  /** One transaction, which may be refused. */
  String transaction(boolean byClient) {
    if (chance(3)) {
      return alteration();
    }
    StringBuilder forms = new StringBuilder("[");
    for (int i = random.nextInt(3); i >= 0; i--) {
      forms.append(form(byClient)).append(' ');
    }
    return forms.append(']').toString();
  }

  private String alteration() {
    Attr a = attribute();
    return switch (random.nextInt(4)) {
      case 0 -> "[{:db/id " + a.ident + " :db/index true}]";
      case 1 -> "[[:db/retract " + a.ident + " :db/index true]]";
      case 2 -> "[{:db/id " + a.ident + " :db/cardinality :db.cardinality/many}]";
      default -> "[{:db/ident :a/new" + tempids++ + " :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]";
    };
  }

  private String form(boolean byClient) {
    Attr a = attribute();
    String e = byClient && !made.isEmpty() && chance(30) ? any(made).toString() : key();
    return switch (random.nextInt(10)) {
      case 0, 1 -> "{:k \"k" + random.nextInt(KEYS) + "\" " + a.ident + " " + value(a) + "}";
      case 2 -> "{:db/id \"new\" :k \"k" + random.nextInt(KEYS) + "\" " + a.ident + " " + value(a) + "}"
          + " [:db/add " + key() + " " + attribute(Kind.REF).ident + " \"new\"]";
      case 3 -> "{:db/id \"other\" " + a.ident + " " + value(a) + "}";
      case 4 -> "[:db/retract " + e + " " + a.ident + (chance(50) ? "" : " " + value(a)) + "]";
      case 5 -> chance(50) ? "[:db/retractEntity " + e + "]" : "[:db/add " + e + " " + a.ident + " " + value(a) + "]";
      case 6 -> "[:db/add " + e + " :k \"k" + random.nextInt(KEYS) + "\"]";
      case 7 -> a.many || a.kind == Kind.REF ? "[:db/add " + e + " " + a.ident + " " + value(a) + "]"
          : "[:db/cas " + e + " " + a.ident + " " + (chance(50) ? "nil" : value(a)) + " " + value(a) + "]";
      default -> "[:db/add " + e + " " + a.ident + " " + value(a) + "]";
    };
  }

  // ---- queries

  /** One query, whose answer is one and the same in whatever order the rows come. */
  Asked query() {
    List<String> in = new ArrayList<>();
    List<Object> inputs = new ArrayList<>();
    List<String> where = new ArrayList<>();
    Attr first = attribute();
    String entity = "?e";
    if (chance(35)) {
      in.add(chance(70) ? "?e" : "[?e ...]");
      Object named = made.isEmpty() || chance(40) ? List.of(Keyword.of(":k"), "k" + random.nextInt(KEYS))
          : EntityId.of(any(made));
      inputs.add(in.get(0).equals("?e") ? named : chance(50) ? List.of(named) : new Object[] {named});
    } else if (chance(15)) {
      where.add("[(ground " + key() + ") ?e]");
    } else if (chance(10)) {
      where.add("[(tuple :k \"k" + random.nextInt(KEYS) + "\") ?e]");
    }
    where.add("[" + entity + " " + first.ident + " " + (chance(25) ? value(first) : "?v") + "]");
    boolean bound = where.get(where.size() - 1).endsWith("?v]");
    for (int i = random.nextInt(3); i > 0; i--) {
      where.add(clause(i, in, inputs));
    }
    String value = bound ? "?v" : "?e";
    String find = switch (random.nextInt(7)) {
      case 0 -> "(count " + value + ") .";
      case 1 -> "[(min " + value + ") (max " + value + ") (count ?e)]";
      case 2 -> "[" + value + " ...]";
      case 3 -> "?e (count " + value + ")";
      case 4 -> "(pull ?e " + pull() + ")";
      default -> bound ? "?e ?v" : "?e";
    };
    if (find.startsWith("[(min") && (!bound || first.kind == Kind.KEYWORD)) {
      find = "(count ?e) .";
    }
    return new Asked("[:find " + find + " :in $ " + String.join(" ", in) + " :where " + String.join(" ", where) + "]",
        inputs);
  }

  private String pull() {
    Attr a = attribute();
    Attr ref = attribute(Kind.REF);
    return switch (random.nextInt(4)) {
      case 0 -> "[:k (" + a.ident + " :default \"not known\")]";
      case 1 -> "[:db/id {" + ref.ident + " [:k " + a.ident + "]}]";
      case 2 -> "[(" + a.ident + " :as \"A name\") :a/_" + ref.ident.substring(3) + "]";
      default -> "[*]";
    };
  }

  private String clause(int n, List<String> in, List<Object> inputs) {
    Attr a = attribute();
    Attr b = attribute();
    Attr ref = attribute(Kind.REF);
    return switch (random.nextInt(10)) {
      case 0 -> "(not [?e " + a.ident + " " + (chance(50) ? "_" : value(a)) + "])";
      case 1 -> "(or [?e " + a.ident + " " + value(a) + "] [?e " + b.ident + " " + value(b) + "])";
      case 2 -> a.many ? "[?e " + a.ident + "]"
          : "[(get-else $ " + (chance(50) ? "?e" : key()) + " " + a.ident + " 0) ?g" + n + "]";
      case 3 -> "[(missing? $ " + (chance(50) ? "?e" : key()) + " " + a.ident + ")]";
      case 4 -> "[?e " + ref.ident + " ?r" + n + "] [?r" + n + " " + a.ident + " ?w" + n + "]";
      case 5 -> "[?r" + n + " " + ref.ident + " ?e] [?r" + n + " " + a.ident + "]";
      case 6 -> "[?e ?any" + n + " " + (chance(50) ? "_" : "\"s1\"") + "]";
      case 7 -> "[" + key() + " " + a.ident + " ?w" + n + "]";
      case 8 -> {
        if (in.contains("%")) {
          yield "[?e " + a.ident + "]";
        }
        in.add("%");
        inputs.add("[[(near ?x ?y) [?x " + ref.ident + " ?y]] [(near ?x ?y) [?x " + ref.ident + " ?z] (near ?z ?y)]]");
        yield "(near " + (chance(50) ? "?e" : key()) + " ?w" + n + ")";
      }
      default -> "[?e " + a.ident + " " + (chance(50) ? value(a) : "?w" + n) + "]";
    };
  }
}
