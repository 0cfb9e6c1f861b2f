package dev.rebasis.server.internal.master;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import datomic.Database;
import dev.rebasis.protocol.RebasisSchema;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Which entity a client's local number stands for: a look-up in {@code :rebasis.tx/made}, with the newest ones at
 * hand. What was once made never changes, so the cache needs no care. Confined.
 */
final class MadeIndex {
  private static final int CACHED = 100_000;

  private record Key(long client, long number) {}

  private final Cache<Key, Long> cache =
      Caffeine.newBuilder().maximumSize(CACHED).executor(Runnable::run).build();

  /** Remembers what was just committed. */
  void add(long client, long number, long entity) {
    cache.put(new Key(client, number), entity);
  }

  /** The entity's id, or null if no committed transaction of the client introduced the number. */
  Long find(Database now, long client, long number) {
    Key key = new Key(client, number);
    Long known = cache.getIfPresent(key);
    if (known == null) {
      known = look(now, client, number);
      if (known != null) {
        cache.put(key, known);
      }
    }
    return known;
  }

  /** The same in a value that nobody else will see: what it alone holds is not remembered. */
  Long findOnTrial(Database now, long client, long number) {
    Long known = cache.getIfPresent(new Key(client, number));
    return known == null ? look(now, client, number) : known;
  }

  /** The same from the database itself. */
  static Long look(Database now, long client, long number) {
    Iterator<datomic.Datom> found = now.indexRange(DatomicValues.keyword(RebasisSchema.TX_MADE),
        Arrays.asList(client, number, null), Arrays.asList(client, number + 1, null)).iterator();
    return found.hasNext() ? (Long) ((List<?>) found.next().v()).get(2) : null;
  }

  /** What the record of a transaction says: local number to entity. */
  static Map<Long, Long> of(datomic.Entity record) {
    Map<Long, Long> made = new HashMap<>();
    if (record.get(RebasisSchema.TX_MADE.toString()) instanceof Iterable<?> tuples) {
      for (Object tuple : tuples) {
        List<?> elements = (List<?>) tuple;
        made.put((Long) elements.get(1), (Long) elements.get(2));
      }
    }
    return made;
  }
}
