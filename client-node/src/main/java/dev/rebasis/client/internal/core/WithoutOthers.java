package dev.rebasis.client.internal.core;

import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Unique;
import dev.rebasis.data.Values;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A view with what others changed after a base taken back: each place that they changed has the values of the base, every other one
 * those of now. So the client's own transactions since stand in it as they were decided. The schema is that of now. Costs what is
 * asked for and the history of what others changed there. Confined to one decision.
 */
final class WithoutOthers implements FactView {
  private final FactView now;
  private final RemoteChanges remote;

  WithoutOthers(FactView now, RemoteChanges remote) {
    this.now = now;
    this.remote = remote;
  }

  @Override
  public Schema schema() {
    return now.schema();
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    List<Datom> found = new ArrayList<>();
    switch (order) {
      case EAVT -> {
        long e = (Long) components[0];
        for (long a : components.length > 1 ? Set.of((Long) components[1]) : attributesOf(e)) {
          add(found, e, a, components.length > 2 ? components[2] : null);
        }
      }
      case AEVT -> {
        long a = (Long) components[0];
        for (long e : components.length > 1 ? Set.of((Long) components[1]) : entitiesWith(a)) {
          add(found, e, a, components.length > 2 ? components[2] : null);
        }
      }
      case AVET -> {
        long a = (Long) components[0];
        Object v = components.length > 1 ? components[1] : null;
        for (long e : components.length > 2 ? Set.of((Long) components[2]) : holders(a, v)) {
          add(found, e, a, v);
        }
      }
      case VAET -> {
        for (long a : components.length > 1 ? Set.of((Long) components[1]) : references()) {
          for (long e : components.length > 2 ? Set.of((Long) components[2]) : holders(a, components[0])) {
            add(found, e, a, components[0]);
          }
        }
      }
      default -> throw new IllegalArgumentException("no such order: " + order);
    }
    found.sort(DatomOrder.of(order));
    return found;
  }

  private Set<Long> attributesOf(long e) {
    Set<Long> attributes = new LinkedHashSet<>();
    now.datoms(IndexOrder.EAVT, e).forEach(datom -> attributes.add(datom.a()));
    if (!EntityIds.isLocal(e)) {
      remote.of(e).forEach(datom -> attributes.add(datom.a()));
    }
    return attributes;
  }

  private Set<Long> entitiesWith(long a) {
    Set<Long> entities = new TreeSet<>(remote.changedOn(a));
    now.datoms(IndexOrder.AEVT, a).forEach(datom -> entities.add(datom.e()));
    return entities;
  }

  /** Those that may have the value, any if it is null. */
  private Set<Long> holders(long a, Object v) {
    if (v == null) {
      return entitiesWith(a);
    }
    Attribute attribute = schema().attribute(a);
    Set<Long> holders = new TreeSet<>(remote.changedOn(a));
    Iterable<Datom> having = attribute != null && attribute.isRef()
        ? now.datoms(IndexOrder.VAET, v, a) : now.datoms(IndexOrder.AVET, a, v);
    having.forEach(datom -> holders.add(datom.e()));
    return holders;
  }

  private Set<Long> references() {
    Set<Long> references = new LinkedHashSet<>();
    schema().attributes().forEach(attribute -> {
      if (attribute.isRef()) {
        references.add(attribute.id());
      }
    });
    return references;
  }

  /** The values of a place, or one of them. */
  private void add(List<Datom> found, long e, long a, Object only) {
    // Asked for in any case: whether the base counts depends on what this client's own transactions write there.
    Iterable<Datom> standing = now.datoms(IndexOrder.EAVT, e, a);
    List<Datom> changes = EntityIds.isLocal(e) ? List.of() : remote.of(e, a);
    if (changes.isEmpty()) {
      standing.forEach(datom -> {
        if (only == null || Values.compareByValue(datom.v(), only) == 0) {
          found.add(datom);
        }
      });
      return;
    }
    // Of cardinality many, the base has the values that others did not touch as well.
    for (Object v : remote.baseValues(e, a)) {
      if ((only == null || Values.compareByValue(v, only) == 0) && !isTaken(e, a, v)) {
        found.add(new Datom(e, a, v, changes.get(0).tx(), true));
      }
    }
  }

  /** Whether a unique value that others took from an entity is by now another one's, by this client's own doing. */
  private boolean isTaken(long e, long a, Object v) {
    Attribute attribute = schema().attribute(a);
    if (attribute == null || attribute.unique() == Unique.NONE) {
      return false;
    }
    for (Datom holder : now.datoms(IndexOrder.AVET, a, v)) {
      if (holder.e() != e && (EntityIds.isLocal(holder.e()) || remote.of(holder.e(), a).isEmpty())) {
        return true;
      }
    }
    return false;
  }
}
