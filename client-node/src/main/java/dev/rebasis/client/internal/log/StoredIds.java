package dev.rebasis.client.internal.log;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The local ids that were confirmed when the log was opened, as the table {@code made} held them then. They stay in the
 * table and are read when they are asked for, {@value #PAGE_LENGTH} numbers at a time; some such pages are kept. So
 * neither the opening nor the heap grows with what the store ever made.
 *
 * <p>The table changes afterwards, and database values of the opening must not see it. So what is about to be written into
 * the table is announced by {@link #learning}, and what is about to be taken out of it by {@link #forgetting}, each before
 * it happens. A reader looks at the table first and at the announcements afterwards: whatever the table held too much or
 * too little by then was announced. Thread-safe.
 */
final class StoredIds {
  static final int PAGE_BITS = 9;
  static final int PAGE_LENGTH = 1 << PAGE_BITS;

  /** Of 4 KB each. */
  private static final int PAGES_KEPT = 256;

  /** Numbers from here on are not counted up one after the other. */
  static final long FAR = 1L << 31;

  /** No number was confirmed at the opening. */
  static final StoredIds NONE = new StoredIds((from, to, consumer) -> {}, 0, 0);

  /** Reads the table {@code made}. For any thread. */
  interface Rows {
    /** Tells the local numbers from one up to another, without the latter, with the server's ids. */
    void between(long from, long to, Made consumer);
  }

  /** Takes a local number with the server's id. */
  interface Made {
    void accept(long number, long entity);
  }

  // Entity id plus one, so that an empty place is 0.
  private record Page(long number, long[] entities) {}

  private final Rows rows;
  private final long highestNear;
  private final long highest;
  private final AtomicReferenceArray<Page> kept = new AtomicReferenceArray<>(PAGES_KEPT);
  private final Set<Long> later = ConcurrentHashMap.newKeySet();
  private final Map<Long, Long> gone = new ConcurrentHashMap<>();

  /**
   * Describes a table.
   *
   * @param highestNear the highest local number in it below {@link #FAR}, 0 if there is none: nothing is looked for between
   *     these two
   * @param highest the highest local number in it, 0 if it is empty: what is above is not looked for
   */
  StoredIds(Rows rows, long highestNear, long highest) {
    this.rows = rows;
    this.highestNear = highestNear;
    this.highest = highest;
  }

  /** The server's id of a local number, or -1 if it was not confirmed at the opening. */
  long entity(long number) {
    if (!isPossible(number)) {
      return -1;
    }
    Long before = gone.get(number);
    if (before != null) {
      return before;
    }
    long entity = page(number >> PAGE_BITS)[(int) (number & (PAGE_LENGTH - 1))] - 1;
    if (entity < 0) {
      return gone.getOrDefault(number, -1L);
    }
    // A page that is kept may be older than the announcement, and then hold what was there before.
    return later.contains(number) ? -1 : gone.getOrDefault(number, entity);
  }

  private boolean isPossible(long number) {
    return number > 0 && (number <= highestNear || number >= FAR && number <= highest);
  }

  private long[] page(long wanted) {
    int place = (int) (wanted & (PAGES_KEPT - 1));
    Page page = kept.get(place);
    if (page == null || page.number != wanted) {
      page = new Page(wanted, read(wanted));
      kept.set(place, page);
    }
    return page.entities;
  }

  private long[] read(long page) {
    long[] entities = new long[PAGE_LENGTH];
    long first = page << PAGE_BITS;
    rows.between(first, first + PAGE_LENGTH, (number, entity) -> entities[(int) (number - first)] = entity + 1);
    return entities;
  }

  /** Tells all that were confirmed at the opening, in no order. Reads the whole table. */
  void forEach(Made consumer) {
    if (highest > 0) {
      rows.between(1, highest == Long.MAX_VALUE ? highest : highest + 1, (number, entity) -> {
        if (isPossible(number) && !later.contains(number) && !gone.containsKey(number)) {
          consumer.accept(number, entity);
        }
      });
      gone.forEach(consumer::accept);
    }
  }

  /** These are about to be written into the table, or written over: local numbers with the server's ids. */
  void learning(Map<Long, Long> made) {
    made.forEach((number, entity) -> {
      if (isPossible(number)) {
        long known = entity(number);
        if (known < 0) {
          later.add(number);
        } else if (known != entity) {
          gone.put(number, known);
        }
      }
    });
  }

  /** Announces what is about to be written into the log. */
  void announce(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.Decided decided) {
        learning(decided.made());
      } else if (entry instanceof LogEntry.Made made) {
        learning(made.made());
      } else if (entry instanceof LogEntry.Mended mended) {
        forgetting(mended.forgotten());
      }
    }
  }

  /** These are about to be taken out of the table. */
  void forgetting(Collection<Long> numbers) {
    for (long number : numbers) {
      long entity = entity(number);
      if (entity >= 0) {
        gone.put(number, entity);
      }
    }
  }
}
