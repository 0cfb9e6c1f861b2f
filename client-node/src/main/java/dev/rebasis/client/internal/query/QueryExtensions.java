package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryFunction;
import java.util.Map;
import java.util.Set;

/**
 * What a program adds to the language of its queries. Immutable.
 *
 * @param functions by the name that queries use
 * @param classes whose public methods and constructors queries may call
 */
public record QueryExtensions(Map<String, QueryFunction> functions, Set<Class<?>> classes) {
  /** Nothing added. */
  public static final QueryExtensions NONE = new QueryExtensions(Map.of(), Set.of());

  /** Copies the collections. */
  public QueryExtensions {
    functions = Map.copyOf(functions);
    classes = Set.copyOf(classes);
  }
}
