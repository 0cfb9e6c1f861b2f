package dev.rebasis.server.internal.master;

import clojure.lang.RT;
import datomic.Connection;
import datomic.Database;
import datomic.Log;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The log between two Ts without what came and went there: see {@link Missing}. Reads Datomic's log twice. The first
 * time it notes, in a bit set of fixed size, which places {@code (e a)} lost a datom; the second time only datoms of
 * those places are looked up in the database, since all others are current. Immutable; iterate it as often as wanted.
 */
final class NetChanges implements Iterable<Transaction> {
  // 2^23 bits are 1 MiB. Two places with the same bit cost a look-up, nothing else.
  private static final int PLACES = 1 << 23;

  private final Connection connection;
  private final long afterT;
  private final Database start;
  private final Database end;
  private final long endT;

  /**
   * Changes after a T.
   *
   * @param end a value whose basis is the last T
   */
  NetChanges(Connection connection, long afterT, Database end, long endT) {
    this.connection = connection;
    this.afterT = afterT;
    this.start = afterT == 0 ? null : end.asOf(afterT);
    this.end = end;
    this.endT = endT;
  }

  @Override
  public Iterator<Transaction> iterator() {
    BitSet changed = new BitSet(PLACES);
    for (Map<?, ?> entry : range()) {
      for (Object one : (Iterable<?>) RT.get(entry, Log.DATA)) {
        datomic.Datom datom = (datomic.Datom) one;
        if (!datom.added()) {
          changed.set(place(((Number) datom.e()).longValue(), ((Number) datom.a()).longValue()));
        }
      }
    }
    Iterator<Map<?, ?>> entries = range().iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Transaction next() {
        Map<?, ?> entry = entries.next();
        List<Datom> all = MasterDatabase.translate((Iterable<?>) RT.get(entry, Log.DATA));
        List<Datom> kept = new ArrayList<>(all.size());
        for (Datom datom : all) {
          if (!changed.get(place(datom.e(), datom.a())) || stays(datom)) {
            kept.add(datom);
          }
        }
        return new Transaction((Long) RT.get(entry, Log.T), kept);
      }
    };
  }

  @SuppressWarnings("unchecked")
  private Iterable<Map<?, ?>> range() {
    return (Iterable<Map<?, ?>>) (Iterable<?>) connection.log().txRange(afterT + 1, endT + 1);
  }

  private static int place(long e, long a) {
    long mixed = (e * 0x9E3779B97F4A7C15L) ^ (a * 0xC2B2AE3D27D4EB4FL);
    return (int) ((mixed ^ mixed >>> 31) & PLACES - 1);
  }

  private boolean stays(Datom datom) {
    // Old names go on naming their attribute, and entity 0 has registers that are written again and again.
    if (SystemIds.isSchemaAttribute(datom.a()) || datom.e() == 0) {
      return true;
    }
    if (!datom.added()) {
      return start != null && find(start, datom).iterator().hasNext();
    }
    for (datomic.Datom current : find(end, datom)) {
      if (((Number) current.tx()).longValue() == datom.tx()) {
        return true;
      }
    }
    return false;
  }

  private static Iterable<datomic.Datom> find(Database database, Datom datom) {
    return database.datoms(Database.EAVT, datom.e(), datom.a(), DatomicValues.toDatomic(datom.v()));
  }
}
