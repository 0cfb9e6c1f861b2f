package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.Iterator;
import java.util.List;

/** Functions that read a database: {@code get-else}, {@code get-some}, {@code missing?}. Pure. */
final class DatabaseFunctions {
  private DatabaseFunctions() {}

  static void putInto(Functions.Registry registry) {
    registry.put("get-else", 4, 4, DatabaseFunctions::getElse);
    registry.put("get-some", 3, Integer.MAX_VALUE, DatabaseFunctions::getSome);
    registry.put("missing?", 3, 3, DatabaseFunctions::missing);
  }

  private static Object getElse(Object[] a) {
    if (a[3] == null) {
      throw new IllegalArgumentException("the default cannot be nil");
    }
    Object value = one(facts(a[0]), a[1], a[2]);
    return value == null ? a[3] : value;
  }

  private static Object getSome(Object[] a) {
    for (int i = 2; i < a.length; i++) {
      Source.Facts facts = facts(a[0]);
      Object value = one(facts, a[1], a[i]);
      if (value != null) {
        return List.of(facts.entities().require(a[i]), value);
      }
    }
    return null;
  }

  // Of an attribute that does not exist no entity has a value.
  private static Object missing(Object[] a) {
    Source.Facts facts = facts(a[0]);
    Long attribute = facts.entities().find(a[2]);
    return attribute == null || first(facts, facts.entities().find(a[1]), attribute) == null;
  }

  private static Object one(Source.Facts facts, Object entity, Object attributeName) {
    Attribute attribute = facts.entities().attribute(attributeName);
    if (attribute == null || attribute.isMany()) {
      throw new IllegalArgumentException(attributeName + " is no attribute of cardinality one");
    }
    return first(facts, facts.entities().find(entity), attribute.id());
  }

  // An entity that does not exist has no values; that is no error here, as in Datomic.
  private static Object first(Source.Facts facts, Long entity, long attribute) {
    if (entity == null) {
      return null;
    }
    Iterator<Datom> found = facts.datoms().datoms(IndexOrder.EAVT, entity, attribute).iterator();
    return found.hasNext() ? found.next().v() : null;
  }

  private static Source.Facts facts(Object source) {
    if (source instanceof Source.Facts facts) {
      return facts;
    }
    throw new IllegalArgumentException("the first argument is a database such as $");
  }
}
