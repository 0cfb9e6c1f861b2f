package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A database value as a {@link TransactionFunction} reads it. The same on client and server; what is read is noted.
 * Entities are given by id, ident or lookup ref, attributes by keyword or its text. Confined to the call.
 */
public final class DatabaseView {
  private final TracingView view;
  private final EntityReader entities;
  private final Vocabulary vocabulary;
  private boolean readByOtherMeans;

  DatabaseView(TracingView view, EntityReader entities, Vocabulary vocabulary) {
    this.view = view;
    this.entities = entities;
    this.vocabulary = vocabulary;
  }

  /**
   * Says that the function also reads the database by other means, as Datomic's own functions do: every place counts as
   * read. For servers: a client could not tell when to decide such a transaction anew.
   */
  public void readsByOtherMeans() {
    readByOtherMeans = true;
  }

  boolean isReadByOtherMeans() {
    return readByOtherMeans;
  }

  /** The attributes and idents. */
  public Schema schema() {
    return view.schema();
  }

  /** The id of an entity, or null if an ident or lookup ref names none. */
  public Long entid(Object entity) {
    try {
      return entities.findExisting(entity, entity);
    } catch (Unfit e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The value of a cardinality-one attribute, or null if there is none or no such entity. */
  public Object value(Object entity, Object attribute) {
    Long e = entid(entity);
    return e == null ? null : view.value(e, attribute(attribute));
  }

  /** The values of an attribute, in order; empty if there are none or no such entity. */
  public List<Object> values(Object entity, Object attribute) {
    Long e = entid(entity);
    return e == null ? List.of() : view.values(e, attribute(attribute));
  }

  /** The entity with this value of a unique attribute, or null. */
  public Long holder(Object attribute, Object value) {
    return view.holder(attribute(attribute), value);
  }

  /** The entities that refer to one by an attribute, in order. */
  public List<Long> referring(Object attribute, Object entity) {
    Long v = entid(entity);
    List<Long> found = new ArrayList<>();
    if (v != null) {
      for (Datom datom : view.datoms(IndexOrder.VAET, v, attribute(attribute).id())) {
        found.add(datom.e());
      }
    }
    return found;
  }

  /** All of an entity's attributes with their values; empty if there is no such entity. */
  public Map<Keyword, List<Object>> entity(Object entity) {
    Map<Keyword, List<Object>> all = new LinkedHashMap<>();
    Long e = entid(entity);
    if (e != null) {
      for (Datom datom : view.datoms(IndexOrder.EAVT, e)) {
        all.computeIfAbsent(schema().ident(datom.a()), a -> new ArrayList<>()).add(datom.v());
      }
    }
    return all;
  }

  /** The current datoms whose leading components equal the given ones; see {@link FactView#datoms}. */
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    return view.datoms(order, components);
  }

  private Attribute attribute(Object given) {
    try {
      return vocabulary.attribute(given, entities::resolveLocal, given);
    } catch (Unfit e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
