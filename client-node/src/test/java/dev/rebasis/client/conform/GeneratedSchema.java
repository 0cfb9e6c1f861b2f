package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random schema: some attributes that every schema has, since the rules of the queries are about them, but each time
 * with another index, uniqueness and cardinality; and a choice of others, of every type. Confined; it changes as
 * transactions alter it.
 */
final class GeneratedSchema {
  static final String KEY = ":d/key";

  /** What a tuple may consist of, beside references. */
  private static final List<Kind> ELEMENTS = List.of(Kind.KEYWORD, Kind.LONG, Kind.STRING, Kind.DOUBLE, Kind.INSTANT, Kind.UUID,
      Kind.BOOLEAN, Kind.BIG, Kind.DECIMAL, Kind.SYMBOL, Kind.URI);

  private final Random random;
  private final List<Attr> attributes = new ArrayList<>();
  private final List<Attr> composites = new ArrayList<>();

  GeneratedSchema(Random random) {
    this.random = random;
    attributes.add(new Attr(":d/s", Kind.STRING, false, chance(30), null));
    attributes.add(new Attr(":d/si", Kind.STRING, false, true, unique(25)));
    attributes.add(new Attr(":d/l", Kind.LONG, false, chance(30), null));
    attributes.add(new Attr(":d/li", Kind.LONG, false, true, unique(15)));
    attributes.add(new Attr(":d/lm", Kind.LONG, true, chance(50), null));
    attributes.add(new Attr(":d/sm", Kind.STRING, chance(70), true, unique(15)));
    attributes.add(new Attr(":d/i", Kind.INSTANT, chance(20), chance(60), null));
    attributes.add(new Attr(":d/k", Kind.KEYWORD, chance(20), chance(30), null));
    attributes.add(new Attr(":d/b", Kind.BOOLEAN, false, chance(20), null));
    attributes.add(new Attr(":d/f", Kind.DOUBLE, chance(20), chance(40), null));
    attributes.add(new Attr(":d/g", Kind.BIG, chance(20), chance(60), null));
    attributes.add(new Attr(":d/r", Kind.ENTITY, false, chance(20), null));
    attributes.add(new Attr(":d/rm", Kind.ENTITY, true, chance(20), null));
    for (Kind kind : List.of(Kind.DECIMAL, Kind.FLOAT, Kind.UUID, Kind.URI, Kind.SYMBOL, Kind.BYTES)) {
      if (chance(50)) {
        boolean bytes = kind == Kind.BYTES;
        attributes.add(new Attr(":d/x" + kind.name().toLowerCase(java.util.Locale.ROOT), kind, !bytes && chance(30),
            !bytes && chance(50), bytes ? null : unique(20)));
      }
    }
    if (chance(70)) {
      attributes.add(new Attr(":d/c", Kind.ENTITY, false, false, null).component(true));
      attributes.add(new Attr(":d/cm", Kind.ENTITY, true, chance(20), null).component(true));
    }
    if (chance(30)) {
      attributes.add(new Attr(":d/owner", Kind.ENTITY, false, false, chance(50) ? "identity" : "value"));
    }
    addTuples();
  }

  private void addTuples() {
    if (chance(50)) {
      attributes.add(new Attr(":d/pair", Kind.TUPLE, chance(40), chance(40), unique(20), false,
          List.of(Kind.LONG, Kind.STRING), List.of()));
    }
    if (chance(40)) {
      attributes.add(new Attr(":d/path", Kind.TUPLE, chance(40), chance(40), unique(20), false,
          List.of(any(ELEMENTS)), List.of()));
    }
    if (chance(40)) {
      attributes.add(new Attr(":d/made", Kind.TUPLE, chance(60), chance(60), null, false,
          List.of(Kind.LONG, Kind.ENTITY), List.of()));
    }
    if (chance(50)) {
      composites.add(new Attr(":d/l+s", Kind.TUPLE, false, chance(40), unique(40), false,
          List.of(Kind.LONG, Kind.STRING), List.of(":d/l", ":d/s")));
    }
    if (chance(30)) {
      composites.add(new Attr(":d/b+li+l", Kind.TUPLE, false, chance(40), unique(30), false,
          List.of(Kind.BOOLEAN, Kind.LONG, Kind.LONG), List.of(":d/b", ":d/li", ":d/l")));
    }
    if (chance(50)) {
      composites.add(new Attr(":d/r+l", Kind.TUPLE, false, chance(40), unique(60), false,
          List.of(Kind.ENTITY, Kind.LONG), List.of(":d/r", ":d/l")));
    }
  }

  /** The transactions that install it; composite tuples come after their parts. */
  List<String> transactions() {
    StringBuilder first = new StringBuilder("[")
        .append(new Attr(KEY, Kind.STRING, false, false, "identity").form());
    attributes.forEach(a -> first.append(' ').append(a.form()));
    List<String> all = new ArrayList<>();
    all.add(first.append(" {:db/ident :i/x0} {:db/ident :i/x1} {:db/ident :i/x2}]").toString());
    if (!composites.isEmpty()) {
      StringBuilder second = new StringBuilder("[");
      composites.forEach(a -> second.append(' ').append(a.form()));
      all.add(second.append("]").toString());
    }
    return all;
  }

  /** Those whose values transactions give: composite tuples are derived. */
  List<Attr> attributes() {
    return attributes;
  }

  /** Those and the composite tuples. */
  List<Attr> all() {
    List<Attr> all = new ArrayList<>(attributes);
    all.addAll(composites);
    return all;
  }

  Attr any() {
    return any(attributes);
  }

  Attr anyRef() {
    return any(attributes.stream().filter(Attr::isRef).toList());
  }

  void replace(Attr before, Attr after) {
    attributes.set(attributes.indexOf(before), after);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private String unique(int percent) {
    return chance(percent) ? chance(50) ? "identity" : "value" : null;
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
