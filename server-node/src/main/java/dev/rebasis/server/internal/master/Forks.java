package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/** The forks that a database value tells of. Pure functions. */
final class Forks {
  private record Noted(long tx, Fork fork) {}

  private Forks() {}

  /** In the order in which they came about. */
  static List<Fork> of(Database database) {
    List<Noted> noted = new ArrayList<>();
    if (database.entid(RebasisSchema.DB_FORKS.toString()) != null) {
      for (Datom datom : database.datoms(Database.AEVT, RebasisSchema.DB_FORKS.toString())) {
        List<?> tuple = (List<?>) datom.v();
        noted.add(new Noted((Long) datom.tx(), new Fork((Long) tuple.get(0), (Long) tuple.get(1), (UUID) tuple.get(2))));
      }
    }
    noted.sort(Comparator.comparingLong(Noted::tx));
    return noted.stream().map(Noted::fork).toList();
  }
}
