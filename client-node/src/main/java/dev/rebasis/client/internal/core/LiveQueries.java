package dev.rebasis.client.internal.core;

import dev.rebasis.client.QueryChange;
import dev.rebasis.client.QueryListener;
import dev.rebasis.client.SyncClient.Subscription;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.client.internal.query.QueryReads;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Queries that are asked again whenever something changes that can matter to them. Thread-safe.
 *
 * <p>When a view is published, each subscription notes what changed, and nothing more. On the notification thread it then
 * looks whether the change can matter ({@link QueryReads}), asks the query on the newest view, and tells its listener
 * what came and went. What is published while a listener works is taken together into its next result.
 */
final class LiveQueries {
  /** More changes than these are not kept one by one; the query is then asked in any case. */
  private static final int CHANGES_MAX = 1_000;

  private final QueryEngine engine;
  private final Executor notifications;
  private final Supplier<DatabaseValue> newest;
  private final List<Live> subscriptions = new CopyOnWriteArrayList<>();

  /**
   * Makes it.
   *
   * @param notifications the notification thread
   * @param newest the newest published optimistic view
   */
  LiveQueries(QueryEngine engine, Executor notifications, Supplier<DatabaseValue> newest) {
    this.engine = engine;
    this.notifications = notifications;
    this.newest = newest;
  }

  /** Asks a query from now on; the first result is on its way when this returns. */
  Subscription subscribe(Object query, List<?> inputs, QueryListener listener) {
    engine.check(query);
    Live live = new Live(query, new ArrayList<>(inputs), listener);
    subscriptions.add(live);
    live.note(reads -> true);
    return live;
  }

  /** A transaction of this client was published. Short: runs under the publisher's lock. */
  void made(List<Datom> datoms) {
    note(reads -> datoms.stream().anyMatch(reads::isTouchedBy));
  }

  /** A confirmed batch was published. Short: runs under the publisher's lock. */
  void confirmed(List<Transaction> transactions, Rebased rebased) {
    boolean pendingChanged = rebased.decidedAnew() > 0 || !rebased.left().isEmpty();
    note(reads -> transactions.stream().anyMatch(t -> t.datoms().stream().anyMatch(reads::isTouchedBy))
        || pendingChanged && (isTouched(rebased.optimisticBefore(), reads) || isTouched(rebased.optimisticAfter(), reads)));
  }

  /** A load was published: anything may have changed. Short: runs under the publisher's lock. */
  void loaded() {
    note(reads -> true);
  }

  private static boolean isTouched(DatabaseValue view, QueryReads reads) {
    return view.overlay().attributes().stream().anyMatch(reads::isTouchedBy);
  }

  private void note(Predicate<QueryReads> change) {
    for (Live live : subscriptions) {
      live.note(change);
    }
  }

  /** One subscription. Its changes are guarded by its monitor; the rest belongs to the notification thread. */
  private final class Live implements Subscription {
    private final Object query;
    private final List<Object> inputs;
    private final QueryListener listener;
    private final List<Predicate<QueryReads>> changes = new ArrayList<>();
    private boolean scheduled;
    private int batches;
    private volatile boolean closed;
    private QueryReads reads;
    private Map<Object, Integer> rows;

    Live(Object query, List<Object> inputs, QueryListener listener) {
      this.query = query;
      this.inputs = inputs;
      this.listener = listener;
    }

    synchronized void note(Predicate<QueryReads> change) {
      if (closed) {
        return;
      }
      if (changes.size() == CHANGES_MAX) {
        changes.clear();
        changes.add(any -> true);
      }
      changes.add(change);
      batches++;
      if (!scheduled) {
        scheduled = true;
        notifications.execute(this::run);
      }
    }

    private void run() {
      List<Predicate<QueryReads>> taken;
      int count;
      synchronized (this) {
        taken = List.copyOf(changes);
        count = batches;
        changes.clear();
        batches = 0;
        scheduled = false;
      }
      if (!closed && (reads == null || taken.stream().anyMatch(change -> change.test(reads)))) {
        ask(count);
      }
    }

    private void ask(int count) {
      DatabaseValue database = newest.get();
      List<Object> all = new ArrayList<>(inputs.size() + 1);
      all.add(database);
      all.addAll(inputs);
      try {
        Object result = engine.query(query, all);
        reads = engine.reads(query, all);
        tell(database, result, count);
      } catch (RebasisException e) {
        reads = null; // asked again on the next view, whatever changes
        tell(e);
      } catch (RuntimeException | Error e) {
        reads = null;
        tell(new RebasisException(Keyword.of(":rebasis.error/internal"), ErrorCategory.PROGRAMMING_ERROR,
            "A live query failed at an error of the client's own: " + e + ". Report it.", Map.of(), e));
      }
    }

    private void tell(DatabaseValue database, Object result, int count) {
      Map<Object, Integer> before = rows;
      rows = rowsOf(result);
      boolean first = before == null;
      List<Object> added = difference(rows, first ? Map.of() : before);
      List<Object> removed = first ? new ArrayList<>() : difference(before, rows);
      if (!closed && (first || !added.isEmpty() || !removed.isEmpty())) {
        QueryChange change = new QueryChange(database, result, added, removed, first, first ? 0 : count);
        call(() -> listener.changed(change));
      }
    }

    private void tell(RebasisException error) {
      if (!closed) {
        call(() -> listener.failed(error));
      }
    }

    private void call(Runnable told) {
      try {
        told.run();
      } catch (RuntimeException | Error e) {
        logger().log(Level.WARNING, "A listener of a live query failed.", e);
      }
    }

    @Override
    public void close() {
      closed = true;
      subscriptions.remove(this);
    }
  }

  // A row that is a list is an element of a relation, or the one row of a tuple: only the former come as a collection of
  // rows.
  private static Map<Object, Integer> rowsOf(Object result) {
    Map<Object, Integer> rows = new HashMap<>();
    if (result instanceof Set<?> || result instanceof List<?>) {
      ((Collection<?>) result).forEach(row -> rows.merge(row, 1, Integer::sum));
    } else if (result != null) {
      rows.put(result, 1);
    }
    return rows;
  }

  private static List<Object> difference(Map<Object, Integer> more, Map<Object, Integer> less) {
    List<Object> difference = new ArrayList<>();
    more.forEach((row, count) -> {
      for (int i = less.getOrDefault(row, 0); i < count; i++) {
        difference.add(row);
      }
    });
    return difference;
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(LiveQueries.class.getName());
  }
}
