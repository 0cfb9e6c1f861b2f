package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.Iterator;

/** A source that counts the datoms that it hands out. Confined to one thread. */
final class CountedSource implements DatomSource {
  private final DatomSource source;
  private long read;

  CountedSource(DatomSource source) {
    this.source = source;
  }

  /** How many datoms it has handed out. */
  long read() {
    return read;
  }

  @Override
  public Schema schema() {
    return source.schema();
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    return counted(source.datoms(order, components));
  }

  @Override
  public Iterable<Datom> seek(IndexOrder order, Object... components) {
    return counted(source.seek(order, components));
  }

  private Iterable<Datom> counted(Iterable<Datom> datoms) {
    return () -> {
      Iterator<Datom> iterator = datoms.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return iterator.hasNext();
        }

        @Override
        public Datom next() {
          read++;
          return iterator.next();
        }
      };
    };
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    return source.estimate(order, components);
  }

  @Override
  public boolean hasEachFactOnce() {
    return source.hasEachFactOnce();
  }
}
