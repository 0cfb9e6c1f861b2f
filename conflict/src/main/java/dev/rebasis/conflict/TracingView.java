package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * A database value that notes what is read from it, as patterns. Confined to one decision.
 *
 * <p>The schema is not traced: every schema change makes every pending intent be decided anew.
 */
final class TracingView implements FactView {
  private final FactView view;
  private final Schema schema;
  private final Set<FootprintKey> reads;

  TracingView(FactView view) {
    this(view, view.schema(), new HashSet<>());
  }

  private TracingView(FactView view, Schema schema, Set<FootprintKey> reads) {
    this.view = view;
    this.schema = schema;
    this.reads = reads;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    reads.add(pattern(order, components));
    return view.datoms(order, components);
  }

  /** What writes are compared with; what is read there is noted here. */
  @Override
  public TracingView whole() {
    return new TracingView(view.whole(), schema, reads);
  }

  private static FootprintKey pattern(IndexOrder order, Object[] components) {
    long first = order == IndexOrder.VAET ? 0 : (Long) components[0];
    return switch (order) {
      case EAVT -> components.length == 1
          ? new FootprintKey.Entity(first) : new FootprintKey.EntityAttribute(first, (Long) components[1]);
      case AEVT -> components.length == 1
          ? new FootprintKey.AttributeOnly(first) : new FootprintKey.EntityAttribute((Long) components[1], first);
      case AVET -> components.length == 1
          ? new FootprintKey.AttributeOnly(first) : new FootprintKey.AttributeValue(first, components[1]);
      case VAET -> new FootprintKey.Reference((Long) components[0]);
    };
  }

  /** Notes that the decision depends on this pattern, without reading. */
  void note(FootprintKey key) {
    reads.add(key);
  }

  /**
   * The same value with notes of its own: for foreign code, which may still read after it was given up.
   */
  TracingView apart() {
    return new TracingView(view);
  }

  /** Takes over what another one noted. */
  void noteAll(TracingView other) {
    reads.addAll(other.reads);
  }

  /** What was read so far. */
  Set<FootprintKey> reads() {
    return reads;
  }

  /** The values of {@code (e a)}, in order. */
  List<Object> values(long e, Attribute a) {
    List<Object> values = new ArrayList<>();
    for (Datom datom : datoms(IndexOrder.EAVT, e, a.id())) {
      values.add(datom.v());
    }
    return values;
  }

  /** The value of a cardinality-one {@code (e a)}, or null. */
  Object value(long e, Attribute a) {
    Iterator<Datom> found = datoms(IndexOrder.EAVT, e, a.id()).iterator();
    return found.hasNext() ? found.next().v() : null;
  }

  /** The value that the fact has in the database if it is there (equal as Datomic compares), else null. */
  Object present(long e, Attribute a, Object v) {
    if (v instanceof Double || v instanceof Float) {
      for (Datom datom : datoms(IndexOrder.EAVT, e, a.id())) {
        if (Same.value(datom.v(), v)) {
          return datom.v();
        }
      }
      return null;
    }
    for (Datom datom : datoms(IndexOrder.EAVT, e, a.id(), v)) {
      if (Same.value(datom.v(), v)) {
        return datom.v(); // an index finds 1.0M for 1.00M too, which is another fact
      }
    }
    return null;
  }

  /** The entity that has this value of a unique attribute, a decimal in any scale; null if there is none. */
  Long holder(Attribute a, Object v) {
    Iterator<Datom> found = datoms(IndexOrder.AVET, a.id(), v).iterator();
    return found.hasNext() ? (Long) found.next().e() : null;
  }

  /** Whether the entity has any datom. */
  boolean exists(long e) {
    return datoms(IndexOrder.EAVT, e).iterator().hasNext();
  }
}
