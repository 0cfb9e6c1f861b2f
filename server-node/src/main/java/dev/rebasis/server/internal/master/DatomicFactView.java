package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.FactView;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.Iterator;
import java.util.List;

/** A Datomic database value as the deciding code reads it. Immutable; callers may share it. */
public final class DatomicFactView implements FactView {
  private final Database database;
  private final Schema schema;

  /**
   * Wraps a database value.
   *
   * @param database a current, an as-of or a history value
   * @param schema the schema of exactly this value
   */
  DatomicFactView(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    if (namesNothing(order, components)) {
      return List.of();
    }
    Object[] translated = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      translated[i] = DatomicValues.toDatomic(components[i]);
    }
    Iterable<datomic.Datom> datoms = database.datoms(index(order), translated);
    return () -> new Translating(datoms.iterator());
  }

  /** Datomic throws for an attribute that is not indexed, and has no entity with a local id. */
  private boolean namesNothing(IndexOrder order, Object[] components) {
    for (int i = 0; i < components.length; i++) {
      if (components[i] instanceof Long id && EntityIds.isLocal(id) && isEntity(order, i, components)) {
        return true;
      }
    }
    if (order != IndexOrder.AVET || components.length == 0) {
      return false;
    }
    Attribute attribute = schema.attribute((Long) components[0]);
    return attribute == null || !attribute.isInAvet();
  }

  private boolean isEntity(IndexOrder order, int position, Object[] components) {
    return switch (order) {
      case EAVT -> position < 2 || isRef(components[1]);
      case AEVT -> position < 2 || isRef(components[0]);
      case AVET -> position != 1 || isRef(components[0]);
      case VAET -> true;
    };
  }

  private boolean isRef(Object attributeId) {
    Attribute attribute = schema.attribute((Long) attributeId);
    return attribute != null && attribute.isRef();
  }

  private static Object index(IndexOrder order) {
    return switch (order) {
      case EAVT -> Database.EAVT;
      case AEVT -> Database.AEVT;
      case AVET -> Database.AVET;
      case VAET -> Database.VAET;
    };
  }

  /** One datom of Datomic's as ours. */
  public static Datom translate(datomic.Datom datom) {
    return new Datom(((Number) datom.e()).longValue(), ((Number) datom.a()).longValue(),
        DatomicValues.fromDatomic(datom.v()), ((Number) datom.tx()).longValue(), datom.added());
  }

  private record Translating(Iterator<datomic.Datom> datoms) implements Iterator<Datom> {
    @Override
    public boolean hasNext() {
      return datoms.hasNext();
    }

    @Override
    public Datom next() {
      return translate(datoms.next());
    }
  }
}
