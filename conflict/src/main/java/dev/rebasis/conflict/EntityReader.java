package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import dev.rebasis.protocol.Intent;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what stands for an entity: ids, local ids, tempids, idents, lookup refs. Lookup refs and idents are resolved
 * against the database before the transaction. Confined to one decision.
 */
final class EntityReader {
  private final Map<String, Long> tempids;
  private final Set<Long> introduced;
  private final Vocabulary vocabulary;
  private final TracingView view;
  private final RemoteChanges remote;
  private final LocalIds ids;
  private final Map<Long, Object> usedAsValue = new LinkedHashMap<>();

  EntityReader(Intent intent, Vocabulary vocabulary, TracingView view, RemoteChanges remote, LocalIds ids) {
    this(intent.tempids(), vocabulary, view, remote, ids);
  }

  private EntityReader(
      Map<String, Long> tempids, Vocabulary vocabulary, TracingView view, RemoteChanges remote, LocalIds ids) {
    this.tempids = new HashMap<>(tempids);
    this.vocabulary = vocabulary;
    this.view = view;
    this.remote = remote;
    this.ids = ids;
    this.introduced = new HashSet<>();
    for (long number : this.tempids.values()) {
      introduced.add(-number);
    }
  }

  /** The same as of now, which notes what it reads elsewhere. */
  EntityReader on(TracingView other) {
    return new EntityReader(tempids, vocabulary, other, remote, ids);
  }

  /** The local ids that the intent introduces. */
  Set<Long> introduced() {
    return introduced;
  }

  /** The local numbers by tempid; a live view. */
  Map<String, Long> tempids() {
    return Collections.unmodifiableMap(tempids);
  }

  /** Adds tempids that a function introduced. */
  void introduce(Map<String, Long> more) {
    more.forEach((name, number) -> {
      tempids.put(name, number);
      introduced.add(-number);
    });
  }

  /** What the author calls an entity that the intent introduces, for messages. */
  String name(long localId) {
    return tempids.entrySet().stream().filter(entry -> entry.getValue() == -localId).findFirst().orElseThrow().getKey();
  }

  /** Whether a local id stands for a map form that has no name of its author's. */
  boolean isAnonymous(long e) {
    return e < 0 && tempids.containsKey(IntentBuilder.anonymousName(-e));
  }

  /** The local ids of the intent that stand where a value stands, each with a form. */
  Map<Long, Object> usedAsValue() {
    return usedAsValue;
  }

  void usedAsValue(long e, Object form) {
    if (e < 0 && introduced.contains(e)) {
      usedAsValue.putIfAbsent(e, form);
    }
  }

  /** The entity, or an error if there is none. */
  long entity(Object given, Object form) {
    Long e = find(given, form);
    if (e == null) {
      throw notFound(given, form);
    }
    return e;
  }

  /** Like {@link #entity}, for operations that take no tempid. */
  long existing(Object given, Object form) {
    Long e = findExisting(given, form);
    if (e == null) {
      throw notFound(given, form);
    }
    return e;
  }

  /** Like {@link #find}, for operations that take no tempid. */
  Long findExisting(Object given, Object form) {
    if (given instanceof String s && !Vocabulary.isKeywordText(s)) {
      throw Unfit.reject(Codes.NOT_A_KEYWORD, "The tempid " + Text.of(s) + " cannot stand in " + Text.of(form)
          + ", which works on an entity that exists: name it by id, ident or lookup ref.",
          Problem.ENTITY, s, Problem.FORM, form);
    }
    return find(given, form);
  }

  /** The entity, or null if an ident or lookup ref names none. */
  Long find(Object given, Object form) {
    if (given instanceof Long id) {
      return id < 0 ? local(id, form) : id;
    }
    if (given instanceof String s && !Vocabulary.isKeywordText(s)) {
      return tempid(s, form);
    }
    if (given instanceof String text) {
      return ident(Vocabulary.keyword(text, form));
    }
    if (given instanceof Keyword ident) {
      return ident(ident);
    }
    if (given instanceof List<?> list) {
      return lookup(list, form);
    }
    if (given instanceof LookupRef ref) {
      return lookup(List.of(ref.attribute(), ref.value()), form);
    }
    if (given instanceof Integer || given instanceof Short || given instanceof EntityId) {
      return find(Values.coerce(ValueType.REF, given), form);
    }
    throw notFound(given, form);
  }

  private Long ident(Keyword ident) {
    view.note(new FootprintKey.AttributeValue(SystemIds.DB_IDENT, ident));
    return vocabulary.schema().entid(ident);
  }

  private long tempid(String name, Object form) {
    Long number = tempids.get(name);
    if (number == null) {
      throw Unfit.reject(Codes.MALFORMED_INTENT, "The tempid " + Text.of(name) + " in " + Text.of(form)
          + " has no local number; clients must give it one before they store or push it.",
          Problem.ENTITY, name, Problem.FORM, form);
    }
    return -number;
  }

  /** The id behind a local one: the server's, or the local one while it is not confirmed. */
  long resolveLocal(long id) {
    return introduced.contains(id) ? id : ids.resolve(id);
  }

  private long local(long id, Object form) {
    long e = resolveLocal(id);
    if (e < 0 && !introduced.contains(e) && !ids.isMade(id) && !view.exists(e)) {
      throw new Unfit(Problem.park(Codes.PREDECESSOR, "The local entity " + id + " in " + Text.of(form)
          + " was made by a transaction that was not committed; this one waits with it.",
          Problem.ENTITY, id, Problem.FORM, form)
          .with(Conflict.waiting(ConflictKinds.PREDECESSOR, -tempids.get(Intent.TX_TEMPID), id)));
    }
    return e;
  }

  private Long lookup(List<?> ref, Object form) {
    if (ref.size() != 2) {
      throw Unfit.reject(Codes.INVALID_LOOKUP_REF, Text.of(ref) + " in " + Text.of(form)
          + " is no lookup ref: it has two elements, a unique attribute and its value.",
          Problem.ENTITY, ref, Problem.FORM, form);
    }
    Attribute attribute = vocabulary.attribute(ref.get(0), this::resolveLocal, form);
    if (attribute.unique() == Unique.NONE) {
      throw Unfit.reject(Codes.LOOKUP_NOT_UNIQUE, "The attribute " + attribute.ident() + " of the lookup ref "
          + Text.of(ref) + " is not unique.", Problem.ATTRIBUTE, attribute.ident(), Problem.FORM, form);
    }
    Object value = lookupValue(attribute, ref.get(1), form);
    return value == null ? null : view.holder(attribute, value);
  }

  private Object lookupValue(Attribute attribute, Object value, Object form) {
    if (attribute.isRef()) {
      // As in Datomic, neither a tempid nor a lookup ref stands inside a lookup ref.
      Object id = value instanceof Keyword ident ? ident(ident) : Values.coerce(ValueType.REF, value);
      return id instanceof Long e && e < 0 ? (Object) resolveLocal(e) : id;
    }
    return value == null ? null : Vocabulary.coerce(attribute.valueType(), value, form);
  }

  /** The error for an entity that is not there: parked if others retracted it after the base. */
  Unfit notFound(Object given, Object form) {
    Datom gone = given instanceof List<?> ref ? lastRetraction(ref, form) : null;
    if (gone != null) {
      return new Unfit(Problem.park(Codes.ENTITY_GONE, "The entity " + Text.of(given) + " in " + Text.of(form)
          + " was there when the transaction was made, and others have retracted it or its key since.",
          Problem.ENTITY, given, Problem.FORM, form).with(new Conflict(ConflictKinds.ENTITY_GONE, gone.e(),
              view.schema().ident(gone.a()), List.of(gone.v()), List.of(Text.of(form)), List.of(), List.of(),
              ConflictKinds.PARK, gone.tx())));
    }
    return Unfit.reject(Codes.NOT_AN_ENTITY, "There is no entity " + Text.of(given) + " in " + Text.of(form) + ".",
        Problem.ENTITY, given, Problem.FORM, form);
  }

  private Datom lastRetraction(List<?> ref, Object form) {
    if (remote.isEmpty()) {
      return null;
    }
    Attribute attribute = vocabulary.attribute(ref.get(0), this::resolveLocal, form);
    Object value = lookupValue(attribute, ref.get(1), form);
    if (value == null) {
      return null;
    }
    Datom last = null;
    for (Datom datom : remote.ofValue(attribute.id(), value)) {
      last = datom.added() ? last : datom;
    }
    return last;
  }
}
