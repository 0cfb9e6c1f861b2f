package dev.rebasis.client.internal.query;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Where one evaluation asks whether it is to be given up. Confined to it. */
final class StopLook {
  /** So many small steps go by between two looks, less one; a power of two less one. */
  private static final int STEPS_BETWEEN = 1_023;

  private final BooleanSupplier stopped;
  private int steps;

  StopLook(BooleanSupplier stopped) {
    this.stopped = stopped;
  }

  /**
   * For a step that costs little: looks now and then.
   *
   * @throws CancellationException if the evaluation is to be given up
   */
  void step() {
    if ((++steps & STEPS_BETWEEN) == 0) {
      now();
    }
  }

  /**
   * For a step that can take long: looks at once.
   *
   * @throws CancellationException if the evaluation is to be given up
   */
  void now() {
    if (stopped.getAsBoolean()) {
      throw new CancellationException("The query was stopped.");
    }
  }
}
