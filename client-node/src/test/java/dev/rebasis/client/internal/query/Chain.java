package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Cardinality;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.List;

/** Entities in a row, each with its number ({@code :c/n}, indexed), that number modulo 100, and its successors. */
final class Chain {
  private static final long TX = EntityIds.txOf(1_000);
  private static final long N = 72;
  private static final long MOD = 73;
  private static final long NEXT = 74;
  private static final long FIRST = 4L << 42;

  private Chain() {}

  static DatomSource of(int count, int fan) {
    List<Datom> datoms = new ArrayList<>(Bootstrap.datoms().stream().filter(Datom::added).toList());
    attribute(datoms, N, ":c/n", 22, Cardinality.ONE);
    attribute(datoms, MOD, ":c/mod", 22, Cardinality.ONE);
    attribute(datoms, NEXT, ":c/next", 20, Cardinality.MANY);
    datoms.add(new Datom(N, 44, true, TX, true));
    for (long i = 0; i < count; i++) {
      datoms.add(new Datom(FIRST + i, N, i, TX, true));
      datoms.add(new Datom(FIRST + i, MOD, i % 100, TX, true));
      for (long next = i + 1; next <= i + fan && next < count; next++) {
        datoms.add(new Datom(FIRST + i, NEXT, FIRST + next, TX, true));
      }
    }
    return new ListDatomSource(datoms);
  }

  // Value types and cardinalities have fixed ids in every database, as have the attributes of attributes.
  private static void attribute(List<Datom> datoms, long id, String ident, long valueType, Cardinality cardinality) {
    datoms.add(new Datom(id, 10, Keyword.of(ident), TX, true));
    datoms.add(new Datom(id, 40, valueType, TX, true));
    datoms.add(new Datom(id, 41, cardinality == Cardinality.ONE ? 35L : 36L, TX, true));
  }
}
