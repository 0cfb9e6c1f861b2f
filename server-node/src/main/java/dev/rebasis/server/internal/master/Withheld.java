package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.server.internal.scope.HiddenAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The attributes that the users of a role do not see. Immutable.
 *
 * @param ids their entity ids, those of composite tuples with a hidden part included
 * @param shown the schema without them
 */
record Withheld(Set<Long> ids, Schema shown) {
  /** Finds them by name, and keeps what it found while the schema is the same. Confined. */
  static final class Cache {
    private static final int KEPT_MAX = 256;

    private final Map<Set<Keyword>, Withheld> found = new HashMap<>();
    private Schema schema;

    Withheld of(Set<Keyword> hidden, Schema newest) {
      if (schema != newest || found.size() > KEPT_MAX) {
        found.clear();
        schema = newest;
      }
      return found.computeIfAbsent(hidden, names -> {
        Set<Long> ids = HiddenAttributes.of(names, newest);
        return new Withheld(Set.copyOf(ids), newest.without(ids));
      });
    }
  }
}
