package dev.rebasis.simulations.workload;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.List;
import java.util.Map;

/**
 * A query that must return nothing. Immutable.
 *
 * @param name what it guards, in a few words
 * @param query Datalog, EDN text, with a database as its only input
 * @param always true if it must hold at every moment on what clients see and on what is confirmed; false if only once
 *     everything is healed
 */
public record Invariant(String name, String query, boolean always) {
  /**
   * Checks that the query can be read.
   *
   * @throws RebasisException if not
   */
  public Invariant {
    Object form;
    try {
      form = Edn.read(query);
    } catch (RebasisException e) {
      throw wrong(name, e.getMessage());
    }
    if (!(form instanceof List<?> list && list.contains(Keyword.of(":find"))
        || form instanceof Map<?, ?> map && map.containsKey(Keyword.of(":find")))) {
      throw wrong(name, "it has no :find.");
    }
  }

  private static RebasisException wrong(String name, String why) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-invariant"), ErrorCategory.FIX_REQUEST,
        "The invariant '" + name + "' is no query: " + why);
  }
}
