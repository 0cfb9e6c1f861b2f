package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Values;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A database value in memory, with sorted maps as its indexes. Changed in place by {@link #apply}. */
final class TestFacts implements FactView {
  private static final Map<IndexOrder, Comparator<Datom>> COMPARATORS = comparators();
  private static final TestFacts NEW_DATABASE = newDatabase();

  private final Map<IndexOrder, TreeMap<Datom, Datom>> indexes = new EnumMap<>(IndexOrder.class);
  private Schema schema;

  /** The facts of a new database, copied: most tests make several. */
  TestFacts() {
    this(NEW_DATABASE);
  }

  /** A copy; null for nothing. */
  TestFacts(TestFacts other) {
    for (IndexOrder order : IndexOrder.values()) {
      TreeMap<Datom, Datom> index = new TreeMap<>(byFact(order));
      if (other != null) {
        index.putAll(other.indexes.get(order));
      }
      indexes.put(order, index);
    }
    schema = other == null ? Schema.EMPTY : other.schema;
  }

  private static TestFacts newDatabase() {
    TestFacts facts = new TestFacts((TestFacts) null);
    facts.apply(Bootstrap.datoms());
    return facts;
  }

  private static Comparator<Datom> byFact(IndexOrder order) {
    return COMPARATORS.get(order);
  }

  private static Map<IndexOrder, Comparator<Datom>> comparators() {
    Comparator<Datom> e = Comparator.comparingLong(Datom::e);
    Comparator<Datom> a = Comparator.comparingLong(Datom::a);
    Comparator<Datom> v = (x, y) -> Values.compare(x.v(), y.v());
    Comparator<Datom> byValue = (x, y) -> Values.compareByValue(x.v(), y.v());
    return Map.of(IndexOrder.EAVT, e.thenComparing(a).thenComparing(v), IndexOrder.AEVT, a.thenComparing(e).thenComparing(v),
        IndexOrder.AVET, a.thenComparing(byValue).thenComparing(e).thenComparing(v), IndexOrder.VAET, v.thenComparing(a).thenComparing(e));
  }

  void apply(List<Datom> datoms) {
    Schema before = schema;
    schema = schema.with(datoms);
    if (schema != before) {
      refillAvet();
    }
    for (Datom datom : datoms) {
      for (Map.Entry<IndexOrder, TreeMap<Datom, Datom>> index : indexes.entrySet()) {
        index.getValue().remove(datom);
        if (datom.added() && belongs(index.getKey(), datom)) {
          index.getValue().put(datom, datom);
        }
      }
    }
  }

  /** An attribute may have become unique or indexed. */
  private void refillAvet() {
    TreeMap<Datom, Datom> avet = indexes.get(IndexOrder.AVET);
    for (Datom datom : all()) {
      if (belongs(IndexOrder.AVET, datom)) {
        avet.put(datom, datom);
      }
    }
  }

  private boolean belongs(IndexOrder order, Datom datom) {
    Attribute attribute = schema.attribute(datom.a());
    return switch (order) {
      case EAVT, AEVT -> true;
      case AVET -> attribute != null && attribute.isInAvet();
      case VAET -> attribute != null && attribute.isRef();
    };
  }

  @Override
  public Schema schema() {
    return schema;
  }

  /** All current facts, by entity. */
  List<Datom> all() {
    return List.copyOf(indexes.get(IndexOrder.EAVT).values());
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    List<Datom> found = new ArrayList<>();
    for (Datom datom : indexes.get(order).tailMap(first(order, components), true).values()) {
      if (!matches(order, datom, components)) {
        break;
      }
      found.add(datom);
    }
    return found;
  }

  /** A datom that sorts before all with these leading components; null sorts before every value. */
  private static Datom first(IndexOrder order, Object... components) {
    Object[] three = {null, null, null};
    System.arraycopy(components, 0, three, 0, components.length);
    return switch (order) {
      case EAVT -> datom(three[0], three[1], three[2]);
      case AEVT -> datom(three[1], three[0], three[2]);
      case AVET -> datom(three[2], three[0], three[1]);
      case VAET -> datom(three[2], three[1], three[0]);
    };
  }

  private static Datom datom(Object e, Object a, Object v) {
    return new Datom(
        e == null ? Long.MIN_VALUE : (Long) e, a == null ? Long.MIN_VALUE : (Long) a, Values.before(v), 0, true);
  }

  private static boolean matches(IndexOrder order, Datom datom, Object... components) {
    Object[] own = switch (order) {
      case EAVT -> new Object[] {datom.e(), datom.a(), datom.v()};
      case AEVT -> new Object[] {datom.a(), datom.e(), datom.v()};
      case AVET -> new Object[] {datom.a(), datom.v(), datom.e()};
      case VAET -> new Object[] {datom.v(), datom.a(), datom.e()};
    };
    for (int i = 0; i < components.length; i++) {
      if (Values.compareByValue(own[i], components[i]) != 0) {
        return false;
      }
    }
    return true;
  }
}
