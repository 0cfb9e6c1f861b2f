package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A part of the database: the entities that a query finds, and those that come with each of them. Immutable. Several of
 * them together are the entities that at least one of them has.
 *
 * @param name by which the client tells it from its others
 * @param query a query as plain data, in list or map form, that finds one variable: an entity
 * @param inputs what stands in its {@code :in} behind the database
 * @param pull a pull pattern as plain data; the entities that it goes to come too, whole; null for the components of each
 *     entity, which is what {@code [*]} means
 */
public record ScopeSpec(String name, Object query, List<Object> inputs, Object pull) {
  private static final Keyword NAME = Keyword.of(":name");
  private static final Keyword QUERY = Keyword.of(":query");
  private static final Keyword INPUTS = Keyword.of(":inputs");
  private static final Keyword PULL = Keyword.of(":pull");

  /** Copies the list, which may hold nulls. */
  public ScopeSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(query, "query");
    inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
  }

  /** The scope as plain data, for the wire and the log; equal scopes give equal data. */
  public Map<Object, Object> toData() {
    Map<Object, Object> data = new LinkedHashMap<>();
    data.put(NAME, name);
    data.put(QUERY, query);
    if (!inputs.isEmpty()) {
      data.put(INPUTS, inputs);
    }
    if (pull != null) {
      data.put(PULL, pull);
    }
    return data;
  }

  /**
   * The scope of {@link #toData}. Keys that it does not know are passed over.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static ScopeSpec fromData(Object data) {
    if (!(data instanceof Map<?, ?> map) || !(map.get(NAME) instanceof String name)) {
      throw new IllegalArgumentException("a scope is a map with a :name, which is a string");
    }
    Object query = map.get(QUERY);
    if (!(query instanceof List<?>) && !(query instanceof Map<?, ?>)) {
      throw new IllegalArgumentException("the :query of the scope " + name + " is no list and no map");
    }
    Object inputs = map.get(INPUTS);
    if (inputs != null && !(inputs instanceof List<?>)) {
      throw new IllegalArgumentException("the :inputs of the scope " + name + " are no list");
    }
    Object pull = map.get(PULL);
    if (pull != null && !(pull instanceof List<?>)) {
      throw new IllegalArgumentException("the :pull of the scope " + name + " is no list");
    }
    return new ScopeSpec(name, query, inputs == null ? List.of() : new ArrayList<>((List<?>) inputs), pull);
  }
}
