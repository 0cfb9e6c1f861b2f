package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.util.Iterator;

/** Puts datoms into an order. Confined. */
interface Sorter {
  void add(Datom datom);

  /** All datoms in order, those that compare as equal as they came; afterwards nothing can be added, and what was read is forgotten. */
  Iterator<Datom> sorted();
}
