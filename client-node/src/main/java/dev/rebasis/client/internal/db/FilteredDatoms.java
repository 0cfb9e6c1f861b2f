package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/** The datoms that pass a test; a plain iterator, since joins make one for each row. Confined. */
final class FilteredDatoms implements Iterator<Datom> {
  private final Iterator<Datom> all;
  private final Predicate<Datom> test;
  private Datom next;

  FilteredDatoms(Iterator<Datom> all, Predicate<Datom> test) {
    this.all = all;
    this.test = test;
    advance();
  }

  private void advance() {
    next = null;
    while (next == null && all.hasNext()) {
      Datom datom = all.next();
      next = test.test(datom) ? datom : null;
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Datom next() {
    if (next == null) {
      throw new NoSuchElementException("no more datoms");
    }
    Datom result = next;
    advance();
    return result;
  }
}
