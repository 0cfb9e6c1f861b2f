package dev.rebasis.server.internal.master;

import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Group commit: writes and forces all that came in while the last force was under way, at once. {@link #write} is
 * called on the core and never waits; the writing happens on the log's executor; what was forced is told on the core.
 */
final class LogWriter {
  private final MasterLog log;
  private final Executor logExecutor;
  private final Executor core;
  private final Consumer<List<Committed>> forced;
  private final Consumer<RebasisException> failed;
  private final MasterSetup.ForceTimer timer;

  /** Guards the two fields below; never held across H2. */
  private final Object lock = new Object();

  private List<Committed> waiting = new ArrayList<>();
  private boolean running;
  private volatile long forces;

  /**
   * Makes one.
   *
   * @param forced told on the core what is durable now
   * @param failed told on the core why nothing more will be
   */
  LogWriter(MasterLog log, MasterSetup setup, Consumer<List<Committed>> forced, Consumer<RebasisException> failed) {
    this.log = log;
    this.logExecutor = setup.log();
    this.core = setup.core();
    this.forced = forced;
    this.failed = failed;
    this.timer = setup.forceTimer();
  }

  /** Hands over transactions that follow on those of the last call. */
  void write(List<Committed> transactions) {
    synchronized (lock) {
      waiting.addAll(transactions);
      if (running) {
        return;
      }
      running = true;
    }
    logExecutor.execute(this::drain);
  }

  /** How many times the log was forced. */
  long forces() {
    return forces;
  }

  private void drain() {
    for (List<Committed> batch = take(); batch != null; batch = take()) {
      try {
        log.append(batch);
        timer.timed(log::force);
      } catch (RuntimeException e) {
        // What is on the disk is not known now. It stays "running", so that nothing is written after the gap.
        RebasisException reason = e instanceof RebasisException known ? known : log.failed("write to", e);
        core.execute(() -> failed.accept(reason));
        return;
      }
      forces++;
      List<Committed> done = batch;
      core.execute(() -> forced.accept(done));
    }
  }

  private List<Committed> take() {
    synchronized (lock) {
      if (waiting.isEmpty()) {
        running = false;
        return null;
      }
      List<Committed> batch = waiting;
      waiting = new ArrayList<>();
      return batch;
    }
  }
}
