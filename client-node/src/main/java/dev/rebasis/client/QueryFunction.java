package dev.rebasis.client;

import java.util.List;

/**
 * A function of the program's own that queries can call, in {@code :where} as function or predicate and in {@code :find}
 * as an aggregate. Registered with {@link ClientBuilder#function}. It must be thread-safe and pure: the planner
 * decides how often and in which order it is called, and the results of calls are remembered as data.
 */
@FunctionalInterface
public interface QueryFunction {
  /**
   * Computes.
   *
   * @param arguments values as they stand in datoms ({@code Long}, {@code String}, {@code Instant} ...), a
   *     {@link Database} where a query has a data source; of an aggregate the last one is the {@code List} of the values
   *     of a group, duplicates included as {@code :with} says. Unmodifiable, may hold nulls
   * @return a value; null binds nothing, and as a predicate null and false mean no
   * @throws RuntimeException ends the query with {@code :rebasis.error/query-function-failed}, with this as its cause
   */
  Object apply(List<Object> arguments);
}
