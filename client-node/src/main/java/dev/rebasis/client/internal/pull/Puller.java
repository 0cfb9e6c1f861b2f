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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One evaluation of patterns on one database value. Confined.
 *
 * <p>Recursion ends at an entity that recursion has been through on the way down, in whatever pattern, and where its
 * depth is used up. There the reference is followed once more, for the ids alone, if the pattern asks for
 * ids. So Datomic has it, which knows an entity again by what named it: an entity that a lookup ref, an ident or a plain value
 * led to is another one than that which a reference leads to.
 *
 * <p>Entities can hang together in chains of any length, so the way down is a list of levels here, not calls within calls, and
 * each level costs the same however deep it is.
 */
final class Puller {
  private final DatomSource datoms;
  private final Runnable look;
  /** What named the entities that recursion went through on the way down. */
  private final Set<Object> through = new HashSet<>();
  /** The entities of which the level now at work is a component, by wildcards all the way. */
  private final Set<Object> owners = new HashSet<>();

  /** Makes one; {@code look} is called for each fact that is met, and what it throws ends the evaluation. */
  Puller(DatomSource datoms, Runnable look) {
    this.datoms = datoms;
    this.look = look;
  }

  /**
   * What the pattern finds, or null if nothing.
   *
   * @param name what named the entity
   */
  Map<Object, Object> pull(PullPattern pattern, Long e, Object name) {
    Deque<Level> way = new ArrayDeque<>();
    way.push(new Level(pattern, e, PlainValues.name(name)));
    while (true) {
      Level level = way.peek();
      Level below = level.goOn();
      if (below != null) {
        way.push(below);
        continue;
      }
      way.pop();
      level.leave();
      if (way.isEmpty()) {
        return level.found();
      }
      way.peek().field.take(level.found());
    }
  }

  /** One entity and what is found of it so far. */
  private final class Level {
    private final PullPattern pattern;
    private final Long e;
    /** What named the entity; its id mostly. */
    private final Object name;
    /** How often each recursive spec of the pattern was followed on the way down. */
    private final Map<Spec, Long> followed;
    /** Whether recursion has been through this entity already. */
    private final boolean cameBefore;
    /** What the level above is noted in while this one is at work, and as what; null for nowhere. */
    private final Set<Object> noted;
    private final Object above;
    private final Map<Object, Object> result = new LinkedHashMap<>();
    private final Iterator<Field> fields;
    private Field field;

    /** Into a pattern of its own: depths begin anew, what recursion has been through stays known. */
    Level(PullPattern pattern, Long e, Object name) {
      this(pattern, e, name, Map.of(), null, null);
    }

    Level(PullPattern pattern, Long e, Object name, Map<Spec, Long> followed, Set<Object> noted, Object above) {
      this.pattern = pattern;
      this.e = e;
      this.name = name;
      this.followed = followed;
      this.noted = noted;
      this.above = above;
      if (noted != null) {
        noted.add(above);
      }
      this.cameBefore = through.contains(name);
      if (pattern.idKey() != null) {
        result.put(pattern.idKey(), e);
      }
      List<Field> all = new ArrayList<>();
      if (pattern.wildcard() && e != null) {
        addAll(pattern, e, all);
      }
      pattern.specs().forEach(spec -> all.add(new Field(spec, datoms.schema().attribute(spec.attribute()), null)));
      this.fields = all.iterator();
    }

    /** The next level below whose result is needed, or null if everything is found. */
    Level goOn() {
      while (field != null || fields.hasNext()) {
        if (field == null) {
          field = fields.next();
          field.begin(this);
        }
        while (field.hasNext()) {
          look.run();
          Object one = one(this, field, field.next());
          if (one instanceof Level below) {
            return below;
          }
          field.take(one);
        }
        field.end(this);
        field = null;
      }
      return null;
    }

    void leave() {
      if (noted != null) {
        noted.remove(above);
      }
    }

    Map<Object, Object> found() {
      return result.isEmpty() ? null : Collections.unmodifiableMap(result);
    }

    boolean isOver(Spec spec, Recursion recursion) {
      return cameBefore || followed.getOrDefault(spec, 0L) >= recursion.depth();
    }

    /** Along a recursive spec. */
    Level along(Spec spec, Long to, Object toName) {
      Map<Spec, Long> more = new HashMap<>(followed);
      more.merge(spec, 1L, Long::sum);
      return new Level(pattern, to, toName, more, through, name);
    }
  }

  /** One attribute of a level: named by the pattern, or met by its wildcard. */
  private final class Field {
    /** Null if it was met by the wildcard. */
    private final Spec spec;
    private final Attribute attribute;
    private final List<Object> taken = new ArrayList<>();
    private Iterator<?> values;
    private long left;
    private boolean many;

    Field(Spec spec, Attribute attribute, List<Object> met) {
      this.spec = spec;
      this.attribute = attribute;
      if (met != null) {
        this.values = met.iterator();
        this.left = met.size();
        this.many = attribute.isMany();
      }
    }

    void begin(Level level) {
      if (spec == null || level.e == null || attribute == null || spec.reverse() && !attribute.isRef()) {
        return;
      }
      values = (spec.reverse()
          ? datoms.datoms(IndexOrder.VAET, level.e, attribute.id())
          : datoms.datoms(IndexOrder.EAVT, level.e, attribute.id())).iterator();
      many = spec.reverse() ? !attribute.component() : attribute.isMany();
      left = many ? spec.limit() : 1;
    }

    boolean hasNext() {
      return left > 0 && values.hasNext();
    }

    Object next() {
      left--;
      Object next = values.next();
      return next instanceof Datom datom ? spec.reverse() ? (Object) datom.e() : datom.v() : next;
    }

    void take(Object value) {
      if (value != null) {
        taken.add(value);
      }
    }

    void end(Level level) {
      if (spec == null) {
        Keyword ident = attribute.ident();
        level.result.put(level.pattern.textual() ? ident.toString() : ident, shaped());
        return;
      }
      boolean emptied = taken.isEmpty() && isEmptied(level);
      Object value = taken.isEmpty() ? null : shaped();
      if (spec.transform() != null) {
        value = spec.transform().apply(value);
      }
      if (value == null) {
        value = spec.byDefault();
      }
      if (value != null || emptied) {
        level.result.putIfAbsent(spec.key(), value);
      }
    }

    /** A reference whose own pattern finds nothing, beside a wildcard, which found it: Datomic shows nil. */
    private boolean isEmptied(Level level) {
      return values != null && (!many || spec.limit() > 0) && level.pattern.wildcard() && !spec.reverse()
          && datoms.datoms(IndexOrder.EAVT, level.e, attribute.id()).iterator().hasNext();
    }

    private Object shaped() {
      return many ? Collections.unmodifiableList(taken) : taken.get(0);
    }
  }

  // ---- all attributes

  private void addAll(PullPattern pattern, long e, List<Field> fields) {
    Attribute attribute = null;
    List<Object> values = new ArrayList<>();
    for (Datom datom : datoms.datoms(IndexOrder.EAVT, e)) {
      look.run();
      if (attribute == null || attribute.id() != datom.a()) {
        addValues(pattern, attribute, values, fields);
        attribute = datoms.schema().attribute(datom.a());
        values = new ArrayList<>();
      }
      if (values.size() < PullPattern.LIMIT_DEFAULT) {
        values.add(datom.v());
      }
    }
    addValues(pattern, attribute, values, fields);
  }

  private void addValues(PullPattern pattern, Attribute attribute, List<Object> values, List<Field> fields) {
    if (attribute != null && (pattern.textual() || !isNamed(pattern, attribute))) {
      fields.add(new Field(null, attribute, values));
    }
  }

  private boolean isNamed(PullPattern pattern, Attribute attribute) {
    for (Spec spec : pattern.specs()) {
      if (!spec.reverse() && datoms.schema().attribute(spec.attribute()) == attribute) {
        return true;
      }
    }
    return false;
  }

  // ---- one value

  /** What a value is in the result: null for nothing, or the level that finds out. */
  private Object one(Level level, Field field, Object value) {
    Spec spec = field.spec;
    Attribute attribute = field.attribute;
    if (spec == null) {
      return plain(attribute, attribute.component(), value, level.pattern.textual(), level.e);
    }
    Nested nested = spec.nested();
    if (nested == null) {
      return plain(attribute, attribute.component() && !spec.reverse(), value, spec.textual(), null);
    }
    Long target = attribute.isRef() ? (Long) value : PlainValues.entity(datoms, value);
    Object name = attribute.isRef() ? value : PlainValues.name(value);
    if (nested instanceof Sub sub) {
      return new Level(sub.pattern(), target, name);
    }
    if (level.isOver(spec, (Recursion) nested)) {
      return level.pattern.idKey() == null ? null : Collections.singletonMap(level.pattern.idKey(), target);
    }
    return level.along(spec, target, name);
  }

  /**
   * A value of which the pattern says no more: components with all that they have, other references as ids.
   *
   * @param owner the entity whose wildcard met it; null if it was named
   */
  private Object plain(Attribute attribute, boolean component, Object value, boolean textual, Long owner) {
    if (!attribute.isRef()) {
      return value;
    }
    Long target = (Long) value;
    boolean known = owner != null && (owner.equals(target) || owners.contains(target));
    if (component && !known) {
      return new Level(
          textual ? PullPattern.ALL_TEXTUAL : PullPattern.ALL, target, target, Map.of(), owner == null ? null : owners, owner);
    }
    Object key = textual ? PullPattern.DB_ID.toString() : PullPattern.DB_ID;
    return Map.of(key, target);
  }
}
