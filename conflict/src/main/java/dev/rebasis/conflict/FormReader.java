package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns the forms of an intent into operations, entities resolved against the database before the transaction.
 * Tempids stay local ids here; see {@link Upserts}. A faulty form is noted and the next one read, so that all faults
 * are reported at once. Confined to one decision.
 */
final class FormReader {
  /** Nested maps deeper than this are refused; each level costs stack. */
  private static final int DEPTH_MAX = 100;

  private final EntityReader entities;
  private final Vocabulary vocabulary;
  private final TracingView view;
  private final List<Problem> problems;
  private final FunctionCall functions;
  private final List<Op> ops = new ArrayList<>();

  FormReader(
      EntityReader entities, Vocabulary vocabulary, TracingView view, List<Problem> problems, FunctionCall functions) {
    this.entities = entities;
    this.vocabulary = vocabulary;
    this.view = view;
    this.problems = problems;
    this.functions = functions;
  }

  List<Op> read(List<Object> forms) {
    for (Object form : forms) {
      try {
        readForm(form);
      } catch (Unfit e) {
        problems.add(e.problem());
      }
    }
    return ops;
  }

  private void add(Op op) {
    ops.add(op);
    functions.note(op);
  }

  private void readForm(Object form) {
    if (form instanceof Map<?, ?> map) {
      readMap(map, 0);
    } else if (form instanceof List<?> list) {
      readList(list);
    } else {
      throw Vocabulary.noData(form);
    }
  }

  private void readList(List<?> form) {
    Object first = form.isEmpty() ? null : form.get(0);
    Object operation = first instanceof String s ? Vocabulary.keyword(s, form) : first;
    if (operation == Vocabulary.ADD) {
      readAdd(form);
    } else if (operation == Vocabulary.RETRACT) {
      readRetract(form);
    } else if (operation == Vocabulary.RETRACT_ENTITY || operation == Vocabulary.RETRACT_ENTITY_FORMER) {
      readRetractEntity(form);
    } else if (operation == Vocabulary.CAS || operation == Vocabulary.CAS_FORMER) {
      readCas(form);
    } else if (form.isEmpty()) {
      throw Vocabulary.malformed(form, "a list form begins with an operation such as :db/add.");
    } else if (operation instanceof Keyword name && Vocabulary.mayBeFunction(name)) {
      functions.call(name, form, this::readForm);
    } else {
      throw Vocabulary.noFunction(operation, form);
    }
  }

  private void readAdd(List<?> form) {
    if (form.size() != 4) {
      throw Vocabulary.malformed(form, "write [:db/add entity attribute value].");
    }
    Attribute attribute = attribute(form.get(2), form);
    long e = entities.entity(form.get(1), form);
    add(new Op.Add(e, attribute, value(attribute, form.get(3), form), form));
  }

  private void readRetract(List<?> form) {
    if (form.size() != 3 && form.size() != 4) {
      throw Vocabulary.malformed(form, "write [:db/retract entity attribute value], or leave the value out.");
    }
    Attribute attribute = attribute(form.get(2), form);
    if (form.size() == 3) {
      add(new Op.RetractAll(entities.existing(form.get(1), form), attribute, form));
      return;
    }
    long e = entities.entity(form.get(1), form);
    add(new Op.Retract(e, attribute, value(attribute, form.get(3), form), form));
  }

  private void readRetractEntity(List<?> form) {
    if (form.size() != 2) {
      throw Vocabulary.malformed(form, "write [:db/retractEntity entity].");
    }
    Long e = entities.findExisting(form.get(1), form);
    // As in Datomic: what is not there needs no retraction.
    if (e != null) {
      add(Closure.of(e, view, form));
    }
  }

  private void readCas(List<?> form) {
    if (form.size() != 5) {
      throw Vocabulary.malformed(form, "write [:db/cas entity attribute old-value new-value].");
    }
    Attribute attribute = attribute(form.get(2), form);
    Vocabulary.checkCompareAndSet(attribute, form);
    Object old = expected(attribute, form.get(3), form);
    Long e = entities.findExisting(form.get(1), form);
    if (e == null) {
      throw old == null ? entities.notFound(form.get(1), form) : casOnNothing(attribute, old, form);
    }
    add(new Op.Cas(e, attribute, old, value(attribute, form.get(4), form), form));
  }

  private static Unfit casOnNothing(Attribute attribute, Object old, Object form) {
    return new Unfit(Changes.casFailed(null, attribute, old, form));
  }

  /** What {@code :db/cas} compares with: kept as it is if it is not of the type, for then nothing found equals it. */
  private Object expected(Attribute attribute, Object old, Object form) {
    if (old == null) {
      return null;
    }
    if (attribute.isRef()) {
      Long e = entities.find(old, form);
      return e == null ? old : e;
    }
    Object normal = Vocabulary.coerce(attribute.valueType(), old, form);
    return normal == null ? old : normal;
  }

  private void readMap(Map<?, ?> map, int depth) {
    if (depth > DEPTH_MAX) {
      throw Vocabulary.malformed("{...}", "maps are nested more than " + DEPTH_MAX + " deep.");
    }
    long e = mapId(map);
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      Object key = entry.getKey() instanceof String s ? Vocabulary.keyword(s, map) : entry.getKey();
      if (key == Vocabulary.ID) {
        continue;
      }
      Keyword forward = vocabulary.forward(key);
      if (forward != null) {
        readReverse(e, attribute(forward, map), entry.getValue(), map);
        continue;
      }
      Attribute attribute = attribute(key, map);
      if (isCollection(attribute, entry.getValue())) {
        for (Object value : (Collection<?>) entry.getValue()) {
          readMapValue(e, attribute, value, map, depth);
        }
      } else {
        readMapValue(e, attribute, entry.getValue(), map, depth);
      }
    }
  }

  /** Whether a map's value stands for several: as in Datomic a set always, a list only where there can be many. */
  static boolean isCollection(Attribute attribute, Object value) {
    return value instanceof Set || attribute.isMany() && value instanceof List;
  }

  private long mapId(Map<?, ?> map) {
    Object id = map.get(Vocabulary.ID);
    if (id == null) {
      throw Unfit.reject(Codes.MALFORMED_INTENT, "The map " + Text.of(map) + " has no :db/id; clients must give it a"
          + " local id before they store or push it.", Problem.FORM, map);
    }
    return entities.entity(id, map);
  }

  private void readReverse(long e, Attribute attribute, Object value, Map<?, ?> map) {
    if (!attribute.isRef()) {
      throw Vocabulary.wrongType(attribute, value, map);
    }
    entities.usedAsValue(e, map);
    add(new Op.Add(entities.entity(value, map), attribute, e, map));
  }

  private void readMapValue(long e, Attribute attribute, Object value, Map<?, ?> map, int depth) {
    if (value instanceof Map<?, ?> nested && attribute.isRef()) {
      long child = mapId(nested);
      if (!attribute.component() && entities.isAnonymous(child) && !hasIdentity(nested)) {
        throw invalidNested(attribute, nested);
      }
      entities.usedAsValue(child, nested);
      add(new Op.Add(e, attribute, child, map));
      readMap(nested, depth + 1);
    } else {
      add(new Op.Add(e, attribute, value(attribute, value, map), map));
    }
  }

  private boolean hasIdentity(Map<?, ?> map) {
    return hasIdentity(map, vocabulary);
  }

  static boolean hasIdentity(Map<?, ?> map, Vocabulary vocabulary) {
    for (Object key : map.keySet()) {
      Attribute attribute = key instanceof Keyword ident ? vocabulary.schema().attribute(ident) : null;
      if (attribute != null && attribute.unique() == Unique.IDENTITY) {
        return true;
      }
    }
    return false;
  }

  static Unfit invalidNested(Attribute attribute, Map<?, ?> nested) {
    return Unfit.reject(Codes.INVALID_NESTED, "The nested map " + Text.of(nested) + " under " + attribute.ident()
        + " is neither a component nor has it a :db/id or a unique identity: give it one of these.",
        Problem.ATTRIBUTE, attribute.ident(), Problem.ENTITY, nested);
  }

  private Attribute attribute(Object given, Object form) {
    return vocabulary.attribute(given, entities::resolveLocal, form);
  }

  private Object value(Attribute attribute, Object value, Object form) {
    if (attribute.isRef()) {
      if (value == null) {
        throw Vocabulary.nil(attribute, form);
      }
      return reference(value, form);
    }
    return attribute.valueType() == ValueType.TUPLE
        ? tuple(attribute, value, form) : Vocabulary.scalar(attribute, value, form);
  }

  private long reference(Object value, Object form) {
    long v = entities.entity(value, form);
    entities.usedAsValue(v, form);
    return v;
  }

  private List<Object> tuple(Attribute attribute, Object value, Object form) {
    List<?> given = Vocabulary.tuple(attribute, value, form);
    List<Object> elements = new ArrayList<>(given.size());
    for (int i = 0; i < given.size(); i++) {
      Object element = given.get(i);
      ValueType type = Vocabulary.elementType(attribute, i, vocabulary.schema());
      Object normal = element == null ? null
          : type == ValueType.REF ? (Object) reference(element, form) : Vocabulary.element(attribute, type, element, form);
      if (element != null && normal == null) {
        throw Vocabulary.invalidTuple(attribute, value, form);
      }
      elements.add(normal);
    }
    return Collections.unmodifiableList(elements);
  }
}
