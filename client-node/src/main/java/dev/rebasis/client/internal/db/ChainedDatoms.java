package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.Collections;
import java.util.Iterator;

/**
 * Walks one behind the other, each begun only when the one before it is at its end. ({@code Stream.flatMap} would read the
 * whole of each walk for its first datom, as soon as somebody asks the stream for an iterator.) Confined to the thread that
 * iterates.
 */
final class ChainedDatoms extends LookAhead {
  private final Iterator<Iterable<Datom>> walks;
  private Iterator<Datom> current = Collections.emptyIterator();

  ChainedDatoms(Iterator<Iterable<Datom>> walks) {
    this.walks = walks;
    advance();
  }

  @Override
  Datom read() {
    while (!current.hasNext()) {
      if (!walks.hasNext()) {
        return null;
      }
      current = walks.next().iterator();
    }
    return current.next();
  }
}
