package dev.rebasis.client.internal.core;

import dev.rebasis.client.QueryChange;
import dev.rebasis.client.QueryListener;
import dev.rebasis.client.SyncClient.Subscription;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.FormCopy;
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
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Queries that are asked again whenever something changes that can matter to them. Thread-safe.
 *
 * <p>When a view is published, each subscription notes what changed, and nothing more. On the notification thread it then
 * looks whether the change can matter ({@link QueryReads}), asks the query on the newest view, and tells its listener
 * what came and went. What is published while a listener works is taken together into its next result.
 */
final class LiveQueries {
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
    Live live = new Live(FormCopy.of(query), new ArrayList<>((List<?>) FormCopy.of(inputs)), listener);
    subscriptions.add(live);
    live.note(ViewChange.ANYTHING);
    return live;
  }

  /** A transaction of this client was published. Short: runs under the publisher's lock. */
  void made(List<Datom> datoms) {
    note(() -> ViewChange.made(datoms));
  }

  /** A confirmed batch was published. Short: runs under the publisher's lock. */
  void confirmed(List<Transaction> transactions, Rebased rebased) {
    note(() -> ViewChange.confirmed(transactions, rebased));
  }

  /** A view without some pending transactions was published. Short: runs under the publisher's lock. */
  void takenBack(DatabaseValue before, DatabaseValue after) {
    note(() -> ViewChange.between(before, after));
  }

  /** A load was published: anything may have changed. Short: runs under the publisher's lock. */
  void loaded() {
    note(() -> ViewChange.ANYTHING);
  }

  private void note(Supplier<ViewChange> change) {
    if (!subscriptions.isEmpty()) {
      ViewChange one = change.get();
      subscriptions.forEach(live -> live.note(one));
    }
  }

  /** One subscription. Its changes are guarded by its monitor; the rest belongs to the notification thread. */
  private final class Live implements Subscription {
    private final Object query;
    private final List<Object> inputs;
    private final QueryListener listener;
    private final ViewChanges changes = new ViewChanges();
    private boolean scheduled;
    private volatile boolean closed;
    private QueryReads reads;
    private Map<Object, Integer> rows;
    /** The error that the listener was told of last, null once there was an answer again. */
    private RebasisException failure;

    Live(Object query, List<Object> inputs, QueryListener listener) {
      this.query = query;
      this.inputs = inputs;
      this.listener = listener;
    }

    synchronized void note(ViewChange change) {
      if (closed) {
        return;
      }
      changes.add(change);
      if (!scheduled) {
        scheduled = true;
        notifications.execute(this::run);
      }
    }

    private void run() {
      ViewChanges taken;
      synchronized (this) {
        taken = changes.take();
        scheduled = false;
      }
      if (!closed && (reads == null || taken.canMatterTo(reads))) {
        ask(taken.batches());
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
      rows = rowsOf(result, engine.givesMany(query));
      boolean first = before == null;
      boolean again = failure != null;
      failure = null;
      List<Object> added = difference(rows, first ? Map.of() : before);
      List<Object> removed = first ? new ArrayList<>() : difference(before, rows);
      if (!closed && (first || again || !added.isEmpty() || !removed.isEmpty())) {
        QueryChange change = new QueryChange(database, result, added, removed, first, first ? 0 : count);
        call(() -> listener.changed(change));
      }
    }

    // The same error on every view that follows would be no news.
    private void tell(RebasisException error) {
      boolean known = failure != null && failure.code().equals(error.code())
          && Objects.equals(failure.getMessage(), error.getMessage());
      failure = error;
      if (!closed && !known) {
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

  // A list may be a collection of rows, and it may be one row or one value: the result alone does not tell.
  private static Map<Object, Integer> rowsOf(Object result, boolean many) {
    Map<Object, Integer> rows = new HashMap<>();
    if (many) {
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
