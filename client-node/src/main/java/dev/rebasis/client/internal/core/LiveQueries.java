package dev.rebasis.client.internal.core;

import dev.rebasis.client.QueryChange;
import dev.rebasis.client.QueryException;
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
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Queries that are asked again whenever something changes that can matter to them. Thread-safe.
 *
 * <p>When a view is published, each subscription notes what changed, and nothing more. On the query thread it then
 * looks whether the change can matter ({@link QueryReads}), asks the query on the newest view, and finds out what came and went,
 * which its listener is told on the notification thread. So a query that takes long holds up other live queries at most. What is
 * published while it is asked, or while its listener works, is taken together into its next result.
 */
final class LiveQueries {
  private final QueryEngine engine;
  private final Executor queries;
  private final Executor notifications;
  private final Supplier<DatabaseValue> newest;
  private final List<Live> subscriptions = new CopyOnWriteArrayList<>();
  private volatile boolean ended;

  /**
   * Makes it.
   *
   * @param queries the query thread
   * @param notifications the notification thread
   * @param newest the newest published optimistic view
   */
  LiveQueries(QueryEngine engine, Executor queries, Executor notifications, Supplier<DatabaseValue> newest) {
    this.engine = engine;
    this.queries = queries;
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

  /** Nobody is to be told of anything any more: what is being asked is given up. */
  void end() {
    ended = true;
  }

  private void note(Supplier<ViewChange> change) {
    if (!subscriptions.isEmpty()) {
      ViewChange one = change.get();
      subscriptions.forEach(live -> live.note(one));
    }
  }

  /**
   * One subscription. Its changes are guarded by its monitor; the rest belongs to the query thread, but for the listener. It is
   * under way from the first note until there is nothing left to tell, on one of the two threads at a time.
   */
  private final class Live implements Subscription {
    private final Object query;
    private final List<Object> inputs;
    private final QueryListener listener;
    private final ViewChanges changes = new ViewChanges();
    private boolean underWay;
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
      if (!underWay) {
        start();
      }
    }

    /** Called with the monitor held. */
    private void start() {
      underWay = true;
      try {
        queries.execute(this::run);
      } catch (RuntimeException | Error e) {
        underWay = false; // there was no thread for it: the next change tries again
        throw e;
      }
    }

    private void run() {
      ViewChanges taken;
      synchronized (this) {
        taken = changes.take();
      }
      Map<Object, Integer> rowsTold = rows;
      RebasisException failureTold = failure;
      boolean done = false;
      boolean handedOver = false;
      try {
        Runnable news = isOver() ? null : ask(taken);
        if (news != null) {
          notifications.execute(() -> tellAndGoOn(news));
          handedOver = true;
        }
        done = true;
      } finally {
        if (!done) { // no memory, or no thread to be had: nobody was told, so the next change asks again and tells of both
          rows = rowsTold;
          failure = failureTold;
          reads = null;
        }
        if (!handedOver) {
          goOn();
        }
      }
    }

    private void tellAndGoOn(Runnable news) {
      try {
        tell(news);
      } finally {
        goOn();
      }
    }

    /** What was noted meanwhile is next. */
    private synchronized void goOn() {
      underWay = false;
      if (!isOver() && changes.batches() > 0) {
        start();
      }
    }

    private boolean isOver() {
      return closed || ended;
    }

    /** Gives up what is being found out, if nobody is to be told of it. */
    private void look() {
      if (isOver()) {
        throw new CancellationException("The live query was closed.");
      }
    }

    /** What the listener is to be told; null for nothing. */
    private Runnable ask(ViewChanges taken) {
      try {
        if (reads != null && !taken.canMatterTo(reads)) {
          return null;
        }
        DatabaseValue database = newest.get();
        List<Object> all = new ArrayList<>(inputs.size() + 1);
        all.add(database);
        all.addAll(inputs);
        Object result = engine.query(query, all, this::isOver);
        reads = engine.reads(query, all);
        return news(database, result, taken.batches());
      } catch (RebasisException e) {
        reads = null; // asked again on the next view, whatever changes
        return news(e);
      } catch (StackOverflowError e) {
        reads = null;
        return news(new QueryException(Keyword.of(":rebasis.error/too-deep"),
            "The answer is nested too deeply to be compared with the one before. Pull to a depth, as in {:next 100}.", Map.of(), e));
      } catch (RuntimeException | Error e) {
        if (e instanceof CancellationException && isOver()) {
          return null; // there is nobody to be told
        }
        reads = null;
        return news(new RebasisException(Keyword.of(":rebasis.error/internal"), ErrorCategory.PROGRAMMING_ERROR,
            "A live query failed at an error of the client's own: " + e + ". Report it.", Map.of(), e));
      }
    }

    private Runnable news(DatabaseValue database, Object result, int count) {
      Map<Object, Integer> before = rows;
      Map<Object, Integer> now = rowsOf(result, engine.givesMany(query), this::look);
      boolean first = before == null;
      boolean again = failure != null;
      List<Object> added = difference(now, first ? Map.of() : before, this::look);
      List<Object> removed = first ? new ArrayList<>() : difference(before, now, this::look);
      rows = now; // not before the rest was found out: the listener is told of what differs from what it was told
      failure = null;
      if (!first && !again && added.isEmpty() && removed.isEmpty()) {
        return null;
      }
      QueryChange change = new QueryChange(database, result, added, removed, first, first ? 0 : count);
      return () -> listener.changed(change);
    }

    // The same error on every view that follows would be no news.
    private Runnable news(RebasisException error) {
      boolean known = failure != null && failure.code().equals(error.code())
          && Objects.equals(failure.getMessage(), error.getMessage());
      failure = error;
      return known ? null : () -> listener.failed(error);
    }

    private void tell(Runnable news) {
      if (isOver()) {
        return;
      }
      try {
        news.run();
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
  private static Map<Object, Integer> rowsOf(Object result, boolean many, Runnable look) {
    Map<Object, Integer> rows = new HashMap<>();
    if (many) {
      ((Collection<?>) result).forEach(row -> {
        look.run(); // what was pulled is hashed as a whole
        rows.merge(row, 1, Integer::sum);
      });
    } else if (result != null) {
      rows.put(result, 1);
    }
    return rows;
  }

  private static List<Object> difference(Map<Object, Integer> more, Map<Object, Integer> less, Runnable look) {
    List<Object> difference = new ArrayList<>();
    more.forEach((row, count) -> {
      look.run();
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
