package dev.rebasis.client.internal.query;

import dev.rebasis.data.Datom;

/** Joins by looking the pattern's facts up in an index, row by row. Confined to one evaluation. */
final class LookupStep extends Step {
  private final Access access;
  private final FactMatch match;
  private final boolean onlyExists;
  private final boolean atMostOne;

  /**
   * Makes the step.
   *
   * @param onlyExists whether one match is as good as all, since nothing that it binds is used
   */
  LookupStep(Access access, FactMatch match, boolean onlyExists) {
    this.access = access;
    this.match = match;
    this.onlyExists = onlyExists;
    this.atMostOne = access.findsAtMostOne();
  }

  @Override
  boolean run(Object[] frame) {
    for (Datom datom : access.scan(frame)) {
      if (match.accept(datom, frame)) {
        boolean goOn = pass(frame);
        if (!goOn || onlyExists) {
          return goOn;
        }
      }
      if (atMostOne) {
        return true;
      }
    }
    return true;
  }
}
