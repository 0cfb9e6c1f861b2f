package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Symbol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Which entities come with one by a pull pattern: those whose maps the pattern's answer would hold. A wildcard, and a
 * component attribute by itself, bring components with theirs; another reference by itself brings nothing, for it is a
 * bare id in the answer too. Immutable.
 */
final class Reach {
  private static final long FOREVER = Long.MAX_VALUE;
  private static final int DEPTH_MAX = 50;

  /** One level of a pattern. */
  private static final class Level {
    private boolean components;
    private final List<Keyword> plain = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
  }

  /**
   * A step to other entities.
   *
   * @param next what comes with these; null for the same level again
   * @param times how often at most the same level comes again
   */
  private record Edge(Keyword attribute, boolean reverse, Level next, long times) {}

  private record Step(long e, Level level, long times) {}

  private final String name;
  private final Level top;
  private final Set<Keyword> forward = new HashSet<>();
  private final Set<Keyword> backward = new HashSet<>();

  private Reach(String name, Object pattern) {
    this.name = name;
    this.top = pattern == null ? level(List.of(Symbol.of("*")), 0) : level(pattern, 0);
  }

  /**
   * Reads a pattern.
   *
   * @param pattern plain data; null for {@code [*]}
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/scope} if it is none, or one that leaves things out
   */
  static Reach of(String name, Object pattern) {
    return new Reach(name, pattern);
  }

  // ---- reading the pattern

  private Level level(Object pattern, int depth) {
    if (!(pattern instanceof List<?> elements) || depth > DEPTH_MAX) {
      throw ScopeErrors.wrong(name, "its pull pattern is no vector, or nested deeper than " + DEPTH_MAX);
    }
    Level level = new Level();
    for (Object element : elements) {
      if (element.equals(Symbol.of("*")) || element.equals("*") || element.equals(Keyword.of(":*"))) {
        level.components = true;
      } else if (element instanceof Map<?, ?> map) {
        map.forEach((attribute, next) -> level.edges.add(edge(attribute(attribute), next, depth)));
      } else {
        Keyword attribute = attribute(element);
        if (!attribute.name().startsWith("_")) {
          level.plain.add(attribute);
        }
      }
    }
    return level;
  }

  private Edge edge(Keyword attribute, Object next, int depth) {
    boolean reverse = attribute.name().startsWith("_");
    Keyword forwards = reverse
        ? Keyword.of(":" + (attribute.namespace() == null ? "" : attribute.namespace() + "/") + attribute.name().substring(1))
        : attribute;
    (reverse ? backward : forward).add(forwards);
    if (next instanceof Long times) {
      return new Edge(forwards, reverse, null, Math.max(0, times));
    }
    return next.equals(Symbol.of("...")) ? new Edge(forwards, reverse, null, FOREVER)
        : new Edge(forwards, reverse, level(next, depth + 1), 0);
  }

  /** An attribute, alone or with options that change nothing about which entities there are. */
  private Keyword attribute(Object spec) {
    if (spec instanceof Keyword attribute) {
      return attribute;
    }
    if (spec instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Keyword attribute) {
      for (int i = 1; i < list.size(); i += 2) {
        if (!list.get(i).equals(Keyword.of(":as")) && !list.get(i).equals(Keyword.of(":default"))) {
          throw ScopeErrors.wrong(name, "its pull pattern may not limit or change what it finds");
        }
      }
      return attribute;
    }
    throw ScopeErrors.wrong(name, "its pull pattern holds something else than attributes, maps and *");
  }

  // ---- following it

  /** What comes with an entity, itself included. */
  Set<Long> of(long root, Database db, Schema schema) {
    Set<Long> reached = new HashSet<>();
    reached.add(root);
    Set<Step> seen = new HashSet<>();
    ArrayDeque<Step> open = new ArrayDeque<>();
    open.add(new Step(root, top, FOREVER));
    while (!open.isEmpty()) {
      Step step = open.poll();
      reached.add(step.e);
      if (seen.add(step)) {
        follow(step, db, schema, open);
      }
    }
    return reached.size() == 1 ? Set.of(root) : reached;
  }

  private void follow(Step step, Database db, Schema schema, ArrayDeque<Step> open) {
    if (step.level == null || step.level.components) {
      for (datomic.Datom datom : db.datoms(Database.EAVT, step.e)) {
        Attribute attribute = schema.attribute(((Number) datom.a()).longValue());
        if (attribute != null && attribute.component() && datom.v() instanceof Long target) {
          open.add(new Step(target, null, FOREVER));
        }
      }
    }
    if (step.level == null) {
      return;
    }
    for (Keyword plain : step.level.plain) {
      Attribute attribute = attribute(plain, schema);
      if (attribute != null && attribute.component()) {
        targets(step.e, attribute, false, db, target -> open.add(new Step(target, null, FOREVER)));
      }
    }
    for (Edge edge : step.level.edges) {
      Attribute attribute = attribute(edge.attribute, schema);
      if (attribute == null || !attribute.isRef()) {
        continue;
      }
      if (edge.next != null) {
        targets(step.e, attribute, edge.reverse, db, target -> open.add(new Step(target, edge.next, FOREVER)));
      } else {
        long left = edge.times == FOREVER ? FOREVER : Math.min(step.times, edge.times);
        if (left > 0) {
          long then = left == FOREVER ? FOREVER : left - 1;
          targets(step.e, attribute, edge.reverse, db, target -> open.add(new Step(target, step.level, then)));
        }
      }
    }
  }

  private static Attribute attribute(Keyword name, Schema schema) {
    Long id = schema.entid(name);
    return id == null ? null : schema.attribute(id);
  }

  private static void targets(long e, Attribute attribute, boolean reverse, Database db, LongConsumer found) {
    if (reverse) {
      for (datomic.Datom datom : db.datoms(Database.VAET, e, attribute.id())) {
        found.accept(((Number) datom.e()).longValue());
      }
    } else {
      for (datomic.Datom datom : db.datoms(Database.EAVT, e, attribute.id())) {
        found.accept((Long) datom.v());
      }
    }
  }

  /** Whether all its steps go from an entity to those that it refers to. */
  boolean isForward() {
    return backward.isEmpty();
  }

  /** Tells the entities with which, because of a changed fact, something else may come. */
  void affected(Datom datom, Schema schema, LongConsumer found) {
    Attribute attribute = schema.attribute(datom.a());
    if (attribute == null || !attribute.isRef()) {
      return;
    }
    if (attribute.component() || names(forward, datom.a(), schema)) {
      found.accept(datom.e());
    }
    if (names(backward, datom.a(), schema)) {
      found.accept((Long) datom.v());
    }
  }

  private static boolean names(Set<Keyword> attributes, long a, Schema schema) {
    for (Keyword attribute : attributes) {
      Long id = schema.entid(attribute);
      if (id != null && id == a) {
        return true;
      }
    }
    return false;
  }
}
