package dev.rebasis.conflict;

import dev.rebasis.data.Datom;

/**
 * A history that nobody may ask for datoms.
 *
 * @param mayHaveChanged what it says to whether anything happened at all
 */
record UnaskedHistory(boolean mayHaveChanged) implements HistoryChanges.History {
  @Override
  public Iterable<Datom> of(long e, long a) {
    throw new AssertionError("asked for " + e);
  }

  @Override
  public Iterable<Datom> of(long e) {
    throw new AssertionError("asked for " + e);
  }

  @Override
  public Iterable<Datom> ofValue(long a, Object v) {
    throw new AssertionError("asked for " + v);
  }

  @Override
  public boolean isMany(long a) {
    throw new AssertionError("asked for " + a);
  }

  @Override
  public boolean mayHaveChanged(long e, long sinceT) {
    return mayHaveChanged;
  }

  @Override
  public boolean mayHaveChanged(long a, Object v, long sinceT) {
    return mayHaveChanged;
  }
}
