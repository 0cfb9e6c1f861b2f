package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An iterator that has to read the next datom to know whether there is one. A subclass calls {@link #advance} when it is
 * ready, at the end of its constructor. Confined to the thread that iterates.
 */
abstract class LookAhead implements Iterator<Datom> {
  private Datom next;

  /** Reads the next datom; null at the end. */
  abstract Datom read();

  final void advance() {
    next = read();
  }

  @Override
  public final boolean hasNext() {
    return next != null;
  }

  @Override
  public final Datom next() {
    if (next == null) {
      throw new NoSuchElementException("no more datoms");
    }
    Datom result = next;
    advance();
    return result;
  }
}
