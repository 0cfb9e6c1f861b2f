package dev.rebasis.simulations.check;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Compares what a client holds with what the server holds, datom by datom, transaction ids included. */
public final class Replicas {
  private static final int SHOWN_MAX = 4;

  private Replicas() {}

  /**
   * What differs between a client's database and the server's at its newest T.
   *
   * @param name whose database it is, for the sentence
   * @return a finding, or an empty list
   */
  public static List<Finding> compare(String name, Database database, ServerFacts server) {
    return compare(name, database, server, datom -> true, datom -> true);
  }

  /**
   * The same of a client that holds a part.
   *
   * @param compared which datoms count on either side
   * @param held which of the server's datoms the client should hold
   */
  public static List<Finding> compare(
      String name, Database database, ServerFacts server, Predicate<Datom> compared, Predicate<Datom> held) {
    Set<Datom> here = new LinkedHashSet<>();
    database.datoms(IndexOrder.EAVT).forEach(datom -> {
      if (compared.test(datom)) {
        here.add(datom);
      }
    });
    Set<Datom> there = new LinkedHashSet<>();
    server.current().stream().filter(compared.and(held)).forEach(there::add);
    if (here.equals(there)) {
      return List.of();
    }
    List<Datom> missing = new ArrayList<>(there);
    missing.removeAll(here);
    List<Datom> extra = new ArrayList<>(here);
    extra.removeAll(there);
    return List.of(new Finding(Promise.CONVERGENCE, name + " (T " + database.basisT() + ") differs from the server: "
        + missing.size() + " datoms are missing " + first(missing) + ", " + extra.size() + " too many " + first(extra)));
  }

  private static List<Datom> first(List<Datom> datoms) {
    return datoms.subList(0, Math.min(SHOWN_MAX, datoms.size()));
  }
}
