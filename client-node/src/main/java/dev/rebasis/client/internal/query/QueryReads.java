package dev.rebasis.client.internal.query;

import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which datoms can change the answer to a query: those that one of its patterns could match, by their attribute and by
 * the constants in entity and value, and those that give another meaning to a name in it. It errs on the side of too
 * many, and holds for the database value that it was found on and all that follow, as long as none of the changes in
 * between can matter. Immutable once made.
 */
public final class QueryReads {
  // Attributes of attributes have fixed ids below those that a database gives; a change of one may mean anything.
  private static final long FIRST_OWN_ATTRIBUTE = 72;

  /** What a datom must be like; null stands for anything. */
  private record Watch(Long entity, Object value) {}

  private final Map<Long, List<Watch>> watches = new HashMap<>();
  private boolean everything;
  private boolean localIds;

  QueryReads() {}

  /** Whether the datom can matter. */
  public boolean isTouchedBy(Datom datom) {
    if (everything || isSchema(datom.a())) {
      return true;
    }
    for (Watch watch : watches.getOrDefault(datom.a(), List.of())) {
      if ((watch.entity == null || watch.entity == datom.e())
          && (watch.value == null || QueryValues.equal(watch.value, datom.v()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether some datom of the attribute can matter. */
  public boolean isTouchedBy(long attribute) {
    return everything || isSchema(attribute) || watches.containsKey(attribute);
  }

  /** Whether it can matter that an entity made here gets its id from the server, or turns out to be another one. */
  public boolean namesLocalIds() {
    return localIds;
  }

  // Those made here have local ids, which are negative.
  private static boolean isSchema(long attribute) {
    return attribute >= 0 && attribute < FIRST_OWN_ATTRIBUTE && attribute != SystemIds.DB_TX_INSTANT;
  }

  /** Adds datoms of an attribute, those of one entity or with one value if these are given. */
  void watch(long attribute, Long entity, Object value) {
    watches.computeIfAbsent(attribute, a -> new ArrayList<>(1)).add(new Watch(entity, value));
  }

  /** Adds all datoms. */
  void watchEverything() {
    everything = true;
  }

  /** Adds what is decided about entities made here. */
  void watchLocalIds() {
    localIds = true;
  }
}
