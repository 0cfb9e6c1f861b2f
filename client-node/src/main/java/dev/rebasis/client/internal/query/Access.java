package dev.rebasis.client.internal.query;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import java.util.BitSet;
import java.util.List;

/**
 * How a pattern's facts are found when certain of its places are known: which index, which leading components.
 * Immutable.
 */
final class Access {
  /** The ways. */
  enum Path {
    /** By entity and attribute. */
    ENTITY_ATTRIBUTE,
    /** By entity alone. */
    ENTITY,
    /** By attribute and value, both indexed. */
    ATTRIBUTE_VALUE,
    /** By an attribute that is known only row by row, and value. */
    ANY_ATTRIBUTE_VALUE,
    /** All facts of an attribute. */
    ATTRIBUTE,
    /** Those facts of an attribute whose values lie in a range. */
    RANGE,
    /** All references to an entity: what is left for a value without an attribute. Other values it does not find, as in Datomic. */
    REFERENCE,
    /** Nothing is known: no access. */
    NONE
  }

  private static final List<Datom> NOTHING = List.of();

  private final Places places;
  private final DatomSource datoms;
  private final Schema schema;
  private final Path path;
  private final boolean valueKnown;

  private Access(Places places, DatomSource datoms, Path path, boolean valueKnown) {
    this.places = places;
    this.datoms = datoms;
    this.schema = datoms.schema();
    this.path = path;
    this.valueKnown = valueKnown;
  }

  /** The access when the constants and the bound slots are known. */
  static Access of(Places places, DatomSource datoms, BitSet bound) {
    boolean value = isKnown(places, Places.V, bound);
    return new Access(places, datoms, path(places, bound), value);
  }

  /** Which way there is, without making an access. */
  static Path path(Places places, BitSet bound) {
    boolean e = isKnown(places, Places.E, bound);
    boolean a = isKnown(places, Places.A, bound);
    boolean v = isKnown(places, Places.V, bound);
    if (e) {
      return a ? Path.ENTITY_ATTRIBUTE : Path.ENTITY;
    }
    if (a) {
      return v ? pathByValue(places) : places.range() == null ? Path.ATTRIBUTE : Path.RANGE;
    }
    return v ? Path.REFERENCE : Path.NONE;
  }

  private static Path pathByValue(Places places) {
    if (places.attribute() == null) {
      return Path.ANY_ATTRIBUTE_VALUE;
    }
    return isIndexed(places.attribute()) ? Path.ATTRIBUTE_VALUE : Path.ATTRIBUTE;
  }

  static boolean isKnown(Places places, int place, BitSet bound) {
    int slot = places.slot(place);
    return slot < 0 ? places.constant(place) != null : bound.get(slot);
  }

  static boolean isIndexed(Attribute attribute) {
    return attribute.isRef() || attribute.isInAvet();
  }

  /** The components that {@link #scan} guarantees, as bits by place. */
  int covered() {
    int e = 1 << Places.E;
    int a = 1 << Places.A;
    int v = 1 << Places.V;
    return switch (path) {
      case ENTITY_ATTRIBUTE -> e | a | (valueKnown && hasOneForm(places.attribute()) ? v : 0);
      case ENTITY -> e;
      case ATTRIBUTE_VALUE -> a | (hasOneForm(places.attribute()) ? v : 0);
      case ANY_ATTRIBUTE_VALUE, ATTRIBUTE, RANGE -> a;
      case REFERENCE -> v;
      case NONE -> 0;
    };
  }

  // The indexes find 1.0M for 1.00M, which a join keeps apart, as Datomic does.
  private static boolean hasOneForm(Attribute attribute) {
    return attribute != null && switch (attribute.valueType()) {
      case BIGDEC, DOUBLE, FLOAT, TUPLE -> false;
      default -> true;
    };
  }

  /** Whether it is certain that {@link #scan} gives no second fact, so that nobody need look for one. */
  boolean findsAtMostOne() {
    Attribute attribute = places.attribute();
    // Two of the entities that every database begins with have two idents.
    if (attribute == null || !datoms.hasEachFactOnce() || attribute.id() == SystemIds.DB_IDENT) {
      return false;
    }
    return switch (path) {
      case ENTITY_ATTRIBUTE -> valueKnown && hasOneForm(attribute) || !attribute.isMany();
      case ATTRIBUTE_VALUE -> attribute.unique() != Unique.NONE && hasOneForm(attribute);
      default -> false;
    };
  }

  /** The facts, for the variables in this frame. */
  Iterable<Datom> scan(Object[] frame) {
    return switch (path) {
      case ENTITY_ATTRIBUTE -> byEntityAndAttribute(frame);
      case ENTITY -> entity(Places.E, frame) instanceof Long e ? datoms.datoms(IndexOrder.EAVT, e) : NOTHING;
      case ATTRIBUTE_VALUE -> byValue(places.attribute(), frame);
      case ANY_ATTRIBUTE_VALUE -> byValue(attributeIn(frame), frame);
      case ATTRIBUTE -> entity(Places.A, frame) instanceof Long a ? datoms.datoms(IndexOrder.AEVT, a) : NOTHING;
      case RANGE -> places.range().scan(datoms, places.attribute().id());
      case REFERENCE -> entity(Places.V, frame) instanceof Long v ? datoms.datoms(IndexOrder.VAET, v) : NOTHING;
      case NONE -> throw new IllegalStateException("The planner chose a pattern of which nothing is known.");
    };
  }

  private Object known(int place, Object[] frame) {
    int slot = places.slot(place);
    return slot < 0 ? places.constant(place) : frame[slot];
  }

  /** The entity id at a place, or null if what is there is none. */
  private Object entity(int place, Object[] frame) {
    return known(place, frame) instanceof Long id && !isTranslated(id) ? id : null;
  }

  // The client's databases take a local id for the server's. In a query a plain long stands for itself, whichever join
  // meets it; only an EntityId is translated, when it is put in.
  private boolean isTranslated(Object id) {
    return (Long) id < 0 && datoms instanceof Database database && !id.equals(database.entid(id));
  }

  private Attribute attributeIn(Object[] frame) {
    return entity(Places.A, frame) instanceof Long a ? schema.attribute(a) : null;
  }

  private Iterable<Datom> byEntityAndAttribute(Object[] frame) {
    if (!(entity(Places.E, frame) instanceof Long e && entity(Places.A, frame) instanceof Long a)) {
      return NOTHING;
    }
    if (!valueKnown || places.attribute() == null) {
      return datoms.datoms(IndexOrder.AEVT, a, e);
    }
    Object v = value(places.attribute(), frame);
    return v == null || places.attribute().isRef() && isTranslated(v) ? NOTHING : datoms.datoms(IndexOrder.AEVT, a, e, v);
  }

  private Iterable<Datom> byValue(Attribute attribute, Object[] frame) {
    Object v = attribute == null ? null : value(attribute, frame);
    if (v == null) {
      return NOTHING;
    }
    if (attribute.isRef()) {
      return isTranslated(v) ? NOTHING : datoms.datoms(IndexOrder.VAET, v, attribute.id());
    }
    return attribute.isInAvet()
        ? datoms.datoms(IndexOrder.AVET, attribute.id(), v)
        : datoms.datoms(IndexOrder.AEVT, attribute.id());
  }

  private Object value(Attribute attribute, Object[] frame) {
    int slot = places.slot(Places.V);
    // A constant is in its index form already, unless the attribute was not known when the plan was made.
    return slot < 0 && places.attribute() != null
        ? places.constant(Places.V)
        : QueryValues.stored(attribute, known(Places.V, frame));
  }
}
