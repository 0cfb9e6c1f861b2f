package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** An entity that reads each attribute when it is asked for. Immutable; threads may share it. */
final class LazyEntity implements Entity {
  private static final Keyword DB_ID = Keyword.of(":db/id");

  private final AbstractDatabase database;
  private final long id;
  /** All attributes if they were read, else null. */
  private final Map<Keyword, Object> touched;

  LazyEntity(AbstractDatabase database, long id) {
    this(database, id, null);
  }

  private LazyEntity(AbstractDatabase database, long id, Map<Keyword, Object> touched) {
    this.database = database;
    this.id = id;
    this.touched = touched;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Database database() {
    return database;
  }

  @Override
  public Object get(Object attributeName) {
    Keyword name = attributeName instanceof Keyword keyword ? keyword : Keyword.of(attributeName.toString());
    if (name == DB_ID) {
      return id;
    }
    if (touched != null && touched.containsKey(name)) {
      return touched.get(name);
    }
    boolean backwards = name.name().startsWith("_") && name.name().length() > 1;
    Attribute attribute = database.schema().attribute(backwards ? forwards(name) : name);
    if (attribute == null) {
      return null;
    }
    return backwards ? referrers(attribute) : values(attribute);
  }

  private static Keyword forwards(Keyword backwards) {
    String name = backwards.name().substring(1);
    return Keyword.of(backwards.namespace() == null ? name : backwards.namespace() + "/" + name);
  }

  private Object values(Attribute attribute) {
    Iterator<Datom> datoms = database.datoms(IndexOrder.EAVT, id, attribute.id()).iterator();
    if (!datoms.hasNext()) {
      return null;
    }
    if (!attribute.isMany()) {
      return value(attribute, datoms.next().v());
    }
    Set<Object> values = new LinkedHashSet<>();
    datoms.forEachRemaining(datom -> values.add(value(attribute, datom.v())));
    return Collections.unmodifiableSet(values);
  }

  private Object value(Attribute attribute, Object value) {
    if (!attribute.isRef()) {
      return value;
    }
    long target = (Long) value;
    Keyword ident = database.schema().ident(target);
    return ident == null ? new LazyEntity(database, target) : ident;
  }

  private Object referrers(Attribute attribute) {
    if (!attribute.isRef()) {
      return null;
    }
    Iterator<Datom> datoms = database.datoms(IndexOrder.VAET, id, attribute.id()).iterator();
    if (!datoms.hasNext()) {
      return null;
    }
    if (attribute.component()) {
      return new LazyEntity(database, datoms.next().e());
    }
    Set<Object> entities = new LinkedHashSet<>();
    datoms.forEachRemaining(datom -> entities.add(new LazyEntity(database, datom.e())));
    return Collections.unmodifiableSet(entities);
  }

  @Override
  public Entity touch() {
    return touched == null ? touch(new HashSet<>()) : this;
  }

  /** Reads all; an entity that is being touched already is not touched again, since components can form a circle. */
  private LazyEntity touch(Set<Long> begun) {
    if (!begun.add(id)) {
      return this;
    }
    Map<Keyword, Object> all = new LinkedHashMap<>();
    for (Keyword name : keySet()) {
      Object value = get(name);
      all.put(name, database.schema().attribute(name).component() ? touchedComponents(value, begun) : value);
    }
    return new LazyEntity(database, id, Collections.unmodifiableMap(all));
  }

  private static Object touchedComponents(Object value, Set<Long> begun) {
    if (value instanceof Set<?> several) {
      Set<Object> all = new LinkedHashSet<>();
      several.forEach(one -> all.add(touchedComponents(one, begun)));
      return Collections.unmodifiableSet(all);
    }
    return value instanceof LazyEntity entity ? entity.touch(begun) : value;
  }

  @Override
  public Set<Keyword> keySet() {
    if (touched != null) {
      return touched.keySet();
    }
    Set<Keyword> names = new LinkedHashSet<>();
    for (Datom datom : database.datoms(IndexOrder.EAVT, id)) {
      Attribute attribute = database.schema().attribute(datom.a());
      if (attribute != null) {
        names.add(attribute.ident());
      }
    }
    return Collections.unmodifiableSet(names);
  }

  /** As in Datomic the moment does not matter: all values of one client share their queries, and no others do. */
  @Override
  public boolean equals(Object other) {
    return other instanceof LazyEntity entity && entity.id == id && entity.database.queries() == database.queries();
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  /** For example {@code {:db/id 17592186045418}}; with all attributes if they were read. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{:db/id ").append(id);
    if (touched != null) {
      touched.forEach((name, value) -> text.append(", ").append(name).append(' ').append(shown(value)));
    }
    return text.append('}').toString();
  }

  private static String shown(Object value) {
    if (value instanceof Set<?> several) {
      return several.stream().map(LazyEntity::shown).collect(Collectors.joining(" ", "#{", "}"));
    }
    return value instanceof Entity ? value.toString() : Edn.write(value);
  }
}
