package dev.rebasis.client.internal.query;

import java.util.List;

/**
 * The steps of a plan, ready to run: once for a query, once for each row for a body that is nested in one. Confined to
 * one evaluation.
 */
final class StepChain {
  private final Step first;
  private final Object[] frame;
  private final List<DistinctStep> remembering;

  /**
   * Makes it.
   *
   * @param first the first step; the last one is linked to it
   * @param frame the frame to start with, constants filled in
   * @param remembering the steps that must forget what an earlier run showed them
   */
  StepChain(Step first, Object[] frame, List<DistinctStep> remembering) {
    this.first = first;
    this.frame = frame;
    this.remembering = remembering;
  }

  /** The frame that every run uses: fill in what is bound before it. */
  Object[] frame() {
    return frame;
  }

  /** Runs all steps; false if the last one wanted no more rows. */
  boolean run() {
    for (DistinctStep step : remembering) {
      step.forget();
    }
    return first.run(frame);
  }
}
