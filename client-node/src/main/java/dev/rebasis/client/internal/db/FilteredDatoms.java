package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.Iterator;
import java.util.function.Predicate;

/** The datoms that pass a test; a plain iterator, since joins make one for each row. Confined. */
final class FilteredDatoms extends LookAhead {
  private final Iterator<Datom> all;
  private final Predicate<Datom> test;

  FilteredDatoms(Iterator<Datom> all, Predicate<Datom> test) {
    this.all = all;
    this.test = test;
    advance();
  }

  @Override
  Datom read() {
    while (all.hasNext()) {
      Datom datom = all.next();
      if (test.test(datom)) {
        return datom;
      }
    }
    return null;
  }
}
