package dev.rebasis.client.internal.query;

/**
 * Joins by look-ups until so many rows have come that a table would have been cheaper, then by a table. Whatever the
 * planner expected, it costs at most about twice what the better of the two would have. Confined to one evaluation.
 */
final class AdaptiveStep extends Step {
  private final Step lookup;
  private final Step hash;
  private long rowsLeft;

  /**
   * Makes the step.
   *
   * @param rowsByLookup rows after which it changes over
   */
  AdaptiveStep(Step lookup, Step hash, long rowsByLookup) {
    this.lookup = lookup;
    this.hash = hash;
    this.rowsLeft = rowsByLookup;
  }

  @Override
  void then(Step step) {
    lookup.then(step);
    hash.then(step);
  }

  @Override
  boolean run(Object[] frame) {
    return rowsLeft-- > 0 ? lookup.run(frame) : hash.run(frame);
  }
}
