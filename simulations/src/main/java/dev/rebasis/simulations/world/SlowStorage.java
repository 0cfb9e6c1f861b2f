package dev.rebasis.simulations.world;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Runs what a program gives its storage thread, one task after the other: at once, or, while the node's disk is slow, each
 * only some virtual time after the one before. Confined to the world's thread.
 */
final class SlowStorage implements Executor {
  private final World world;
  private final String node;
  private final Consumer<Runnable> runner;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private long freeMillis;

  /**
   * Makes the storage thread of one life of a program.
   *
   * @param runner runs a task if the program still lives
   */
  SlowStorage(World world, String node, Consumer<Runnable> runner) {
    this.world = world;
    this.node = node;
    this.runner = runner;
  }

  @Override
  public void execute(Runnable task) {
    long delay = world.storageDelayMillis(node);
    if (delay == 0 && waiting.isEmpty()) {
      runner.accept(task);
      return;
    }
    long now = world.now().toEpochMilli();
    freeMillis = Math.max(freeMillis, now) + delay;
    waiting.add(task);
    world.time().schedule(freeMillis - now, this::next);
  }

  private void next() {
    if (!waiting.isEmpty()) {
      runner.accept(waiting.remove());
    }
  }

  /** Does now what waits, for a program that does not go on before it is done. */
  void drain() {
    while (!waiting.isEmpty()) {
      runner.accept(waiting.remove());
    }
  }
}
