package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells the server what the author of a transaction saw of own ones that were confirmed by then and, since the database
 * forked, are not any more: what these wrote. When it was made there was nothing to tell, for the server knew. Without it
 * the server would take for the base of a sum what the earlier one becomes on the new way, others' sums included, and the
 * later one would take these back. Confined to one mending, which goes by rising sequence number.
 */
final class SeenBeforeFork {
  private static final Keyword DB_ID = Keyword.of(":db/id");
  private static final Keyword ADD = Keyword.of(":db/add");
  private static final Set<Keyword> SWAPS = Set.of(Keyword.of(":db/cas"), Keyword.of(":db.fn/cas"));
  private static final Set<Keyword> RETRACTIONS = Set.of(Keyword.of(":db/retract"), Keyword.of(":db/retractEntity"));

  private record Place(long e, Attribute attribute) {}

  /** The confirmed datoms of the new way, by which lookup refs and upserts are found. */
  private final DatomSource confirmed;
  /** The values that own transactions wrote which are undecided again. */
  private final Map<Place, Object> written = new HashMap<>();

  SeenBeforeFork(DatomSource confirmed) {
    this.confirmed = confirmed;
  }

  /**
   * The terms with what the author saw, and takes note of what this one writes.
   *
   * @param mended the next one, with the ids that hold on the new way
   * @param stoodPastTheFork whether the T on which it was made is forgotten
   */
  Terms next(Intent mended, boolean stoodPastTheFork) {
    Map<Place, Object> writes = new HashMap<>();
    Set<Place> ends = new HashSet<>();
    mended.forms().forEach(form -> read(form, writes, ends));
    Terms terms = mended.terms();
    // What takes a transaction back has that one for its base.
    if (stoodPastTheFork && terms.undoes() == null) {
      List<Terms.Seen> seen = new ArrayList<>(terms.seen());
      writes.keySet().stream().filter(written::containsKey)
          .map(place -> new Terms.Seen(place.e, place.attribute.ident(), List.of(written.get(place))))
          .filter(saw -> seen.stream().noneMatch(told -> told.e() == saw.e() && told.attribute().equals(saw.attribute())))
          .toList().forEach(seen::add);
      seen.sort(Comparator.comparing(Terms.Seen::attribute).thenComparing(Terms.Seen::e));
      terms = seen.size() == terms.seen().size() ? terms : terms.withSeen(seen);
    }
    written.keySet().removeAll(ends);
    written.putAll(writes);
    return terms;
  }

  private void read(Object form, Map<Place, Object> writes, Set<Place> ends) {
    if (form instanceof Map<?, ?> map) {
      Long e = entityOf(map);
      map.forEach((attribute, value) -> write(e, attribute, value, writes));
    } else if (form instanceof List<?> list && list.size() >= 2 && list.get(0) instanceof Keyword operation) {
      Long e = entity(list.get(1));
      if (operation.equals(ADD) && list.size() == 4 || SWAPS.contains(operation) && list.size() == 5) {
        write(e, list.get(2), list.get(list.size() - 1), writes);
      } else if (RETRACTIONS.contains(operation) && e != null) {
        written.keySet().stream().filter(place -> place.e == e).forEach(ends::add);
      }
    }
  }

  private void write(Long e, Object named, Object value, Map<Place, Object> writes) {
    Attribute attribute = named instanceof Keyword ident ? attribute(ident) : null;
    if (e == null || attribute == null || attribute.isMany() || attribute.isRef()
        || attribute.valueType() == ValueType.TUPLE) {
      return;
    }
    Object normal = Values.coerce(attribute.valueType(), value);
    if (normal != null) {
      writes.put(new Place(e, attribute), normal);
    }
  }

  private Attribute attribute(Keyword ident) {
    Long id = confirmed.schema().entid(ident);
    return id == null ? null : confirmed.schema().attribute(id);
  }

  /** An entity map may name an entity that is there by a unique attribute alone. */
  private Long entityOf(Map<?, ?> map) {
    for (Map.Entry<?, ?> each : map.entrySet()) {
      Attribute attribute = each.getKey() instanceof Keyword ident ? attribute(ident) : null;
      Long there = attribute != null && attribute.unique() == Unique.IDENTITY ? holder(attribute, each.getValue()) : null;
      if (there != null) {
        return there;
      }
    }
    return entity(map.get(DB_ID));
  }

  /** Null if it is not known here. */
  private Long entity(Object named) {
    if (named instanceof Long id) {
      return id;
    }
    if (named instanceof Keyword ident) {
      return confirmed.schema().entid(ident);
    }
    Object key = named instanceof LookupRef ref ? ref.attribute() : named instanceof List<?> pair && pair.size() == 2 ? pair.get(0) : null;
    Object value = named instanceof LookupRef ref ? ref.value() : key == null ? null : ((List<?>) named).get(1);
    Attribute attribute = key instanceof Keyword ident ? attribute(ident) : null;
    return attribute == null || attribute.unique() == Unique.NONE ? null : holder(attribute, value);
  }

  private Long holder(Attribute attribute, Object value) {
    Object normal = Values.coerce(attribute.valueType(), value);
    if (normal != null && !attribute.isRef()) {
      for (Datom datom : confirmed.datoms(IndexOrder.AVET, attribute.id(), normal)) {
        return datom.e();
      }
    }
    return null;
  }
}
