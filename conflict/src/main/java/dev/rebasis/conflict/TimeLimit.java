package dev.rebasis.conflict;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A guard that gives up what takes too long. The wiring gives it the threads. Thread-safe.
 *
 * <p>Java cannot stop a thread that does not listen: what was given up is interrupted, and may run on beside. So
 * whatever was given up {@value #STRIKES} times is not called any more in this process.
 */
public final class TimeLimit implements Guard {
  private static final int STRIKES = 3;

  private final Executor threads;
  private final Duration limit;
  private final Consumer<String> givenUp;
  private final Map<String, Integer> strikes = new ConcurrentHashMap<>();

  /**
   * Makes a guard that tells nobody what it gives up for good.
   *
   * @param threads runs each task on a thread other than the caller's, at once
   * @param limit how long a call may take
   */
  public TimeLimit(Executor threads, Duration limit) {
    this(threads, limit, what -> { });
  }

  /**
   * Makes a guard.
   *
   * @param threads runs each task on a thread other than the caller's, at once
   * @param limit how long a call may take
   * @param givenUp told once of what is not called any more, by the name that {@link #call} was given
   */
  public TimeLimit(Executor threads, Duration limit, Consumer<String> givenUp) {
    this.givenUp = Objects.requireNonNull(givenUp, "givenUp");
    this.threads = Objects.requireNonNull(threads, "threads");
    this.limit = Objects.requireNonNull(limit, "limit");
  }

  @Override
  public <T> T call(String what, Supplier<T> body) {
    if (strikes.getOrDefault(what, 0) >= STRIKES) {
      throw new GivenUp("it took more than " + limit.toMillis() + " ms " + STRIKES
          + " times and is not called any more", null);
    }
    FutureTask<T> task = new FutureTask<>(body::get);
    threads.execute(task);
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      if (strikes.merge(what, 1, Integer::sum) == STRIKES) {
        givenUp.accept(what);
      }
      throw new GivenUp("it took more than " + limit.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      throw new GivenUp("the thread that waited for it was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      if (e.getCause() instanceof Error thrown) {
        throw thrown;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
