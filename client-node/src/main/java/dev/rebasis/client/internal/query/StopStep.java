package dev.rebasis.client.internal.query;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Stands behind another step, and gives the evaluation up when that is asked for. Confined to one evaluation. */
final class StopStep extends Step {
  /** So many rows go by between two looks, less one; a power of two less one. */
  private static final int ROWS_BETWEEN = 1_023;

  private final BooleanSupplier stopped;
  private int rows;

  StopStep(BooleanSupplier stopped) {
    this.stopped = stopped;
  }

  @Override
  Step ignoringCounters() {
    return next().ignoringCounters();
  }

  @Override
  boolean run(Object[] frame) {
    if ((++rows & ROWS_BETWEEN) == 0 && stopped.getAsBoolean()) {
      throw new CancellationException("The query was stopped.");
    }
    return pass(frame);
  }
}
