package dev.rebasis.client;

/** What becomes of the transactions that wait with one that is discarded. */
public enum Dependents {
  /** They are discarded too. */
  DISCARD,
  /**
   * What they say about entities of the discarded one is cut out of them, and the rest is made again: assertions and
   * retractions on such an entity, and references to it. Calls of functions stay as they are, for only the function knows
   * what its arguments mean.
   */
  CUT
}
