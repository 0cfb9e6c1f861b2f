package dev.rebasis.client.internal.db;

import dev.rebasis.conflict.LocalIds;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Turns what a program may write for an entity, an attribute or a value into what datoms hold. Immutable. */
final class Identifiers {
  private final AbstractDatabase database;
  private final LocalIds ids;

  Identifiers(AbstractDatabase database, LocalIds ids) {
    this.database = database;
    this.ids = ids;
  }

  /** Whether it is an id, and no other name of an entity. */
  static boolean isId(Object entity) {
    return entity instanceof Number || entity instanceof EntityId;
  }

  /** The entity id, or null if an ident or a lookup ref names nothing. */
  Long entid(Object entity) {
    if (entity instanceof Long id) {
      return id >= 0 ? id : (Long) ids.resolve(id);
    }
    if (entity instanceof Integer || entity instanceof Short || entity instanceof Byte) {
      return entid(((Number) entity).longValue());
    }
    if (entity instanceof BigInteger id && id.bitLength() < Long.SIZE) {
      return entid(id.longValue());
    }
    if (entity instanceof EntityId id) {
      return entid(id.id());
    }
    if (entity instanceof Keyword ident) {
      return database.schema().entid(ident);
    }
    if (entity instanceof String text && text.startsWith(":") && text.length() > 1) {
      // Texts come from anywhere: one that nobody has used as a keyword names nothing, and is not kept for it.
      Keyword known = Keyword.known(text);
      return known == null ? null : database.schema().entid(known);
    }
    if (entity instanceof LookupRef ref) {
      return lookUp(ref.attribute(), ref.value());
    }
    if (entity instanceof List<?> list && list.size() == 2) {
      return lookUp(list.get(0), list.get(1));
    }
    throw new RebasisException(
        Keyword.of(entity instanceof String ? ":db.error/not-a-keyword" : ":db.error/not-an-entity-identifier"), ErrorCategory.FIX_REQUEST,
        "Not an entity: " + entity + ". Give an entity id, an ident such as :db/doc, or a lookup ref such as"
            + " [:order/number \"A-1\"].",
        Map.of(Keyword.of(":entity"), String.valueOf(entity)), null);
  }

  private Long lookUp(Object attributeName, Object value) {
    Attribute attribute = database.schema().attribute(strict(attributeName));
    if (attribute == null || attribute.unique() == Unique.NONE) {
      throw new RebasisException(
          Keyword.of(":db.error/lookup-ref-attr-not-unique"), ErrorCategory.FIX_REQUEST,
          "The lookup ref [" + attributeName + " " + value + "] needs a unique attribute, and " + attributeName
              + " is none.",
          Map.of(Keyword.of(":attribute"), attributeName), null);
    }
    Object normal = value(attribute, value);
    if (normal == null) {
      return null;
    }
    return Holders.of(database.datoms(IndexOrder.AVET, attribute.id(), normal), database.isHistory());
  }

  /** The value in normal form; null if it names an entity that does not exist. */
  private Object value(Attribute attribute, Object value) {
    if (attribute.isRef()) {
      return entid(value);
    }
    if (attribute.valueType() == ValueType.LONG && value instanceof BigInteger number && number.bitLength() < Long.SIZE) {
      return number.longValue();
    }
    Object normal = Values.coerce(attribute.valueType(), value);
    return normal == null ? value : normal;
  }

  private long strict(Object entity) {
    Long id = entid(entity);
    if (id == null) {
      throw new RebasisException(
          Keyword.of(":db.error/not-an-entity"), ErrorCategory.FIX_REQUEST,
          "Unable to resolve entity: " + entity + ". It names nothing in this database value.",
          Map.of(Keyword.of(":entity"), entity), null);
    }
    return id;
  }

  /** The components of a look-up with every identifier resolved. */
  Object[] resolve(IndexOrder order, Object... components) {
    Object[] resolved = null;
    for (int i = 0; i < components.length; i++) {
      Object component = components[i];
      if (component instanceof Long id && !EntityIds.isLocal(id)) {
        continue;
      }
      Object normal = isValue(order, i)
          ? valueComponent(order, resolved == null ? components : resolved, component)
          : (Object) strict(component);
      if (normal != component) {
        resolved = resolved == null ? components.clone() : resolved;
        resolved[i] = normal;
      }
    }
    return resolved == null ? components : resolved;
  }

  private static boolean isValue(IndexOrder order, int position) {
    return switch (order) {
      case EAVT, AEVT -> position == 2;
      case AVET -> position == 1;
      case VAET -> false;
    };
  }

  private Object valueComponent(IndexOrder order, Object[] components, Object value) {
    Object a = components[order == IndexOrder.EAVT ? 1 : 0];
    Attribute attribute = a instanceof Long id ? database.schema().attribute(id) : null;
    if (attribute == null) {
      return value;
    }
    return attribute.isRef() ? (Object) strict(value) : value(attribute, value);
  }
}
