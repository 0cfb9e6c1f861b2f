package dev.rebasis.conflict;

/** What a client knows of its local ids while nothing is confirmed: each entity that has one is made by a pending transaction. */
enum PendingIds implements LocalIds {
  MADE;

  @Override
  public long resolve(long localId) {
    return localId;
  }

  @Override
  public boolean isMade(long localId) {
    return true;
  }
}
