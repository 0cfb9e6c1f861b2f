package dev.rebasis.data;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The attributes and idents of one database value. Immutable; callers may share it.
 *
 * <p>It is derived from datoms and holds nothing that they do not say.
 */
public final class Schema {
  /** Neither attributes nor idents. */
  public static final Schema EMPTY = new Schema(Map.of(), Map.of(), Map.of());

  private final Map<Long, Attribute> byId;
  private final Map<Keyword, Long> idByIdent;
  private final Map<Long, Keyword> identById;

  Schema(Map<Long, Attribute> byId, Map<Keyword, Long> idByIdent, Map<Long, Keyword> identById) {
    this.byId = Map.copyOf(byId);
    this.idByIdent = Map.copyOf(idByIdent);
    this.identById = Map.copyOf(identById);
  }

  /** The attribute with this entity id, or null. */
  public Attribute attribute(long id) {
    return byId.get(id);
  }

  /** The attribute with this ident (a former ident of a renamed attribute included), or null. */
  public Attribute attribute(Keyword ident) {
    Long id = idByIdent.get(ident);
    return id == null ? null : byId.get(id);
  }

  /** All attributes, in no particular order. */
  public Collection<Attribute> attributes() {
    return byId.values();
  }

  /** The entity that has this ident, attribute or not (a former ident included), or null. */
  public Long entid(Keyword ident) {
    return idByIdent.get(ident);
  }

  /** The current ident of an entity, or null. */
  public Keyword ident(long id) {
    return identById.get(id);
  }

  /** Makes a schema from its parts. */
  static Schema of(Collection<Attribute> attributes, Map<Keyword, Long> idByIdent, Map<Long, Keyword> identById) {
    Map<Long, Attribute> byId = new HashMap<>();
    for (Attribute attribute : attributes) {
      byId.put(attribute.id(), attribute);
    }
    return new Schema(byId, idByIdent, identById);
  }
}
