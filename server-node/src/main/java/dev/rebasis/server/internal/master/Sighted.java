package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Deciding for a user who does not see everything. The transaction is decided on a view that holds only what the user sees,
 * so that a lookup ref, a comparison or an upsert finds there what it would find if nothing else existed; in its schema what is
 * hidden is no attribute, however it is named, and retracting an entity leaves its hidden facts as they are. Then whatever names
 * another entity by its id is refused, in words that are the same whether it exists or not, and so is every new value of a
 * unique attribute: to accept it would tell that nobody has it. Immutable, for one decision.
 *
 * @param seen the entities that the user sees; null for all
 * @param withheld the attributes that the user does not see
 */
record Sighted(LongPredicate seen, Withheld withheld) {
  private static final String UNSEEN = "It names an entity that this user may not see, or that is not there.";

  /** The view to decide on. */
  FactView of(FactView whole) {
    return new FactView() {
      @Override
      public Schema schema() {
        return withheld.shown();
      }

      @Override
      public Iterable<Datom> datoms(IndexOrder order, Object... components) {
        return visible(whole.datoms(order, components));
      }
    };
  }

  /** What others confirmed, as far as the user sees it: to park because of anything else would tell of it. */
  RemoteChanges of(RemoteChanges whole) {
    return whole.isEmpty() ? whole : new RemoteChanges() {
      @Override
      public boolean isEmpty() {
        return false;
      }

      @Override
      public List<Datom> of(long e, long a) {
        return visible(whole.of(e, a));
      }

      @Override
      public List<Datom> of(long e) {
        return visible(whole.of(e));
      }

      @Override
      public List<Datom> ofValue(long a, Object v) {
        return visible(whole.ofValue(a, v));
      }

      @Override
      public List<Object> baseValues(long e, long a) {
        return withheld.ids().contains(a) ? List.of() : whole.baseValues(e, a);
      }
    };
  }

  private List<Datom> visible(Iterable<Datom> datoms) {
    List<Datom> visible = new ArrayList<>();
    for (Datom datom : datoms) {
      if (isVisible(datom.e(), datom.a())) {
        visible.add(datom);
      }
    }
    return visible;
  }

  /** The same for functions that read Datomic's own values. */
  Database of(Database whole) {
    return whole.filter((Database.Predicate<datomic.Datom>) (database, datom) ->
        isVisible(((Number) datom.e()).longValue(), ((Number) datom.a()).longValue()));
  }

  private boolean isVisible(long e, long a) {
    return !withheld.ids().contains(a) && (seen == null || seen.test(e) || SystemIds.isSchemaAttribute(a));
  }

  /**
   * Why a decision, whatever it is, may not be told, or null. What has a name can be referred to, since everyone sees names;
   * to change it, it must be seen.
   */
  String refusal(Decision decision, Schema schema) {
    if (seen == null) {
      return null;
    }
    Map<List<Object>, List<List<?>>> formers = formers(decision.datoms(), schema);
    Set<FootprintKey> known = known(decision.datoms(), formers, schema);
    for (FootprintKey key : decision.footprint().reads()) {
      if (!known.contains(key) && !mayBeNamed(key, schema)) {
        return UNSEEN;
      }
    }
    for (FootprintKey key : decision.footprint().writes()) {
      if (!known.contains(key) && !mayBeNamed(key, schema)
          || key instanceof FootprintKey.EntityAttribute place && !isSeen(place.e())) {
        return UNSEEN;
      }
    }
    for (Datom datom : decision.datoms()) {
      if (!isSeen(datom.e()) || !mayBeNamed(datom.v(), schema.attribute(datom.a()), schema) && !isKnown(datom, formers, schema)) {
        return UNSEEN;
      }
    }
    return null;
  }

  /** The values of unique attributes that are written and that the user knew before. */
  private Set<FootprintKey> known(List<Datom> datoms, Map<List<Object>, List<List<?>>> formers, Schema schema) {
    Set<FootprintKey> known = new HashSet<>();
    for (Datom datom : datoms) {
      if (isSeen(datom.e()) && isKnown(datom, formers, schema)) {
        known.add(new FootprintKey.AttributeValue(datom.a(), datom.v()));
      }
    }
    return known;
  }

  /**
   * Whether a value tells nothing of what it names. What goes was seen, the bare id that it refers to as well; to retract what is
   * not there is no datom, whoever is named. A composite tuple holds what was there, and parts that are datoms of their own. Another
   * tuple in the place of one that goes may keep what it referred to.
   */
  private boolean isKnown(Datom datom, Map<List<Object>, List<List<?>>> formers, Schema schema) {
    Attribute attribute = schema.attribute(datom.a());
    if (!datom.added() || attribute != null && !attribute.tupleAttributes().isEmpty()) {
      return true;
    }
    if (datom.v() instanceof List<?> tuple) {
      for (int i = 0; i < tuple.size(); i++) {
        if (!mayBeElement(tuple.get(i), schema)) {
          return formers.getOrDefault(List.of(datom.e(), datom.a(), i, tuple.get(i)), List.of()).stream()
              .anyMatch(former -> keeps(tuple, former, schema));
        }
      }
    }
    return false;
  }

  /** The tuples that go, by entity, attribute, and place and value of what they name that may not be named: a transaction can have very many. */
  private Map<List<Object>, List<List<?>>> formers(List<Datom> datoms, Schema schema) {
    Map<List<Object>, List<List<?>>> formers = new HashMap<>();
    for (Datom datom : datoms) {
      if (!datom.added() && datom.v() instanceof List<?> tuple) {
        for (int i = 0; i < tuple.size(); i++) {
          if (!mayBeElement(tuple.get(i), schema)) {
            formers.computeIfAbsent(List.of(datom.e(), datom.a(), i, tuple.get(i)), key -> new ArrayList<>()).add(tuple);
          }
        }
      }
    }
    return formers;
  }

  private boolean keeps(List<?> tuple, List<?> former, Schema schema) {
    for (int i = 0; i < tuple.size(); i++) {
      Object element = tuple.get(i);
      if (!mayBeElement(element, schema) && (i >= former.size() || !element.equals(former.get(i)))) {
        return false;
      }
    }
    return true;
  }

  private boolean mayBeNamed(FootprintKey key, Schema schema) {
    if (key instanceof FootprintKey.EntityAttribute place) {
      return mayBeNamed(place.e(), schema);
    }
    if (key instanceof FootprintKey.Entity entity) {
      return mayBeNamed(entity.e(), schema);
    }
    if (key instanceof FootprintKey.Reference reference) {
      return mayBeNamed(reference.v(), schema);
    }
    return !(key instanceof FootprintKey.AttributeValue value)
        || mayBeNamed(value.v(), schema.attribute(value.a()), schema);
  }

  private boolean mayBeNamed(Object value, Attribute attribute, Schema schema) {
    if (value instanceof List<?> tuple) {
      // Whichever of its elements are references: an id that nobody may name is no number that anyone would miss.
      return tuple.stream().allMatch(element -> mayBeElement(element, schema));
    }
    return attribute == null || !attribute.isRef() || !(value instanceof Long id) || mayBeNamed(id, schema);
  }

  private boolean mayBeElement(Object element, Schema schema) {
    return !(element instanceof Long id) || !isEntityId(id) || mayBeNamed(id, schema);
  }

  private boolean mayBeNamed(long e, Schema schema) {
    return isSeen(e) || schema.ident(e) != null;
  }

  /** Ids of users' partitions are that large; smaller numbers in tuples are mere numbers. */
  private static boolean isEntityId(long id) {
    return id >>> 42 >= 4;
  }

  private boolean isSeen(long e) {
    return EntityIds.isLocal(e) || seen.test(e);
  }

  /** Why the values that a decision gives out may not be given out, or null. */
  String refusalOfUnique(Decision decision, Schema schema, Access access, Database whole) {
    if (seen == null) {
      return null;
    }
    for (Datom datom : decision.datoms()) {
      Attribute attribute = schema.attribute(datom.a());
      if (!datom.added() || attribute == null || attribute.unique() == Unique.NONE || EntityIds.isSchema(datom.e())) {
        continue;
      }
      if (!access.mayGiveOut(attribute.ident())) {
        return "This user does not see all entities and so may not give out values of " + attribute.ident()
            + "; the operator can allow it (:unique).";
      }
      if (whole.datoms(Database.AVET, datom.a(), DatomicValues.toDatomic(datom.v())).iterator().hasNext()) {
        return "The value of " + attribute.ident() + " is taken.";
      }
    }
    return null;
  }
}
