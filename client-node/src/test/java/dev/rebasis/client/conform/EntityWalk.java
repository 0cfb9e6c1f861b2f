package dev.rebasis.client.conform;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads entities of one side: along attributes, or all that touching reads. Stateless.
 *
 * @param <E> what the side calls an entity
 */
abstract class EntityWalk<E> {
  private final Class<E> type;

  EntityWalk(Class<E> type) {
    this.type = type;
  }

  /** The entity's id. */
  abstract Object id(E entity);

  abstract Object get(E entity, Object key);

  /** The names of its attributes, in the side's own types. */
  abstract Iterable<?> keys(E entity);

  abstract boolean isComponent(E entity, Object key);

  /** A value, or a name, in the client's types. */
  abstract Object ours(Object value);

  /** What one gets along a path of attributes; entities as ids. */
  final Object walked(Object at, List<?> path) {
    Object value = at;
    for (Object step : path) {
      value = type.isInstance(value) ? get(type.cast(value), step) : null;
    }
    return shown(value, false);
  }

  /** What touching read: components as maps, other entities as ids. */
  final Map<Object, Object> touched(E entity) {
    Map<Object, Object> all = new HashMap<>();
    all.put(Questions.ID, id(entity));
    for (Object key : keys(entity)) {
      all.put(ours(key), shown(get(entity, key), isComponent(entity, key)));
    }
    return all;
  }

  private Object shown(Object value, boolean component) {
    if (value instanceof Set<?> several) {
      Set<Object> all = new LinkedHashSet<>();
      several.forEach(element -> all.add(shown(element, component)));
      return all;
    }
    if (type.isInstance(value)) {
      return component ? touched(type.cast(value)) : id(type.cast(value));
    }
    return ours(value);
  }
}
