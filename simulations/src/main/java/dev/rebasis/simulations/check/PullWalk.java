package dev.rebasis.simulations.check;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Symbol;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows pull patterns of scopes through plain facts, as docs/scopes.md says: a wildcard and a component attribute by itself
 * bring components with theirs, a map goes on along a reference, forwards or backwards, perhaps again and again. Immutable but
 * for what it has visited; confined.
 */
final class PullWalk {
  private static final List<Object> WILDCARD = List.of(Symbol.of("*"));
  private static final Object AGAIN = Symbol.of("...");

  private final Schema schema;
  private final Map<Long, Set<Datom>> from = new HashMap<>();
  private final Map<Object, Set<Datom>> to = new HashMap<>();

  PullWalk(ServerFacts server) {
    this.schema = server.schema();
    for (Datom datom : server.current()) {
      Attribute attribute = schema.attribute(datom.a());
      if (attribute != null && attribute.isRef()) {
        from.computeIfAbsent(datom.e(), e -> new HashSet<>()).add(datom);
        to.computeIfAbsent(datom.v(), v -> new HashSet<>()).add(datom);
      }
    }
  }

  /** The entities that come with one, itself among them. */
  Set<Long> from(long root, Object pattern) {
    Set<Long> found = new HashSet<>();
    found.add(root);
    walk(root, pattern == null ? WILDCARD : (List<?>) pattern, Map.of(), found, new HashSet<>());
    return found;
  }

  /** @param left by edges that repeat, how many more times; without end where nothing is said */
  private void walk(long e, List<?> pattern, Map<Object, Long> left, Set<Long> found, Set<List<Object>> visited) {
    if (!visited.add(List.of(e, pattern, left))) {
      return;
    }
    found.add(e);
    for (Object element : pattern) {
      if (element instanceof Map<?, ?> map) {
        map.forEach((attribute, next) -> edge(e, bare(attribute), next, pattern, left, found, visited));
      } else if (String.valueOf(element).equals("*") || String.valueOf(element).equals(":*")) {
        from.getOrDefault(e, Set.of()).stream().filter(datom -> schema.attribute(datom.a()).component())
            .forEach(datom -> walk((Long) datom.v(), WILDCARD, Map.of(), found, visited));
      } else {
        targets(e, bare(element), true).forEach(target -> walk(target, WILDCARD, Map.of(), found, visited));
      }
    }
  }

  private void edge(long e, Keyword attribute, Object next, List<?> pattern, Map<Object, Long> left, Set<Long> found,
      Set<List<Object>> visited) {
    Set<Long> targets = targets(e, attribute, false);
    if (next instanceof List<?> deeper) {
      targets.forEach(target -> walk(target, deeper, Map.of(), found, visited));
    } else if (next.equals(AGAIN)) {
      targets.forEach(target -> walk(target, pattern, left, found, visited));
    } else {
      long times = left.getOrDefault(attribute, (Long) next);
      if (times > 0) {
        Map<Object, Long> then = new HashMap<>(left);
        then.put(attribute, times - 1);
        targets.forEach(target -> walk(target, pattern, then, found, visited));
      }
    }
  }

  /** An attribute, perhaps with options that change nothing about which entities there are. */
  private static Keyword bare(Object spec) {
    return (Keyword) (spec instanceof List<?> list ? list.get(0) : spec);
  }

  private Set<Long> targets(long e, Keyword attribute, boolean onlyComponents) {
    boolean backwards = attribute.name().startsWith("_");
    Keyword forwards = !backwards ? attribute : Keyword.of(":" + attribute.namespace() + "/" + attribute.name().substring(1));
    Set<Long> targets = new HashSet<>();
    for (Datom datom : backwards ? to.getOrDefault(e, Set.of()) : from.getOrDefault(e, Set.of())) {
      if (forwards.equals(schema.ident(datom.a()))
          && (!onlyComponents || !backwards && schema.attribute(datom.a()).component())) {
        targets.add(backwards ? (Long) datom.e() : (Long) datom.v());
      }
    }
    return targets;
  }
}
