package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** One entity as base, local and remote have it, for policies that look beyond their attribute. Reads lazily. */
final class EntitySides implements Meeting.Sides {
  private final long e;
  private final List<Op> ops;
  private final TracingView view;
  private final RemoteChanges changes;
  private final SeenValues seen;

  EntitySides(long e, List<Op> ops, TracingView view, RemoteChanges changes, SeenValues seen) {
    this.e = e;
    this.ops = ops;
    this.view = view;
    this.changes = changes;
    this.seen = seen;
  }

  @Override
  public SortedSet<Keyword> attributes() {
    Set<Long> ids = new HashSet<>();
    view.datoms(IndexOrder.EAVT, e).forEach(datom -> ids.add(datom.a()));
    if (e >= 0) {
      changes.of(e).forEach(datom -> ids.add(datom.a()));
    }
    for (Op op : ops) {
      if (op.e() == e && op instanceof Op.Add add) {
        ids.add(add.a().id());
      } else if (op.e() == e && op instanceof Op.Cas cas) {
        ids.add(cas.a().id());
      }
    }
    SortedSet<Keyword> attributes = new TreeSet<>();
    for (long id : ids) {
      Keyword ident = view.schema().attribute(id).ident();
      // Others may have added a value after the base and retracted it again: then no side has one.
      if (!(base(ident).isEmpty() && local(ident).isEmpty() && remote(ident).isEmpty())) {
        attributes.add(ident);
      }
    }
    return attributes;
  }

  @Override
  public List<Object> remote(Keyword attribute) {
    Attribute a = view.schema().attribute(attribute);
    return a == null ? List.of() : view.values(e, a);
  }

  @Override
  public List<Object> base(Keyword attribute) {
    Attribute a = view.schema().attribute(attribute);
    if (a == null) {
      return List.of();
    }
    List<Object> before = seen.of(e, a);
    if (before != null) {
      return before;
    }
    return changes.of(e, a.id()).isEmpty() ? view.values(e, a) : changes.baseValues(e, a.id());
  }

  @Override
  public List<Object> local(Keyword attribute) {
    Attribute a = view.schema().attribute(attribute);
    if (a == null) {
      return List.of();
    }
    Set<Object> values = new LinkedHashSet<>(base(attribute));
    for (Op op : ops) {
      if (op.e() == e) {
        apply(op, a, values);
      }
    }
    return new ArrayList<>(values);
  }

  private static void apply(Op op, Attribute a, Set<Object> values) {
    if (op instanceof Op.Add add && add.a().id() == a.id()) {
      assertValue(add.v(), a, values);
    } else if (op instanceof Op.Cas cas && cas.a().id() == a.id()) {
      assertValue(cas.v(), a, values);
    } else if (op instanceof Op.Retract retract && retract.a().id() == a.id()) {
      values.remove(retract.v());
    } else if (op instanceof Op.RetractAll all && all.a().id() == a.id() || op instanceof Op.RetractEntity) {
      values.clear();
    }
  }

  private static void assertValue(Object v, Attribute a, Set<Object> values) {
    if (!a.isMany()) {
      values.clear();
    }
    values.add(v);
  }
}
