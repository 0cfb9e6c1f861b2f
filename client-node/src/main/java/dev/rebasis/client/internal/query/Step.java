package dev.rebasis.client.internal.query;

/**
 * One step of a plan. The steps form a chain: each gets a frame with the variables bound so far, binds its own in it for
 * every match, and runs the next step for each. One frame is used for the whole evaluation, so that nothing is allocated
 * for rows between steps. Confined to one evaluation.
 */
abstract class Step {
  private Step next;

  /** Sets what follows. */
  void then(Step step) {
    this.next = step;
  }

  /** What comes next that is not there to count only. */
  Step ignoringCounters() {
    return this;
  }

  /** What follows. */
  final Step next() {
    return next;
  }

  /**
   * Binds and passes on.
   *
   * @return false if no further rows are wanted: the caller returns false at once too
   */
  abstract boolean run(Object[] frame);

  final boolean pass(Object[] frame) {
    return next.run(frame);
  }
}
