package dev.rebasis.client.internal.pull;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.pull.PullPattern.Nested;
import dev.rebasis.client.internal.pull.PullPattern.Recursion;
import dev.rebasis.client.internal.pull.PullPattern.Spec;
import dev.rebasis.client.internal.pull.PullPattern.Sub;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One evaluation of patterns on one database value. Confined.
 *
 * <p>Recursion ends at an entity that recursion has been through on the way down, in whatever pattern, and where its
 * depth is used up. There the reference is followed once more, for the ids alone, if the pattern asks for
 * ids. So Datomic has it, if the pull began with an id; from a lookup ref it does not know the first entity again.
 */
final class Puller {
  /** The entities that recursion went through on the way down, newest first. */
  private record Way(long e, Way rest) {
    static boolean contains(Way way, long e) {
      for (Way at = way; at != null; at = at.rest) {
        if (at.e == e) {
          return true;
        }
      }
      return false;
    }
  }

  /** How often each recursive spec was followed on the way down, newest first. */
  private record Depth(Spec spec, long followed, Depth rest) {
    static long of(Depth depths, Spec spec) {
      Depth at = depths;
      while (at != null && at.spec != spec) {
        at = at.rest;
      }
      return at == null ? 0 : at.followed;
    }
  }

  /**
   * Where a recursion stands.
   *
   * @param cameBefore whether recursion has been through this entity already
   */
  private record Descent(Way way, Depth depths, boolean cameBefore) {
    static final Descent BEGIN = new Descent(null, null, false);

    /** Along a recursive spec. */
    Descent along(Spec spec, long from, long to) {
      Way longer = new Way(from, way);
      return new Descent(
          longer, new Depth(spec, Depth.of(depths, spec) + 1, depths), Way.contains(longer, to));
    }

    /** Into a pattern of its own: depths begin anew, what recursion has been through stays known. */
    Descent below(long to) {
      return new Descent(way, null, Way.contains(way, to));
    }

    boolean isOver(Spec spec, Recursion recursion) {
      return cameBefore || Depth.of(depths, spec) >= recursion.depth();
    }
  }

  /** A reference whose own pattern finds nothing, beside a wildcard, which found it: Datomic shows nil. */
  private static final Object EMPTIED = new Object();

  private final DatomSource datoms;

  Puller(DatomSource datoms) {
    this.datoms = datoms;
  }

  /** What the pattern finds, or null if nothing. */
  Map<Object, Object> pull(PullPattern pattern, Long e) {
    return pull(pattern, e, Descent.BEGIN, null);
  }

  private Map<Object, Object> pull(PullPattern pattern, Long e, Descent descent, Way owners) {
    Map<Object, Object> result = new LinkedHashMap<>();
    if (pattern.idKey() != null) {
      result.put(pattern.idKey(), e);
    }
    if (pattern.wildcard() && e != null) {
      addAll(pattern, e, owners, result);
    }
    for (Spec spec : pattern.specs()) {
      add(pattern, spec, e, descent, result);
    }
    return result.isEmpty() ? null : Collections.unmodifiableMap(result);
  }

  // ---- all attributes

  private void addAll(PullPattern pattern, long e, Way owners, Map<Object, Object> result) {
    Attribute attribute = null;
    List<Object> values = new ArrayList<>();
    for (Datom datom : datoms.datoms(IndexOrder.EAVT, e)) {
      if (attribute == null || attribute.id() != datom.a()) {
        addValues(pattern, attribute, values, e, owners, result);
        attribute = datoms.schema().attribute(datom.a());
        values = new ArrayList<>();
      }
      if (values.size() < PullPattern.LIMIT_DEFAULT) {
        values.add(datom.v());
      }
    }
    addValues(pattern, attribute, values, e, owners, result);
  }

  private void addValues(
      PullPattern pattern, Attribute attribute, List<Object> values, long e, Way owners, Map<Object, Object> result) {
    if (attribute == null || !pattern.textual() && isNamed(pattern, attribute)) {
      return;
    }
    Keyword ident = attribute.ident();
    Object key = pattern.textual() ? ident.toString() : ident;
    result.put(key, shaped(attribute.isMany(), values.stream()
        .map(value -> plain(attribute, attribute.component(), value, pattern.textual(), new Way(e, owners)))
        .toList()));
  }

  private boolean isNamed(PullPattern pattern, Attribute attribute) {
    for (Spec spec : pattern.specs()) {
      if (!spec.reverse() && datoms.schema().attribute(spec.attribute()) == attribute) {
        return true;
      }
    }
    return false;
  }

  // ---- one attribute

  private void add(PullPattern pattern, Spec spec, Long e, Descent descent, Map<Object, Object> result) {
    Object value = e == null ? null : value(pattern, spec, e, descent);
    boolean emptied = value == EMPTIED;
    value = emptied ? null : value;
    if (spec.transform() != null) {
      value = spec.transform().apply(value);
    }
    if (value == null) {
      value = spec.byDefault();
    }
    if (value != null) {
      result.putIfAbsent(spec.key(), value);
    } else if (emptied) {
      result.putIfAbsent(spec.key(), null);
    }
  }

  private Object value(PullPattern pattern, Spec spec, long e, Descent descent) {
    Attribute attribute = datoms.schema().attribute(spec.attribute());
    if (attribute == null || spec.reverse() && !attribute.isRef()) {
      return null;
    }
    Iterator<Datom> found = (spec.reverse()
        ? datoms.datoms(IndexOrder.VAET, e, attribute.id())
        : datoms.datoms(IndexOrder.EAVT, e, attribute.id())).iterator();
    boolean many = spec.reverse() ? !attribute.component() : attribute.isMany();
    long limit = many ? spec.limit() : 1;
    List<Object> values = new ArrayList<>();
    for (long count = 0; count < limit && found.hasNext(); count++) {
      Datom datom = found.next();
      Object value = one(pattern, spec, attribute, e, spec.reverse() ? (Object) datom.e() : datom.v(), descent);
      if (value != null) {
        values.add(value);
      }
    }
    if (values.isEmpty()) {
      return limit > 0 && pattern.wildcard() && !spec.reverse() && hasAny(e, attribute) ? EMPTIED : null;
    }
    return shaped(many, values);
  }

  private boolean hasAny(long e, Attribute attribute) {
    return datoms.datoms(IndexOrder.EAVT, e, attribute.id()).iterator().hasNext();
  }

  private Object one(
      PullPattern pattern, Spec spec, Attribute attribute, long e, Object value, Descent descent) {
    Nested nested = spec.nested();
    if (nested == null) {
      return plain(attribute, attribute.component() && !spec.reverse(), value, spec.textual(), null);
    }
    if (!attribute.isRef()) {
      throw PullEngine.notARef(attribute);
    }
    long target = (Long) value;
    if (nested instanceof Sub sub) {
      return pull(sub.pattern(), target, descent.below(target), null);
    }
    if (descent.isOver(spec, (Recursion) nested)) {
      return pattern.idKey() == null ? null : Map.of(pattern.idKey(), target);
    }
    return pull(pattern, target, descent.along(spec, e, target), null);
  }

  private static Object shaped(boolean many, List<Object> values) {
    return many ? Collections.unmodifiableList(values) : values.get(0);
  }

  /** A value of which the pattern says no more: components with all that they have, other references as ids. */
  private Object plain(Attribute attribute, boolean component, Object value, boolean textual, Way owners) {
    if (!attribute.isRef()) {
      return value;
    }
    long target = (Long) value;
    if (component && !Way.contains(owners, target)) {
      return pull(textual ? PullPattern.ALL_TEXTUAL : PullPattern.ALL, target, Descent.BEGIN, owners);
    }
    Object key = textual ? PullPattern.DB_ID.toString() : PullPattern.DB_ID;
    return Map.of(key, target);
  }
}
