package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Values;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Current datoms in sorted arrays: the plainest source there is. Estimates are exact. Immutable. */
final class ListDatomSource implements DatomSource {
  private final Schema schema;
  private final Map<IndexOrder, Datom[]> indexes = new EnumMap<>(IndexOrder.class);
  private final boolean eachFactOnce;

  ListDatomSource(Collection<Datom> datoms) {
    this(Schema.EMPTY.with(datoms), datoms);
  }

  ListDatomSource(Schema schema, Collection<Datom> datoms) {
    this.schema = schema;
    for (IndexOrder order : IndexOrder.values()) {
      Datom[] sorted = datoms.stream().filter(d -> isIn(order, d)).toArray(Datom[]::new);
      Arrays.sort(sorted, DatomOrder.of(order));
      indexes.put(order, sorted);
    }
    this.eachFactOnce = hasEachFactOnce(indexes.get(IndexOrder.EAVT));
  }

  private boolean isIn(IndexOrder order, Datom datom) {
    Attribute attribute = schema.attribute(datom.a());
    return switch (order) {
      case EAVT, AEVT -> true;
      case AVET -> attribute != null && attribute.isInAvet();
      case VAET -> attribute != null && attribute.isRef();
    };
  }

  private static boolean hasEachFactOnce(Datom[] eavt) {
    for (int i = 1; i < eavt.length; i++) {
      if (FactOrder.of(IndexOrder.EAVT).compare(eavt[i - 1], eavt[i]) == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean hasEachFactOnce() {
    return eachFactOnce;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    Datom[] index = indexes.get(order);
    return slice(index, position(index, order, components, 0), position(index, order, components, 1));
  }

  @Override
  public Iterable<Datom> seek(IndexOrder order, Object... components) {
    Datom[] index = indexes.get(order);
    return slice(index, position(index, order, components, 0), index.length);
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    Datom[] index = indexes.get(order);
    return position(index, order, components, 1) - position(index, order, components, 0);
  }

  private static List<Datom> slice(Datom[] index, int from, int to) {
    return Arrays.asList(index).subList(from, to);
  }

  /** The first position whose prefix is not less than (or, with {@code above} 1, greater than) the components. */
  private static int position(Datom[] index, IndexOrder order, Object[] components, int above) {
    int low = 0;
    int high = index.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(index[middle], order, components) < above) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int compare(Datom datom, IndexOrder order, Object[] components) {
    for (int i = 0; i < components.length; i++) {
      int c = Values.compareByValue(component(datom, order, i), components[i]);
      if (c != 0) {
        return c;
      }
    }
    return 0;
  }

  private static Object component(Datom d, IndexOrder order, int i) {
    if (i == 3) {
      return d.tx();
    }
    return switch (order) {
      case EAVT -> i == 0 ? (Object) d.e() : i == 1 ? (Object) d.a() : d.v();
      case AEVT -> i == 0 ? (Object) d.a() : i == 1 ? (Object) d.e() : d.v();
      case AVET -> i == 0 ? (Object) d.a() : i == 1 ? d.v() : (Object) d.e();
      case VAET -> i == 0 ? d.v() : i == 1 ? (Object) d.a() : (Object) d.e();
    };
  }
}
