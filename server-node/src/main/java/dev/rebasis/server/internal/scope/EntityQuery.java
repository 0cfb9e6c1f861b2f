package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.DatomicQuery;
import dev.rebasis.server.internal.master.DatomicValues;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * A query that finds entities, ready to be asked as a whole or about one entity. Immutable but for a cache; confined.
 *
 * <p>{@link QueryReads} says what it reads. If every fact that it reads is one of the found entity itself, then a
 * transaction can change its answer only about entities whose facts it changes: these are asked about one by one.
 */
final class EntityQuery {
  /** More entities than these are no part but the whole. */
  static final int ENTITIES_MAX = 2_000_000;

  private static final Keyword FIND = Keyword.of(":find");
  private static final Keyword IN = Keyword.of(":in");
  private static final Keyword WHERE = Keyword.of(":where");
  private static final Set<Keyword> PARTS = Set.of(FIND, IN, WHERE);
  private static final Symbol DATABASE = Symbol.of("$");

  private final String name;
  private final String all;
  private final String one;
  private final List<Object> inputs;
  private final QueryReads reads;
  private LongSupplier millisLeft = QueryTime.ENDLESS.scopeMillis();
  private Schema idsOf;
  private Set<Long> ids;

  private EntityQuery(String name, String all, String one, List<Object> inputs, QueryReads reads) {
    this.name = name;
    this.all = all;
    this.one = one;
    this.inputs = inputs;
    this.reads = reads;
  }

  /**
   * Reads a query.
   *
   * @param name for messages
   * @param query plain data in list or map form
   * @param inputs plain data
   * @throws RebasisException {@code :rebasis.error/scope} if it does not find entities
   */
  static EntityQuery of(String name, Object query, List<?> inputs) {
    Map<Keyword, List<Object>> parts = parts(name, query);
    Symbol found = found(name, parts.get(FIND));
    List<Object> in = parts.getOrDefault(IN, List.of(DATABASE));
    if (in.isEmpty() || !in.get(0).equals(DATABASE) || in.size() != inputs.size() + 1) {
      throw ScopeErrors.wrong(name, "its :in is $ and then one name for each input");
    }
    List<Object> where = parts.getOrDefault(WHERE, List.of());
    if (where.isEmpty()) {
      throw ScopeErrors.wrong(name, "its query has no :where");
    }
    List<Object> asked = new ArrayList<>(in);
    asked.add(1, found);
    List<Object> values = new ArrayList<>();
    inputs.forEach(input -> values.add(DatomicValues.toDatomic(input)));
    return new EntityQuery(
        name, text(found, in, where), text(found, asked, where), values, QueryReads.of(where, found, inputs));
  }

  private static String text(Symbol found, List<Object> in, List<Object> where) {
    Map<Object, Object> query = new LinkedHashMap<>();
    query.put(FIND, List.of(found));
    query.put(IN, in);
    query.put(WHERE, where);
    return Edn.write(query);
  }

  private static Map<Keyword, List<Object>> parts(String name, Object query) {
    Map<Keyword, List<Object>> parts = new LinkedHashMap<>();
    if (query instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        if (!(key instanceof Keyword part) || !(value instanceof List<?> list)) {
          throw ScopeErrors.wrong(name, "its query is no map of keywords to vectors");
        }
        parts.put(part, new ArrayList<>(list));
      });
    } else if (query instanceof List<?> list) {
      List<Object> current = null;
      for (Object element : list) {
        if (element instanceof Keyword part) {
          current = new ArrayList<>();
          parts.put(part, current);
        } else if (current == null) {
          throw ScopeErrors.wrong(name, "its query does not begin with a keyword");
        } else {
          current.add(element);
        }
      }
    } else {
      throw ScopeErrors.wrong(name, "its query is neither a vector nor a map");
    }
    if (!PARTS.containsAll(parts.keySet())) {
      throw ScopeErrors.wrong(name, "its query may have :find, :in and :where, not " + Edn.write(parts.keySet()));
    }
    return parts;
  }

  /** {@code ?e}, {@code [?e ...]} or {@code ?e .}: all mean the same here. */
  private static Symbol found(String name, List<Object> find) {
    List<Object> elements = find == null ? List.of() : new ArrayList<>(find);
    if (elements.size() == 1 && elements.get(0) instanceof List<?> list) {
      elements = new ArrayList<>(list);
    }
    if (elements.size() == 2 && (elements.get(1).equals(Symbol.of("...")) || elements.get(1).equals(Symbol.of(".")))) {
      elements.remove(1);
    }
    if (elements.size() == 1 && elements.get(0) instanceof Symbol variable && variable.text().startsWith("?")) {
      return variable;
    }
    throw ScopeErrors.wrong(name, "its query finds one variable, the entities, as in [:find ?e :where ...]");
  }

  /** Answers only as long as this says, in milliseconds. */
  EntityQuery within(LongSupplier millis) {
    this.millisLeft = millis;
    return this;
  }

  /** Whether a transaction's effect on the answer is told by the entities whose facts it changes. */
  boolean isLocal() {
    return reads.isLocal();
  }

  /** Whether a changed fact can change the answer. */
  boolean reads(Datom datom, Schema schema) {
    if (reads.attributes() == null) {
      return true;
    }
    if (idsOf != schema) {
      idsOf = schema;
      ids = new HashSet<>();
      reads.attributes().forEach(attribute -> {
        Long id = schema.entid(attribute);
        if (id != null) {
          ids.add(id);
        }
      });
    }
    return ids.contains(datom.a());
  }

  /** The entities that it finds. */
  Set<Long> in(Database db) {
    Set<Long> found = new HashSet<>();
    for (Object row : ask(all, db, null)) {
      if (((List<?>) row).get(0) instanceof Long e) {
        found.add(e);
      }
    }
    if (found.size() > ENTITIES_MAX) {
      throw ScopeErrors.wrong(name, "it finds " + found.size() + " entities, and at most " + ENTITIES_MAX + " can be served");
    }
    return found;
  }

  /** Whether it finds this entity. */
  boolean finds(Database db, long e) {
    return !ask(one, db, e).isEmpty();
  }

  private Collection<?> ask(String query, Database db, Long e) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(db);
    if (e != null) {
      arguments.add(e);
    }
    arguments.addAll(inputs);
    long millis = millisLeft.getAsLong();
    if (millis <= 0) {
      throw ScopeErrors.wrong(name, "the scopes of this user have taken all the time that they may");
    }
    try {
      return (Collection<?>) DatomicQuery.ask(query, arguments.toArray(), millis);
    } catch (Exception fault) {
      // Datomic throws checked exceptions without saying so.
      if (namesWhatIsNotThere(fault)) {
        // An attribute, a name or a unique value that nobody has made yet: there is nothing of it.
        return List.of();
      }
      throw ScopeErrors.wrong(name, "Datomic does not answer its query (" + rootOf(fault).getMessage() + ")");
    }
  }

  private static boolean namesWhatIsNotThere(Throwable fault) {
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains(":db.error/not-an-entity") || message.contains("Cannot resolve key")) {
        return true;
      }
    }
    return false;
  }

  private static Throwable rootOf(Throwable fault) {
    Throwable root = fault;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
