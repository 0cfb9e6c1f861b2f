package dev.rebasis.simulations.scenario;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Compares databases datom by datom, transaction ids included. */
final class Agreement {
  private static final int SHOWN_MAX = 5;

  private Agreement() {}

  /**
   * Compares.
   *
   * @param part which of the server's datoms the client is to hold; of transaction entities, those that it must
   */
  static void check(String name, Database client, ServerFacts server, Predicate<Datom> part) {
    Set<Datom> here = new LinkedHashSet<>();
    client.datoms(IndexOrder.EAVT).forEach(datom -> {
      if (part.test(datom) || !EntityIds.isTx(datom.e())) {
        here.add(datom);
      }
    });
    Set<Datom> there = new LinkedHashSet<>();
    server.current().stream().filter(part).forEach(there::add);
    List<Datom> missing = difference(there, here);
    List<Datom> extra = difference(here, there);
    if (!missing.isEmpty() || !extra.isEmpty()) {
      throw new AssertionError(name + " (T " + client.basisT() + ") and the server differ: " + missing.size()
          + " datoms missing " + first(missing) + ", " + extra.size() + " too many " + first(extra));
    }
  }

  private static List<Datom> difference(Set<Datom> from, Set<Datom> without) {
    return from.stream().filter(datom -> !without.contains(datom)).toList();
  }

  private static List<Datom> first(List<Datom> datoms) {
    return datoms.subList(0, Math.min(SHOWN_MAX, datoms.size()));
  }
}
