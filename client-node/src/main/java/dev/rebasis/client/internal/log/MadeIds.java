package dev.rebasis.client.internal.log;

import dev.rebasis.client.internal.db.PersistentSortedSet;
import dev.rebasis.conflict.LocalIds;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The local ids that the server has confirmed, with the ids that it gave. Immutable; threads may share it.
 *
 * <p>Local numbers are given out one after the other, so the map is an array in pages of 512: a look-up is two array
 * reads, and adding some copies their pages and the list of pages (8 KB for a million ids). The
 * numbers of entities that functions introduce lie far above and are few: they stand in a sorted set.
 */
public final class MadeIds implements LocalIds {
  private static final int PAGE_BITS = 9;
  private static final int PAGE_LENGTH = 1 << PAGE_BITS;

  /** None. */
  public static final MadeIds NONE = new MadeIds(
      new long[0][], PersistentSortedSet.empty(Comparator.comparingLong(Far::number)), 0);

  /** Numbers from here on are not counted up one after the other. */
  private static final long FAR = 1L << 31;

  private record Far(long number, long entity) {}

  // Entity id plus one, so that an empty place is 0.
  private final long[][] pages;
  private final PersistentSortedSet<Far> far;
  private final int size;

  private MadeIds(long[][] pages, PersistentSortedSet<Far> far, int size) {
    this.pages = pages;
    this.far = far;
    this.size = size;
  }

  /** How many. */
  public int size() {
    return size;
  }

  /**
   * With more.
   *
   * @param made positive local numbers with the server's ids; one that is known already keeps its id
   */
  public MadeIds with(Map<Long, Long> made) {
    if (made.isEmpty()) {
      return this;
    }
    long last = made.keySet().stream().mapToLong(Long::longValue).filter(number -> number < FAR).max().orElse(0);
    long[][] changed = Arrays.copyOf(pages, Math.max(pages.length, Math.toIntExact(last >> PAGE_BITS) + 1));
    PersistentSortedSet<Far> further = far;
    int added = 0;
    for (Map.Entry<Long, Long> entry : made.entrySet()) {
      Far one = new Far(entry.getKey(), entry.getValue());
      if (one.number < FAR) {
        added += put(changed, one.number, one.entity);
      } else if (!further.contains(one)) {
        further = further.add(one);
        added++;
      }
    }
    return new MadeIds(changed, further, size + added);
  }

  /** Without those whose numbers are given. */
  public MadeIds without(Set<Long> numbers) {
    if (numbers.isEmpty()) {
      return this;
    }
    Map<Long, Long> left = new HashMap<>();
    forEach((number, entity) -> {
      if (!numbers.contains(number)) {
        left.put(number, entity);
      }
    });
    return NONE.with(left);
  }

  /** Tells each local number and the server's id of its entity. */
  public void forEach(BiConsumer<Long, Long> consumer) {
    for (int page = 0; page < pages.length; page++) {
      for (int place = 0; pages[page] != null && place < PAGE_LENGTH; place++) {
        if (pages[page][place] != 0) {
          consumer.accept(((long) page << PAGE_BITS) | place, pages[page][place] - 1);
        }
      }
    }
    far.forEach(one -> consumer.accept(one.number, one.entity));
  }

  private int put(long[][] changed, long number, long entity) {
    int page = (int) (number >> PAGE_BITS);
    int place = (int) (number & (PAGE_LENGTH - 1));
    if (changed[page] == null) {
      changed[page] = new long[PAGE_LENGTH];
    } else if (page < pages.length && changed[page] == pages[page]) {
      changed[page] = changed[page].clone();
    }
    if (changed[page][place] != 0) {
      return 0;
    }
    changed[page][place] = entity + 1;
    return 1;
  }

  @Override
  public long resolve(long localId) {
    long number = -localId;
    if (number >= FAR) {
      Far found = far.isEmpty() ? null : far.get(new Far(number, 0));
      return found == null ? localId : found.entity;
    }
    long page = number >> PAGE_BITS;
    if (number <= 0 || page >= pages.length || pages[(int) page] == null) {
      return localId;
    }
    long entity = pages[(int) page][(int) (number & (PAGE_LENGTH - 1))];
    return entity == 0 ? localId : entity - 1;
  }
}
