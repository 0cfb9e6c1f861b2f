package dev.rebasis.data;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Applies datoms to copies of a schema's maps. Confined: made, used and dropped inside {@link Schema#with(Iterable)}.
 *
 * <p>First all datoms are read, then the touched attributes are derived anew, so that the order inside a transaction
 * does not matter.
 */
final class SchemaBuilder {
  private final Map<Long, Attribute> byId;
  private final Map<Keyword, Long> idByIdent;
  private final Map<Long, Keyword> identById;
  private final Map<Long, AttributeDraft> drafts;
  private final Set<Long> touched = new HashSet<>();

  SchemaBuilder(
      Map<Long, Attribute> byId,
      Map<Keyword, Long> idByIdent,
      Map<Long, Keyword> identById,
      Map<Long, AttributeDraft> drafts) {
    this.byId = new HashMap<>(byId);
    this.idByIdent = new HashMap<>(idByIdent);
    this.identById = new HashMap<>(identById);
    this.drafts = new HashMap<>(drafts);
  }

  SchemaBuilder apply(Iterable<Datom> changes) {
    for (Datom datom : changes) {
      if (datom.a() == SystemIds.DB_IDENT) {
        applyIdent(datom);
      } else if (SystemIds.isSchemaAttribute(datom.a())) {
        draft(datom.e()).apply(datom);
      }
    }
    return this;
  }

  private AttributeDraft draft(long e) {
    // Copied once: what is not touched yet may belong to an older schema.
    if (touched.add(e)) {
      AttributeDraft known = drafts.get(e);
      drafts.put(e, known == null ? new AttributeDraft() : new AttributeDraft(known));
    }
    return drafts.get(e);
  }

  private void applyIdent(Datom datom) {
    long e = datom.e();
    Keyword ident = (Keyword) datom.v();
    if (e == SystemIds.DB_RETRACT_ENTITY || e == SystemIds.DB_CAS) {
      // Both have two current idents in every database, one of them retracted before it was asserted (Bootstrap).
      // The one without .fn is the ident, the other goes on naming the entity.
      idByIdent.put(ident, e);
      if (datom.added()) {
        identById.putIfAbsent(e, ident);
      }
      return;
    }
    if (datom.added()) {
      idByIdent.put(ident, e);
      identById.put(e, ident);
    } else {
      identById.remove(e, ident);
    }
    if (drafts.containsKey(e)) {
      draft(e);
    }
  }

  Schema build() {
    for (long id : touched) {
      Attribute before = byId.get(id);
      Keyword ident = identById.getOrDefault(id, before == null ? null : before.ident());
      Attribute attribute = drafts.get(id).toAttribute(id, ident, idByIdent);
      if (attribute == null) {
        byId.remove(id);
      } else {
        byId.put(id, attribute);
      }
    }
    return new Schema(byId, idByIdent, identById, drafts);
  }
}
