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
import java.util.stream.Stream;

/**
 * By which words a text that somebody pushed, or a message about it, gives away what is to be excised: its values, whenever
 * they stood there, and the names of the entities. Rather too many texts than too few: a value that only looks the same
 * counts too. Filled while the requests are read, immutable afterwards.
 */
final class ExcisedWords {
  /** A string that is shorter than this is too common to be looked for inside of others. */
  private static final int PART_MIN = 4;

  private final Schema schema;
  /** Values of types that are not met by chance, or strings. */
  private final Set<Object> values = new HashSet<>();
  /** Other values, which mean something only beside their attribute. */
  private final Map<Keyword, Set<Object>> valuesOf = new HashMap<>();
  private final Set<Keyword> attributes = new HashSet<>();
  private final Set<Object> entities = new HashSet<>();

  ExcisedWords(Schema schema) {
    this.schema = schema;
  }

  /** All facts of an attribute go. */
  void addAttribute(Database history, long attribute) {
    attributes.add(schema.ident(attribute));
    history.datoms(Database.AEVT, attribute).forEach(this::add);
  }

  /** Facts about an entity go. */
  void addEntity(Database history, long entity, Set<Long> only) {
    entities.add(entity);
    for (Datom datom : history.datoms(Database.EAVT, entity)) {
      dev.rebasis.data.Datom fact = DatomicFactView.translate(datom);
      if (only.isEmpty() || only.contains(fact.a())) {
        add(datom);
      } else if (schema.attribute(fact.a()).unique() != Unique.NONE || schema.ident(fact.a()).equals(Names.DB_IDENT)) {
        valuesOf.computeIfAbsent(schema.ident(fact.a()), none -> new HashSet<>()).add(fact.v());
      }
    }
  }

  private void add(Datom datom) {
    dev.rebasis.data.Datom fact = DatomicFactView.translate(datom);
    Object value = fact.v();
    boolean common = value instanceof Number || value instanceof Boolean || value instanceof Keyword;
    if (common) {
      valuesOf.computeIfAbsent(schema.ident(fact.a()), none -> new HashSet<>()).add(value);
    } else {
      values.add(value);
    }
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
    return values.stream().anyMatch(value -> value.toString().length() < PART_MIN ? text.contains(Edn.write(value))
            : text.contains(value.toString()))
        || Stream.concat(entities.stream(), attributes.stream()).anyMatch(name -> text.contains(name.toString()))
        || valuesOf.entrySet().stream().anyMatch(facts -> text.contains(facts.getKey().toString())
            && facts.getValue().stream().anyMatch(value -> text.contains(facts.getKey() + " " + Edn.write(value))));
  }
}
