package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Schema;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cuts entities out of the completed forms of an intent: what stands where an entity stands, and what an attribute of
 * references refers to, by the schema. A number anywhere else is a number. The arguments of functions are left alone,
 * since only the function knows what they mean; a call that names an entity that is gone fails, and says so. Confined to
 * one call.
 */
public final class IntentCut {
  private final Set<Long> localIds;
  private final Vocabulary vocabulary;

  private IntentCut(Set<Long> localIds, Schema schema) {
    this.localIds = localIds;
    this.vocabulary = new Vocabulary(schema);
  }

  /**
   * The forms without what they say about certain local ids: list forms that name one go, of map forms the entries whose
   * value is one, and the whole map if it is about one.
   *
   * @param forms completed forms
   * @param localIds the negative ids to cut
   * @param schema says which values are references; of attributes that it does not know no value is taken for one
   */
  public static List<Object> without(List<Object> forms, Set<Long> localIds, Schema schema) {
    IntentCut cut = new IntentCut(localIds, schema);
    List<Object> rest = new ArrayList<>();
    for (Object form : forms) {
      if (form instanceof Map<?, ?> map) {
        Map<Object, Object> left = cut.map(map);
        if (left.size() > 1) {
          rest.add(left);
        }
      } else if (!(form instanceof List<?> list) || !cut.isAbout(list)) {
        rest.add(form);
      }
    }
    return rest;
  }

  /** Whether a list form is about one of them; of Datomic's own operations only, for functions are called as they are. */
  private boolean isAbout(List<?> form) {
    Object operation = form.isEmpty() ? null : keyword(form.get(0));
    if (!(operation instanceof Keyword name) || Vocabulary.mayBeFunction(name) || form.size() < 2) {
      return false;
    }
    if (isCut(form.get(1))) {
      return true;
    }
    Attribute attribute = form.size() > 2 ? attribute(form.get(2)) : null;
    boolean any = form.size() > 2 && isCut(form.get(2));
    for (int i = 3; i < form.size(); i++) {
      any |= attribute != null && isCutValue(attribute, form.get(i));
    }
    return any;
  }

  /** Empty if the map is about one of them. */
  private Map<Object, Object> map(Map<?, ?> map) {
    Map<Object, Object> rest = new LinkedHashMap<>();
    if (map.entrySet().stream().anyMatch(entry -> isId(entry.getKey()) && isCut(entry.getValue()))) {
      return rest;
    }
    map.forEach((key, value) -> {
      Object kept = isId(key) ? value : entry(key, value);
      if (kept != null) {
        rest.put(key, kept);
      }
    });
    return Collections.unmodifiableMap(rest);
  }

  /** What is left of a map's value; null if nothing. */
  private Object entry(Object key, Object value) {
    if (isCut(key)) {
      return null;
    }
    Keyword forward = vocabulary.forward(keyword(key));
    if (forward != null) {
      return isCut(value) ? null : value;
    }
    Attribute attribute = attribute(key);
    if (attribute == null) {
      return value;
    }
    if (!FormReader.isCollection(attribute, value)) {
      return one(attribute, value);
    }
    Collection<?> several = (Collection<?>) value;
    Collection<Object> rest = several instanceof Set ? new LinkedHashSet<>() : new ArrayList<>();
    for (Object each : several) {
      Object kept = one(attribute, each);
      if (kept != null) {
        rest.add(kept);
      }
    }
    return rest.isEmpty() && !several.isEmpty() ? null : rest;
  }

  private Object one(Attribute attribute, Object value) {
    if (attribute.isRef() && value instanceof Map<?, ?> nested) {
      Map<Object, Object> rest = map(nested);
      return rest.isEmpty() ? null : rest;
    }
    return isCutValue(attribute, value) ? null : value;
  }

  private boolean isCutValue(Attribute attribute, Object value) {
    if (attribute.isRef()) {
      return isCut(value);
    }
    if (attribute.valueType() != ValueType.TUPLE || !(value instanceof List<?> elements)) {
      return false;
    }
    List<ValueType> types = attribute.tupleTypes();
    for (int i = 0; i < elements.size() && !types.isEmpty(); i++) {
      if (types.get(Math.min(i, types.size() - 1)) == ValueType.REF && isCut(elements.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Whether what stands where an entity stands is one of them, or is looked up by one. */
  private boolean isCut(Object entity) {
    if (entity instanceof LookupRef ref) {
      return isCut(List.of(ref.attribute(), ref.value()));
    }
    if (entity instanceof List<?> lookup) {
      Attribute attribute = lookup.size() == 2 ? attribute(lookup.get(0)) : null;
      return attribute != null && isCutValue(attribute, lookup.get(1));
    }
    return Values.coerce(ValueType.REF, entity) instanceof Long id && localIds.contains(id);
  }

  /** The attribute that is named, or null if none is. */
  private Attribute attribute(Object given) {
    if (keyword(given) instanceof Keyword ident) {
      return vocabulary.schema().attribute(ident);
    }
    return Values.coerce(ValueType.REF, given) instanceof Long id ? vocabulary.schema().attribute(id) : null;
  }

  private static boolean isId(Object key) {
    return keyword(key) == Vocabulary.ID;
  }

  private static Object keyword(Object given) {
    return given instanceof String text && Vocabulary.isKeywordText(text) ? Vocabulary.keyword(text, text) : given;
  }

  /** Of tempids, those that the forms still name, and the transaction's own. */
  public static Map<String, Long> mentioned(Map<String, Long> tempids, List<Object> forms) {
    Map<String, Long> kept = new HashMap<>();
    tempids.forEach((name, number) -> {
      if (name.equals(Intent.TX_TEMPID) || names(forms, name) || holds(forms, -number)) {
        kept.put(name, number);
      }
    });
    return kept;
  }

  private static boolean holds(Object form, long id) {
    if (form instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(value -> holds(value, id));
    }
    return form instanceof Collection<?> several
        ? several.stream().anyMatch(one -> holds(one, id)) : Long.valueOf(id).equals(form);
  }

  private static boolean names(Object form, String tempid) {
    if (form instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(value -> names(value, tempid));
    }
    return form instanceof Collection<?> several
        ? several.stream().anyMatch(one -> names(one, tempid)) : tempid.equals(form);
  }
}
