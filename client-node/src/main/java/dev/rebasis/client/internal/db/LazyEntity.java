package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** An entity that reads each attribute when it is asked for. Immutable; threads may share it. */
final class LazyEntity implements Entity {
  private static final Keyword DB_ID = Keyword.of(":db/id");

  private final DatabaseValue database;
  private final long id;

  LazyEntity(DatabaseValue database, long id) {
    this.database = database;
    this.id = id;
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
  public Set<Keyword> keySet() {
    Set<Keyword> names = new LinkedHashSet<>();
    for (Datom datom : database.datoms(IndexOrder.EAVT, id)) {
      Keyword ident = database.schema().ident(datom.a());
      if (ident != null) {
        names.add(ident);
      }
    }
    return Collections.unmodifiableSet(names);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LazyEntity entity && entity.id == id && entity.database == database;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  /** For example {@code {:db/id 17592186045418}}. */
  @Override
  public String toString() {
    return "{:db/id " + id + "}";
  }
}
