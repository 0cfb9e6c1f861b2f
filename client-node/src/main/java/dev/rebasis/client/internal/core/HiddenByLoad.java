package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The facts that a load took away because their attribute is hidden from this client now. Pure.
 *
 * <p>A load brings what there is, not what went, so a fact that others retracted and one that was hidden look the same.
 * But an attribute of which not one fact is left was hidden, or so nearly emptied that a person may as well look at what
 * was to be written there.
 */
final class HiddenByLoad {
  private HiddenByLoad() {}

  /** The facts of the earlier snapshot whose attribute has none in the later one. */
  static List<Datom> of(IndexSnapshot before, IndexSnapshot after) {
    Set<Long> hidden = new HashSet<>();
    before.schema().attributes().forEach(attribute -> {
      if (before.datoms(IndexOrder.AEVT, attribute.id()).iterator().hasNext()
          && !after.datoms(IndexOrder.AEVT, attribute.id()).iterator().hasNext()) {
        hidden.add(attribute.id());
      }
    });
    List<Datom> facts = new ArrayList<>();
    hidden.forEach(a -> before.datoms(IndexOrder.AEVT, a).forEach(facts::add));
    return facts;
  }
}
