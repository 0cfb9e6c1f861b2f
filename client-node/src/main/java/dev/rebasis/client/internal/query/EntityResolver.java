package dev.rebasis.client.internal.query;

import dev.rebasis.client.Database;
import dev.rebasis.client.QueryException;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.Holders;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Unique;
import java.util.List;

/** Finds the entity that an id, ident or lookup ref names in one database value. Immutable. */
final class EntityResolver {
  private final DatomSource datoms;
  private final Schema schema;

  EntityResolver(DatomSource datoms) {
    this.datoms = datoms;
    this.schema = datoms.schema();
  }

  /**
   * The entity's id.
   *
   * @param identifier a long, an {@link EntityId}, an ident as keyword or text, a lookup ref
   * @return null if there is no such entity, or the value names no entity at all
   * @throws QueryException for a lookup ref by an attribute that is unknown or not unique
   */
  Long find(Object identifier) {
    if (identifier instanceof Long id) {
      return id;
    }
    if (identifier instanceof Keyword ident) {
      return schema.entid(ident);
    }
    if (identifier instanceof EntityId id) {
      return ofLocal(id);
    }
    if (identifier instanceof LookupRef ref) {
      return lookup(ref, ref.attribute(), ref.value());
    }
    if (identifier instanceof List<?> list) {
      return list.size() == 2 ? lookup(list, list.get(0), list.get(1)) : null;
    }
    return identifier instanceof String s && QueryValues.isKeywordText(s) ? schema.entid(Keyword.of(s)) : null;
  }

  /** Like {@link #find}, but throws if there is none. */
  long require(Object identifier) {
    Long id = find(identifier);
    if (id == null) {
      throw QueryErrors.notAnEntity(identifier);
    }
    return id;
  }

  /** Like {@link #find(Object)}; what is wrong with a lookup ref is told with the clause. */
  Long find(Object identifier, Object clause) {
    try {
      return find(identifier);
    } catch (QueryException e) {
      throw QueryErrors.naming(e, clause);
    }
  }

  /** Like {@link #require(Object)}, and names the clause if there is none. */
  long require(Object identifier, Object clause) {
    try {
      return require(identifier);
    } catch (QueryException e) {
      throw QueryErrors.naming(e, clause);
    }
  }

  /** The attribute, or null if the entity is there but no attribute; throws if there is no entity. */
  Attribute attribute(Object identifier) {
    return schema.attribute(require(identifier));
  }

  // What became of a local id only the client's own database values know.
  private Long ofLocal(EntityId id) {
    return datoms instanceof Database database ? database.entid(id) : (Long) id.id();
  }

  private Long lookup(Object ref, Object attributeName, Object value) {
    if (!(attributeName instanceof Keyword || attributeName instanceof Long)) {
      return null;
    }
    Attribute attribute = attribute(attributeName);
    if (attribute == null || attribute.unique() == Unique.NONE) {
      throw QueryErrors.of(QueryErrors.LOOKUP_REF_NOT_UNIQUE,
          attributeName + " is not unique, so " + QueryErrors.text(ref) + " names no single entity.");
    }
    Object known = attribute.isRef() ? find(value) : QueryValues.forIndex(attribute, QueryValues.normal(value));
    if (known == null) {
      return null;
    }
    return Holders.of(datoms.datoms(IndexOrder.AVET, attribute.id(), known),
        datoms instanceof Database database && database.isHistory());
  }
}
