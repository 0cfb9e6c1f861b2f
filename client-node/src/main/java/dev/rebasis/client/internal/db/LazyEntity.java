package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** An entity that reads each attribute when it is asked for. Immutable; threads may share it. */
final class LazyEntity implements Entity {
  private static final Keyword DB_ID = Keyword.of(":db/id");
  /** Components further down are shown by their ids: a text of all of them would be of no use. */
  private static final int LEVELS_SHOWN = 100;

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

  /** One that is met anew, and by what: components can form a circle, and two entities can have the same one. */
  private record Met(Reference by, Map<Keyword, Object> all) {}

  private record Reference(Long owner, Keyword name, long component) {}

  /** Reads all, of the components too; those can hang together in a chain of any length, so this calls itself for none. */
  @Override
  public Entity touch() {
    if (touched != null) {
      return this;
    }
    Map<Long, Met> met = new LinkedHashMap<>();
    Deque<Reference> left = new ArrayDeque<>();
    left.add(new Reference(null, null, id));
    while (!left.isEmpty()) {
      Reference next = left.poll();
      if (!met.containsKey(next.component)) {
        Map<Keyword, Object> all = new LazyEntity(database, next.component).all();
        met.put(next.component, new Met(next, all));
        all.forEach((name, value) -> components(name, value).forEach(one -> left.add(new Reference(next.component, name, one.id))));
      }
    }
    return touched(met);
  }

  private Map<Keyword, Object> all() {
    Map<Keyword, Object> all = new LinkedHashMap<>();
    keySet().forEach(name -> all.put(name, get(name)));
    return all;
  }

  private List<LazyEntity> components(Keyword name, Object value) {
    if (!database.schema().attribute(name).component()) {
      return List.of();
    }
    Collection<?> values = value instanceof Set<?> several ? several : List.of(value);
    return values.stream().filter(LazyEntity.class::isInstance).map(LazyEntity.class::cast).toList();
  }

  /** The first one that was met, with all: what was met last is made first, since it hangs below the others. */
  private LazyEntity touched(Map<Long, Met> met) {
    Map<Reference, LazyEntity> made = new HashMap<>();
    List<Map.Entry<Long, Met>> all = new ArrayList<>(met.entrySet());
    Collections.reverse(all);
    LazyEntity one = this;
    for (Map.Entry<Long, Met> entry : all) {
      Long owner = entry.getKey();
      Map<Keyword, Object> values = entry.getValue().all();
      values.replaceAll((name, value) -> value instanceof Set<?> several
          ? several.stream().map(each -> touched(made, owner, name, each)).collect(Collectors.collectingAndThen(
              Collectors.toCollection(LinkedHashSet::new), Collections::unmodifiableSet))
          : touched(made, owner, name, value));
      one = new LazyEntity(database, owner, Collections.unmodifiableMap(values));
      made.put(entry.getValue().by(), one);
    }
    return one;
  }

  private static Object touched(Map<Reference, LazyEntity> made, Long owner, Keyword name, Object value) {
    return value instanceof LazyEntity entity
        ? made.getOrDefault(new Reference(owner, name, entity.id), entity) : value;
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

  /** For example {@code {:db/id 17592186045418}}; with all attributes if they were read, of components of components too. */
  @Override
  public String toString() {
    return shown(this, 0);
  }

  private static String shown(Object value, int levels) {
    if (value instanceof Set<?> several) {
      return several.stream().map(one -> shown(one, levels)).collect(Collectors.joining(" ", "#{", "}"));
    }
    if (!(value instanceof LazyEntity entity)) {
      return value instanceof Entity ? value.toString() : Edn.write(value);
    }
    StringBuilder text = new StringBuilder("{:db/id ").append(entity.id);
    if (entity.touched != null && levels < LEVELS_SHOWN) {
      entity.touched.forEach((name, one) -> text.append(", ").append(name).append(' ').append(shown(one, levels + 1)));
    }
    return text.append('}').toString();
  }
}
