package dev.rebasis.simulations.world;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Virtual time and the tasks that wait for it. Time stands still while a task runs and jumps to the next task's moment
 * afterwards, so that hours pass in milliseconds and nothing depends on the machine's clock. Tasks of one moment run in
 * the order in which they were given. Confined: one thread owns it.
 *
 * <p>Time begins in 2001 because Datomic refuses transaction instants after the machine's clock.
 */
public final class VirtualTime {
  /** The first moment. */
  public static final Instant START = Instant.parse("2001-01-01T00:00:00Z");

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::atMillis).thenComparingLong(Task::number));
  private long nowMillis = START.toEpochMilli();
  private long count;

  /** A task that was given and has not run yet. */
  public final class Task {
    private final long atMillis;
    private final long number;
    private final Runnable action;

    private Task(long atMillis, Runnable action) {
      this.atMillis = atMillis;
      this.number = count++;
      this.action = action;
    }

    private long atMillis() {
      return atMillis;
    }

    private long number() {
      return number;
    }

    /** Takes the task back; no effect if it has run. */
    public void cancel() {
      tasks.remove(this);
    }
  }

  /** The current moment. */
  public Instant now() {
    return Instant.ofEpochMilli(nowMillis);
  }

  /** A clock that shows the current moment. */
  public Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("virtual time has one zone, UTC");
      }

      @Override
      public Instant instant() {
        return now();
      }
    };
  }

  /**
   * Gives a task to run later.
   *
   * @param delayMillis from now, 0 or more; 0 runs after the tasks that wait for this moment already
   * @param action what to do; what it throws ends {@link #run}
   */
  public Task schedule(long delayMillis, Runnable action) {
    if (delayMillis < 0) {
      throw new IllegalArgumentException("a delay cannot be negative: " + delayMillis);
    }
    Task task = new Task(nowMillis + delayMillis, action);
    tasks.add(task);
    return task;
  }

  /**
   * Runs the tasks of the next {@code millis} milliseconds and leaves the clock at their end.
   *
   * @return how many tasks ran
   */
  public int run(long millis) {
    long end = nowMillis + millis;
    int ran = 0;
    while (!tasks.isEmpty() && tasks.peek().atMillis <= end) {
      Task task = tasks.poll();
      nowMillis = Math.max(nowMillis, task.atMillis);
      task.action.run();
      ran++;
    }
    nowMillis = end;
    return ran;
  }

  /** The delay until the next task, or -1 if none waits. */
  public long millisToNext() {
    return tasks.isEmpty() ? -1 : Math.max(0, tasks.peek().atMillis - nowMillis);
  }
}
