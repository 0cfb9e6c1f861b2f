package dev.rebasis.server.internal.master;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import java.util.Map;
import java.util.TreeMap;

/** How many datoms the log has up to each T, known exactly at some Ts and nearly in between. Confined to the core. */
final class DatomCounts {
  /** A count is kept each so many datoms: the error of an answer is less. */
  private static final long STEP = 1000;

  private record Counts(long datoms, long retractions) {}

  private final TreeMap<Long, Counts> upTo = new TreeMap<>();
  private long datoms;
  private long retractions;
  private long sinceKept;

  /** The next transaction. */
  void add(Transaction transaction) {
    for (Datom datom : transaction.datoms()) {
      if (!datom.added()) {
        retractions++;
      }
    }
    int more = transaction.datoms().size();
    datoms += more;
    sinceKept += more;
    if (sinceKept >= STEP) {
      sinceKept = 0;
      upTo.put(transaction.t(), new Counts(datoms, retractions));
    }
  }

  /** How many came after a T; too high by less than a thousand and the size of one transaction. */
  long after(long t) {
    Map.Entry<Long, Counts> before = upTo.floorEntry(t);
    return before == null ? datoms : datoms - before.getValue().datoms();
  }

  /** How many of these were retractions, with the same error. */
  long retractionsAfter(long t) {
    Map.Entry<Long, Counts> before = upTo.floorEntry(t);
    return before == null ? retractions : retractions - before.getValue().retractions();
  }
}
