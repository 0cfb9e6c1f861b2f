package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.Iterator;

/** Finds the entity that a unique value names. Pure functions. */
public final class Holders {
  private Holders() {}

  /**
   * The entity among the datoms of one unique value.
   *
   * @param datoms those in AVET with this attribute and value
   * @param history whether they may be of several entities, one after the other: then it is the one that was made first,
   *     as in Datomic, where ids rise; local ids fall, and come after the confirmed ones
   * @return null if there is none
   */
  public static Long of(Iterable<Datom> datoms, boolean history) {
    Iterator<Datom> found = datoms.iterator();
    if (!found.hasNext()) {
      return null;
    }
    long holder = found.next().e();
    while (history && found.hasNext()) {
      long other = found.next().e();
      holder = isBefore(other, holder) ? other : holder;
    }
    return holder;
  }

  private static boolean isBefore(long x, long y) {
    return x >= 0 ? y < 0 || x < y : y < 0 && x > y;
  }
}
