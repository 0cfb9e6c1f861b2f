package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Unique;
import dev.rebasis.edn.Edn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * By which words a text that somebody pushed, or a message about it, gives away what is to be excised: its values, whenever
 * they stood there, and the names of the entities. Rather too many texts than too few: a value that only looks the same
 * counts too. Filled while the requests are read, each of them once, so that the words stay known when the facts are gone.
 */
final class ExcisedWords {
  /** A string that is shorter than this is too common to be looked for inside of others. */
  private static final int PART_MIN = 4;

  private final Set<Long> requests = new HashSet<>();
  /** Values of types that are not met by chance, or strings. */
  private final Set<Object> values = new HashSet<>();
  /** Other values, which mean something only beside their attribute. */
  private final Map<Keyword, Set<Object>> valuesOf = new HashMap<>();
  private final Set<Keyword> attributes = new HashSet<>();
  private final Set<Object> entities = new HashSet<>();
  /** What of the values is looked for inside of texts, and what of the names. */
  private final Needles parts = new Needles();
  private final Needles names = new Needles();

  /** Whether a request was not read into these words yet; from now on it counts as read. */
  boolean isNew(long request) {
    return requests.add(request);
  }

  /** All facts of an attribute go. */
  void addAttribute(Database history, Schema schema, long attribute) {
    attributes.add(schema.ident(attribute));
    names.add(schema.ident(attribute).toString());
    history.datoms(Database.AEVT, attribute).forEach(datom -> add(datom, schema));
  }

  /** Facts about an entity go. */
  void addEntity(Database history, Schema schema, long entity, Set<Long> only) {
    entities.add(entity);
    names.add(Long.toString(entity));
    for (Datom datom : history.datoms(Database.EAVT, entity)) {
      dev.rebasis.data.Datom fact = DatomicFactView.translate(datom);
      if (only.isEmpty() || only.contains(fact.a())) {
        add(datom, schema);
      } else if (schema.attribute(fact.a()).unique() != Unique.NONE || schema.ident(fact.a()).equals(Names.DB_IDENT)) {
        addFact(schema.ident(fact.a()), fact.v());
      }
    }
  }

  private void add(Datom datom, Schema schema) {
    dev.rebasis.data.Datom fact = DatomicFactView.translate(datom);
    Object value = fact.v();
    boolean common = value instanceof Number || value instanceof Boolean || value instanceof Keyword;
    if (common) {
      addFact(schema.ident(fact.a()), value);
    } else if (values.add(value)) {
      if (value.toString().length() >= PART_MIN) {
        addPart(value.toString());
      }
      if (!(value instanceof String text && text.length() >= PART_MIN)) {
        addPart(written(value));
      }
    }
  }

  private void addFact(Keyword attribute, Object value) {
    if (valuesOf.computeIfAbsent(attribute, none -> new HashSet<>()).add(value)) {
      addPart(attribute + " " + written(value));
    }
  }

  /** As it stands in a string, in the text of a form, and in a record that quotes that text. */
  private void addPart(String text) {
    String quoted = inner(text);
    parts.add(text);
    parts.add(quoted);
    parts.add(inner(quoted));
  }

  private static String written(Object value) {
    try {
      return Edn.write(value);
    } catch (IllegalArgumentException e) {
      // Datomic takes longer numbers than we write; messages quote them like this.
      return value.toString();
    }
  }

  private static String inner(String text) {
    String written = Edn.write(text);
    return written.substring(1, written.length() - 1);
  }

  /** Whether nothing is to be excised. */
  boolean isEmpty() {
    return entities.isEmpty() && attributes.isEmpty();
  }

  /**
   * Whether forms tell.
   *
   * @param form plain data
   * @param locals what the local ids in it stand for, as far as that is known
   */
  boolean areIn(Object form, Map<Long, Long> locals) {
    if (form instanceof Map<?, ?> map) {
      return map.entrySet().stream().anyMatch(entry -> isFact(entry.getKey(), entry.getValue())
          || areIn(entry.getKey(), locals) || areIn(entry.getValue(), locals));
    }
    if (values.contains(form) || attributes.contains(form)) {
      return true;
    }
    if (form instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        if (areIn(list.get(i), locals) || i > 0 && isFact(list.get(i - 1), list.get(i))) {
          return true;
        }
      }
      return false;
    }
    if (form instanceof Iterable<?> elements) {
      for (Object element : elements) {
        if (areIn(element, locals)) {
          return true;
        }
      }
      return false;
    }
    return form instanceof Long id && entities.contains(locals.getOrDefault(id, id))
        || form instanceof String text && isIn(text);
  }

  private boolean isFact(Object attribute, Object value) {
    return attribute instanceof Keyword ident && valuesOf.getOrDefault(ident, Set.of()).contains(value);
  }

  /** Whether a string, such as a message, tells. */
  boolean isIn(String text) {
    return names.areIn(text) || isValueIn(text);
  }

  /** Whether a text holds one of the values, or the beginning of one, if the text was cut there. */
  boolean isValueIn(String text) {
    return parts.areIn(text) || parts.areCutIn(text);
  }

  /**
   * Whether the record of a conflict tells, by its values.
   *
   * @param about the attribute that they are of; null if they are of none
   * @param edn the text of the record, a list
   */
  boolean isRecordIn(Keyword about, String edn) {
    if (isValueIn(edn)) {
      return true;
    }
    return about != null && valuesOf.containsKey(about) && ((List<?>) Edn.read(edn)).stream().anyMatch(value -> isFact(about, value));
  }

  /**
   * Whether the answer of a query tells by values that mean something only beside their attribute, since the query names that.
   *
   * @param query its text, perhaps cut
   * @param answer its text, perhaps cut
   */
  boolean isAnswerIn(String query, String answer) {
    return valuesOf.entrySet().stream().anyMatch(facts -> query.contains(facts.getKey().toString())
        && facts.getValue().stream().anyMatch(value -> isWordIn(written(value), answer)));
  }

  private static boolean isWordIn(String word, String text) {
    for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      int end = at + word.length();
      if ((at == 0 || isBetween(text.charAt(at - 1))) && (end == text.length() || isBetween(text.charAt(end)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBetween(char c) {
    return Character.isWhitespace(c) || "[]{}()\"\\,…".indexOf(c) >= 0;
  }
}
