package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Cardinality;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checks the schema that a transaction makes or alters, and adds the datoms by which Datomic installs an attribute or
 * notes an alteration. Does nothing, at the cost of a look at each datom, unless a transaction touches an attribute.
 * Confined to one decision.
 */
final class SchemaChanges {
  private final List<Datom> datoms;
  private final Situation situation;
  private final TracingView facts;
  private final Schema before;

  private SchemaChanges(List<Datom> datoms, Situation situation) {
    this.datoms = datoms;
    this.situation = situation;
    this.facts = situation.view().whole(); // a view's schema is that of now, whatever facts it leaves out
    this.before = facts.schema();
  }

  /**
   * Adds the derived datoms, or notes what is wrong with the schema.
   *
   * @param ops what the datoms stem from: a retraction of what is not there is an alteration too, as Datomic has it
   */
  static void complete(List<Datom> datoms, List<Op> ops, Situation situation) {
    Set<Long> touched = new LinkedHashSet<>();
    Schema schema = situation.view().schema();
    for (Op op : ops) {
      if (op instanceof Op.Retract retract && makesAttribute(retract.a().id()) && schema.attribute(op.e()) != null) {
        touched.add(op.e());
      }
    }
    for (Datom datom : datoms) {
      if (makesAttribute(datom.a())) {
        touched.add(datom.e());
      }
    }
    if (!touched.isEmpty() && situation.problems().isEmpty()) {
      SchemaChanges changes = new SchemaChanges(datoms, situation);
      for (long e : touched) {
        changes.complete(e);
      }
    }
  }

  private static boolean makesAttribute(long a) {
    return a != SystemIds.DB_IDENT && SystemIds.isSchemaAttribute(a);
  }

  private void complete(long e) {
    Attribute attribute = before.attribute(e);
    Problem problem = attribute == null ? installation(e) : alteration(attribute);
    if (problem != null) {
      situation.problems().add(problem);
      return;
    }
    long how = attribute == null ? SystemIds.DB_INSTALL_ATTRIBUTE : SystemIds.DB_ALTER_ATTRIBUTE;
    boolean stated = false;
    for (Datom datom : datoms) {
      stated |= datom.e() == SystemIds.DB_PART_DB && datom.a() == how && datom.v().equals(e);
    }
    if (!stated && facts.present(SystemIds.DB_PART_DB, before.attribute(how), e) == null) {
      datoms.add(new Datom(SystemIds.DB_PART_DB, how, e, situation.tx(), true));
    }
  }

  private Problem installation(long e) {
    Object ident = after(e, SystemIds.DB_IDENT);
    if (ident == null) {
      return Problem.reject(Codes.IDENT_MISSING, "The new attribute " + e + " has no :db/ident.", Problem.ENTITY, e);
    }
    Object typeId = after(e, SystemIds.DB_VALUE_TYPE);
    Object cardinality = after(e, SystemIds.DB_CARDINALITY);
    if (typeId == null || cardinality == null) {
      return invalid(ident, "lacks " + (typeId == null ? ":db/valueType" : ":db/cardinality"));
    }
    Keyword typeIdent = before.ident((Long) typeId);
    ValueType type = typeIdent == null ? null : ValueType.of(typeIdent);
    if (type == null) {
      return Problem.reject(Codes.NOT_A_VALUE_TYPE, "The :db/valueType of " + ident + ", "
          + (typeIdent == null ? typeId : typeIdent) + ", is not a value type.", Problem.ATTRIBUTE, ident);
    }
    if (!cardinality.equals(SystemIds.CARDINALITY_ONE) && !cardinality.equals(SystemIds.CARDINALITY_MANY)) {
      return Problem.reject(Codes.NOT_A_CARDINALITY, "The :db/cardinality of " + ident + " is neither"
          + " :db.cardinality/one nor :db.cardinality/many.", Problem.ATTRIBUTE, ident);
    }
    if (type != ValueType.REF && Boolean.TRUE.equals(after(e, SystemIds.DB_IS_COMPONENT))) {
      return invalid(ident, "is a component but no reference");
    }
    if (type == ValueType.BYTES && after(e, SystemIds.DB_UNIQUE) != null) {
      return invalid(ident, "has bytes as values, which cannot be unique");
    }
    return tuple(e, ident, type, cardinality);
  }

  private Problem tuple(long e, Object ident, ValueType type, Object cardinality) {
    Object ofType = after(e, SystemIds.DB_TUPLE_TYPE);
    Object ofTypes = after(e, SystemIds.DB_TUPLE_TYPES);
    Object ofAttributes = after(e, SystemIds.DB_TUPLE_ATTRS);
    int kinds = (ofType == null ? 0 : 1) + (ofTypes == null ? 0 : 1) + (ofAttributes == null ? 0 : 1);
    if (kinds != (type == ValueType.TUPLE ? 1 : 0)) {
      return invalid(ident, type == ValueType.TUPLE
          ? "is a tuple and needs exactly one of :db/tupleType, :db/tupleTypes and :db/tupleAttrs"
          : "is no tuple, but says what its elements are");
    }
    if (ofAttributes != null && cardinality.equals(SystemIds.CARDINALITY_MANY)) {
      return invalid(ident, "is made of attributes and must have cardinality one");
    }
    List<?> types = ofType != null ? List.of(ofType) : ofTypes == null ? List.of() : (List<?>) ofTypes;
    for (Object element : types) {
      ValueType elementType = element instanceof Keyword keyword ? ValueType.of(keyword) : null;
      if (elementType == null || elementType == ValueType.BYTES || elementType == ValueType.TUPLE) {
        return invalid(ident, "cannot have elements of type " + element);
      }
    }
    for (Object part : ofAttributes == null ? List.of() : (List<?>) ofAttributes) {
      if (!mayBePart((Keyword) part, e)) {
        return invalid(ident, "cannot be made of " + part + ", which is no attribute of cardinality one");
      }
    }
    return null;
  }

  /** Whether it is an attribute of cardinality one, be it that the same transaction makes it before the composite. */
  private boolean mayBePart(Keyword ident, long composite) {
    Attribute attribute = before.attribute(ident);
    if (attribute != null) {
      return !attribute.isMany();
    }
    Long one = SystemIds.CARDINALITY_ONE;
    return datoms.stream().takeWhile(datom -> datom.e() != composite)
        .filter(datom -> datom.a() == SystemIds.DB_IDENT && datom.v() == ident)
        .anyMatch(datom -> one.equals(after(datom.e(), SystemIds.DB_CARDINALITY)));
  }

  private static Problem invalid(Object ident, String why) {
    return Problem.reject(
        Codes.INVALID_INSTALL, "The new attribute " + ident + " " + why + ".", Problem.ATTRIBUTE, ident);
  }

  private Problem alteration(Attribute attribute) {
    for (Datom datom : datoms) {
      if (datom.e() != attribute.id()) {
        continue;
      }
      long a = datom.a();
      boolean fixed = a == SystemIds.DB_VALUE_TYPE || a >= SystemIds.DB_TUPLE_TYPE && a <= SystemIds.DB_TUPLE_ATTRS;
      boolean lost = a == SystemIds.DB_CARDINALITY && after(attribute.id(), a) == null;
      if (fixed || lost) {
        return cannot(attribute, "its " + before.ident(a) + " stays what it is");
      }
    }
    Object cardinality = after(attribute.id(), SystemIds.DB_CARDINALITY);
    boolean inComposite = !attribute.tupleAttributes().isEmpty() || !before.compositesOf(attribute.id()).isEmpty();
    if (inComposite && cardinality.equals(SystemIds.CARDINALITY_MANY)) {
      return cannot(attribute, "a composite tuple and its parts must have cardinality one");
    }
    if (attribute.cardinality() == Cardinality.MANY && cardinality.equals(SystemIds.CARDINALITY_ONE)) {
      for (Map.Entry<Long, Set<Object>> entry : valuesAfter(attribute).entrySet()) {
        if (entry.getValue().size() > 1) {
          return cannot(attribute, "entity " + entry.getKey() + " has several values of it");
        }
      }
    }
    if (attribute.unique() == Unique.NONE && after(attribute.id(), SystemIds.DB_UNIQUE) != null) {
      return uniqueAdded(attribute);
    }
    return null;
  }

  private Problem uniqueAdded(Attribute attribute) {
    if (attribute.valueType() == ValueType.BYTES) {
      return cannot(attribute, "bytes cannot be unique");
    }
    Map<Long, Set<Object>> values = valuesAfter(attribute);
    boolean indexed = attribute.indexed() || Boolean.TRUE.equals(after(attribute.id(), SystemIds.DB_INDEX));
    if (!indexed && !values.isEmpty()) {
      return cannot(attribute, "it has values, so that it needs :db/index true to become unique");
    }
    Set<Object> seen = new HashSet<>();
    for (Set<Object> ofOne : values.values()) {
      for (Object value : ofOne) {
        if (!seen.add(value)) {
          return cannot(attribute, "two entities have the value " + Text.of(value) + ", so it cannot become unique");
        }
      }
    }
    return null;
  }

  /** Every entity's values of the attribute after the transaction. Reads the whole attribute: alterations are rare. */
  private Map<Long, Set<Object>> valuesAfter(Attribute attribute) {
    Map<Long, Set<Object>> values = new TreeMap<>();
    for (Datom datom : facts.datoms(IndexOrder.AEVT, attribute.id())) {
      values.computeIfAbsent(datom.e(), e -> new LinkedHashSet<>()).add(datom.v());
    }
    for (Datom datom : datoms) {
      if (datom.a() == attribute.id()) {
        Set<Object> ofOne = values.computeIfAbsent(datom.e(), e -> new LinkedHashSet<>());
        if (datom.added()) {
          ofOne.add(datom.v());
        } else {
          ofOne.remove(datom.v());
        }
      }
    }
    values.values().removeIf(Set::isEmpty);
    return values;
  }

  private static Problem cannot(Attribute attribute, String why) {
    return Problem.reject(Codes.INVALID_ALTER, "The attribute " + attribute.ident() + " cannot be altered like this: "
        + why + ".", Problem.ATTRIBUTE, attribute.ident());
  }

  /** The value that a cardinality-one schema attribute has on the entity after the transaction, or null. */
  private Object after(long e, long a) {
    Object value = facts.value(e, before.attribute(a));
    for (Datom datom : datoms) {
      if (datom.e() == e && datom.a() == a) {
        value = datom.added() ? datom.v() : null;
      }
    }
    return value;
  }
}
