package dev.rebasis.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The attributes and idents of one database value. Immutable; callers may share it.
 *
 * <p>It is derived from datoms and holds nothing that they do not say: both sides keep theirs up to date with
 * {@link #with(Iterable)}. Attributes whose type no client can hold ({@code :db/fn}) have an ident here, but are not
 * among the attributes.
 */
public final class Schema {
  /** Neither attributes nor idents. */
  public static final Schema EMPTY = new Schema(Map.of(), Map.of(), Map.of(), Map.of());

  private final Map<Long, Attribute> byId;
  private final Map<Keyword, Long> idByIdent;
  private final Map<Long, Keyword> identById;
  // Entities with a part of what makes an attribute: later datoms may complete them.
  private final Map<Long, AttributeDraft> drafts;
  // Made when first asked for; any thread makes the same.
  private volatile Map<Long, List<Attribute>> compositesByPart;
  private volatile List<Attribute> components;

  /** Takes the maps over: the caller keeps no reference to them. */
  Schema(
      Map<Long, Attribute> byId,
      Map<Keyword, Long> idByIdent,
      Map<Long, Keyword> identById,
      Map<Long, AttributeDraft> drafts) {
    this.byId = byId;
    this.idByIdent = idByIdent;
    this.identById = identById;
    this.drafts = drafts;
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

  /** All attributes, unmodifiable, in no particular order. */
  public Collection<Attribute> attributes() {
    return Collections.unmodifiableCollection(byId.values());
  }

  /** Whether there is such an attribute and Datomic makes its values of those of others. */
  public boolean isComposite(long attribute) {
    return byId.containsKey(attribute) && !byId.get(attribute).tupleAttributes().isEmpty();
  }

  /** The composite tuples that an attribute is a part of, unmodifiable. */
  public List<Attribute> compositesOf(long attribute) {
    Map<Long, List<Attribute>> known = compositesByPart;
    if (known == null) {
      known = new HashMap<>();
      for (Attribute composite : byId.values()) {
        for (long part : composite.tupleAttributes()) {
          known.computeIfAbsent(part, x -> new ArrayList<>()).add(composite);
        }
      }
      known.replaceAll((part, composites) -> List.copyOf(composites));
      compositesByPart = known;
    }
    return known.getOrDefault(attribute, List.of());
  }

  /** The attributes whose values are components of the entity, unmodifiable, by rising id. */
  public List<Attribute> components() {
    List<Attribute> known = components;
    if (known == null) {
      known = byId.values().stream().filter(attribute -> attribute.isRef() && attribute.component())
          .sorted(Comparator.comparingLong(Attribute::id)).toList();
      components = known;
    }
    return known;
  }

  /** The entity that has this ident, attribute or not (a former ident included), or null. */
  public Long entid(Keyword ident) {
    return idByIdent.get(ident);
  }

  /** The current ident of an entity, or null. */
  public Keyword ident(long id) {
    return identById.get(id);
  }

  /**
   * The schema after these changes, which must be those of whole transactions, each fact once, in the order of T. The
   * order inside a transaction does not matter.
   *
   * <p>A former ident goes on naming its entity until another one takes it, as in Datomic. An attribute that lost its
   * ident keeps the last.
   *
   * @param changes any datoms; others than those of the schema are passed over
   * @return {@code this} if no datom touches the schema (the cost is then one look at each datom); else a new schema,
   *     at a cost that grows with the size of the schema
   */
  public Schema with(Iterable<Datom> changes) {
    for (Datom datom : changes) {
      if (SystemIds.isSchemaAttribute(datom.a())) {
        return new SchemaBuilder(byId, idByIdent, identById, drafts).apply(changes).build();
      }
    }
    return this;
  }

  /**
   * The schema of somebody for whom some attributes are none: their idents go on naming entities, which are no attributes.
   *
   * @param withheld entity ids; those of composite tuples among them, if their parts are
   */
  public Schema without(Collection<Long> withheld) {
    if (withheld.stream().noneMatch(byId::containsKey)) {
      return this;
    }
    Map<Long, Attribute> left = new HashMap<>(byId);
    left.keySet().removeAll(withheld);
    return new Schema(left, idByIdent, identById, drafts);
  }

  /** By content. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Schema s
        && byId.equals(s.byId)
        && idByIdent.equals(s.idByIdent)
        && identById.equals(s.identById);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * byId.hashCode() + idByIdent.hashCode()) + identById.hashCode();
  }

  @Override
  public String toString() {
    return "Schema(" + byId.size() + " attributes, " + identById.size() + " idents)";
  }
}
