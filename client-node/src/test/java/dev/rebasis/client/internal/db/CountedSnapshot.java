package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.Iterator;

/** A snapshot that counts the datoms that are read of it. Confined to one thread. */
final class CountedSnapshot implements IndexSnapshot {
  private final IndexSnapshot snapshot;
  private final LateOrder lateOrder = new LateOrder(this);
  private int read;

  CountedSnapshot(IndexSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** How many were read since the last call of this. */
  int readSince() {
    int sinceThen = read;
    read = 0;
    return sinceThen;
  }

  @Override
  public Iterable<Datom> scan(Scan scan) {
    return () -> {
      Iterator<Datom> datoms = snapshot.scan(scan).iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return datoms.hasNext();
        }

        @Override
        public Datom next() {
          read++;
          return datoms.next();
        }
      };
    };
  }

  @Override
  public LateOrder lateOrder() {
    return lateOrder;
  }

  @Override
  public long basisT() {
    return snapshot.basisT();
  }

  @Override
  public Schema schema() {
    return snapshot.schema();
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    return snapshot.estimate(order, components);
  }

  @Override
  public long historyEstimate(IndexOrder order, Object... components) {
    return snapshot.historyEstimate(order, components);
  }

  @Override
  public void checkUsable() {
    snapshot.checkUsable();
  }
}
