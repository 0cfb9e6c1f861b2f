package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Adds inputs of every shape to a random query: values, collections, tuples, relations and plain data as a source. Confined. */
final class Inputs {
  /** Of these types few attributes are. */
  private static final List<Kind> RARE = List.of(Kind.BIG, Kind.INSTANT, Kind.SYMBOL, Kind.UUID);

  private final Queries query;
  private final Random random;

  Inputs(Queries query, Random random) {
    this.query = query;
    this.random = random;
  }

  void add() {
    Kind kind = anyKind();
    switch (random.nextInt(9)) {
      case 0, 1 -> query.addInput(query.fresh(kind), value(kind, true));
      case 2, 3 -> addCollection(kind);
      case 4, 5 -> {
        Kind other = anyKind();
        query.addInput("[" + query.fresh(kind) + " " + query.fresh(other) + "]",
            "[" + value(kind, true) + " " + value(other, true) + "]");
      }
      case 6 -> addOfAttribute();
      default -> addRelation(kind);
    }
  }

  // Lookup refs only where there is one row: in a hash join Datomic compares them as they are.
  private String value(Kind kind, boolean single) {
    if (kind != Kind.ENTITY) {
      return kind.value(random.nextInt(6));
    }
    int how = random.nextInt(10);
    return !single || how < 6 ? query.entity() : "[:d/key \"k" + random.nextInt(how == 9 ? 60 : 8) + "\"]";
  }

  private Kind anyKind() {
    Kind kind = query.chance(40) ? Kind.ENTITY : query.chance(20) ? query.any(RARE) : query.attribute().kind();
    return kind == Kind.TUPLE || kind == Kind.BYTES ? Kind.LONG : kind;
  }

  private void addCollection(Kind kind) {
    Set<String> values = new LinkedHashSet<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      values.add(value(kind, false));
    }
    String all = String.join(" ", values);
    query.addInput("[" + query.fresh(kind) + " ...]", query.chance(25) ? "#{" + all + "}" : "[" + all + " " + values.iterator().next() + "]");
  }

  /** A tuple, of an attribute that has such values. Bytes as an input meet nothing in Datomic, see docs/differences.md. */
  private void addOfAttribute() {
    List<Attr> attributes = query.attributes().stream()
        .filter(a -> a.kind() == Kind.TUPLE && !a.isOrderedByIds()).toList();
    if (attributes.isEmpty()) {
      return;
    }
    Attr attribute = query.any(attributes);
    String variable = query.untyped();
    String value = attribute.value(random);
    if (query.chance(60)) {
      query.addInput(variable, value);
    } else {
      query.addInput("[" + variable + " ...]", "[" + value + " " + attribute.value(random) + "]");
    }
    query.addClause("[" + query.fresh(Kind.ENTITY) + " " + attribute.ident() + " " + variable + "]");
  }

  private void addRelation(Kind kind) {
    Kind other = anyKind();
    Map<String, String> rows = new LinkedHashMap<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      rows.put(value(kind, false), value(other, false));
    }
    StringBuilder text = new StringBuilder();
    // A map is a relation of its entries.
    boolean map = query.chance(20);
    rows.forEach((first, second) -> text.append(map ? first + " " + second + " " : "[" + first + " " + second + "] "));
    String value = map ? "{" + text + "}" : "[" + text + "]";
    if (query.chance(50)) {
      query.addInput("[[" + query.fresh(kind) + " " + query.fresh(other) + "]]", value);
    } else {
      // As a data source: its rows join on values as they are, so entities would meet as ids and lookup refs.
      String source = query.source();
      query.addInput(source, value);
      String known = query.known(kind);
      String first = kind == Kind.ENTITY ? "_" : query.chance(50) && known != null ? known : query.fresh(kind);
      String second = other == Kind.ENTITY ? "_" : query.fresh(other);
      query.addClause("[" + source + " " + first + " " + second + "]");
    }
  }
}
