package dev.rebasis.client.internal.log;

import dev.rebasis.client.internal.db.PersistentSortedSet;
import dev.rebasis.conflict.LocalIds;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The local ids that the server has confirmed, with the ids that it gave. Immutable; threads may share it.
 *
 * <p>Those that were confirmed when the log was opened stay in its table ({@link StoredIds}); what came since is here.
 * Local numbers are given out one after the other, so that map is an array in pages of 512: a look-up is two array
 * reads, and adding some copies their pages and the list of pages (8 KB for a million ids). The
 * numbers of entities that functions introduce lie far above and are few: they stand in a sorted set.
 */
public final class MadeIds implements LocalIds {
  private static final int PAGE_BITS = StoredIds.PAGE_BITS;
  private static final int PAGE_LENGTH = StoredIds.PAGE_LENGTH;

  /** None. */
  public static final MadeIds NONE = of(StoredIds.NONE, Set.of());

  private static final long FAR = StoredIds.FAR;

  private record Far(long number, long entity) {}

  private final StoredIds stored;
  /** Those of the stored ones that were taken back since. */
  private final Set<Long> hidden;
  // Entity id plus one, so that an empty place is 0.
  private final long[][] pages;
  private final PersistentSortedSet<Far> far;

  private MadeIds(StoredIds stored, Set<Long> hidden, long[][] pages, PersistentSortedSet<Far> far) {
    this.stored = stored;
    this.hidden = hidden;
    this.pages = pages;
    this.far = far;
  }

  /** Those of a log at its opening. */
  static MadeIds of(StoredIds stored) {
    return stored == StoredIds.NONE ? NONE : of(stored, Set.of());
  }

  private static MadeIds of(StoredIds stored, Set<Long> hidden) {
    return new MadeIds(
        stored, hidden, new long[0][], PersistentSortedSet.empty(Comparator.comparingLong(Far::number)));
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
    for (Map.Entry<Long, Long> entry : made.entrySet()) {
      Far one = new Far(entry.getKey(), entry.getValue());
      if (stored(one.number) >= 0) {
        continue;
      }
      if (one.number < FAR) {
        put(changed, one.number, one.entity);
      } else if (!further.contains(one)) {
        further = further.add(one);
      }
    }
    return new MadeIds(stored, hidden, changed, further);
  }

  /** Without those whose numbers are given. */
  public MadeIds without(Set<Long> numbers) {
    if (numbers.isEmpty()) {
      return this;
    }
    Set<Long> hiding = new HashSet<>(hidden);
    hiding.addAll(numbers);
    Map<Long, Long> left = new HashMap<>();
    forEachLearnt((number, entity) -> {
      if (!numbers.contains(number)) {
        left.put(number, entity);
      }
    });
    return of(stored, Set.copyOf(hiding)).with(left);
  }

  /** Tells each local number and the server's id of its entity, in no order. Reads what the log had at its opening. */
  public void forEach(BiConsumer<Long, Long> consumer) {
    stored.forEach((number, entity) -> {
      if (!hidden.contains(number)) {
        consumer.accept(number, entity);
      }
    });
    forEachLearnt(consumer);
  }

  private void forEachLearnt(BiConsumer<Long, Long> consumer) {
    for (int page = 0; page < pages.length; page++) {
      for (int place = 0; pages[page] != null && place < PAGE_LENGTH; place++) {
        if (pages[page][place] != 0) {
          consumer.accept(((long) page << PAGE_BITS) | place, pages[page][place] - 1);
        }
      }
    }
    far.forEach(one -> consumer.accept(one.number, one.entity));
  }

  private void put(long[][] changed, long number, long entity) {
    int page = (int) (number >> PAGE_BITS);
    int place = (int) (number & (PAGE_LENGTH - 1));
    if (changed[page] == null) {
      changed[page] = new long[PAGE_LENGTH];
    } else if (page < pages.length && changed[page] == pages[page]) {
      changed[page] = changed[page].clone();
    }
    if (changed[page][place] == 0) {
      changed[page][place] = entity + 1;
    }
  }

  @Override
  public long resolve(long localId) {
    long number = -localId;
    if (number <= 0) {
      return localId;
    }
    long entity = number >= FAR ? learntFar(number) : learnt(number);
    if (entity < 0) {
      entity = stored(number);
    }
    return entity < 0 ? localId : entity;
  }

  private long learntFar(long number) {
    Far found = far.isEmpty() ? null : far.get(new Far(number, 0));
    return found == null ? -1 : found.entity;
  }

  private long learnt(long number) {
    long page = number >> PAGE_BITS;
    return page >= pages.length || pages[(int) page] == null ? -1
        : pages[(int) page][(int) (number & (PAGE_LENGTH - 1))] - 1;
  }

  private long stored(long number) {
    return hidden.contains(number) ? -1 : stored.entity(number);
  }
}
