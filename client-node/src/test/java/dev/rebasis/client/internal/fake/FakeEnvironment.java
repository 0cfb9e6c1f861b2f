package dev.rebasis.client.internal.fake;

import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.core.ClientEnvironment;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.executor.InlineExecutor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** A world on the test's own thread: time moves when the test says so. Confined to one test. */
public final class FakeEnvironment implements ClientEnvironment {
  private record Timer(long at, Runnable task) {}

  private final Executor executor = new InlineExecutor();
  private final Transport transport;
  private final Supplier<UUID> ids;
  private final List<Timer> timers = new ArrayList<>();
  private long millis;
  private boolean closed;

  /**
   * Makes a world.
   *
   * @param transport to the server, or null
   * @param ids ids; worlds that share a store need different ones
   */
  public FakeEnvironment(Transport transport, Supplier<UUID> ids) {
    this.transport = transport;
    this.ids = ids;
  }

  /** Lets time pass; timers that are due run in their order. */
  public void advance(long by) {
    long until = millis + by;
    while (true) {
      Timer next = timers.stream().filter(timer -> timer.at() <= until)
          .min(Comparator.comparingLong(Timer::at)).orElse(null);
      if (next == null) {
        millis = until;
        return;
      }
      timers.remove(next);
      millis = Math.max(millis, next.at());
      next.task().run();
    }
  }

  /** Whether the client closed it. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public Instant now() {
    return Samples.EPOCH.plusMillis(millis);
  }

  @Override
  public long millis() {
    return millis;
  }

  @Override
  public UUID newId() {
    return ids.get();
  }

  @Override
  public long randomBelow(long bound) {
    return bound - 1;
  }

  @Override
  public Executor syncExecutor() {
    return executor;
  }

  @Override
  public Executor storageExecutor() {
    return executor;
  }

  @Override
  public Executor notificationExecutor() {
    return executor;
  }

  @Override
  public void schedule(long delay, Runnable task) {
    if (!closed) {
      timers.add(new Timer(millis + delay, task));
    }
  }

  @Override
  public Transport transport() {
    return transport;
  }

  @Override
  public void close() {
    closed = true;
    timers.clear();
  }
}
