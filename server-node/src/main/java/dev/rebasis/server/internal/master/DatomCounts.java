package dev.rebasis.server.internal.master;

import java.util.Map;
import java.util.TreeMap;

/** How many datoms the log has up to each T, known exactly at some Ts and nearly in between. Confined to the core. */
final class DatomCounts {
  /** A count is kept each so many datoms: the error of an answer is less. */
  private static final long STEP = 1000;

  private final TreeMap<Long, Long> upTo = new TreeMap<>();
  private long total;
  private long sinceKept;

  /** The next transaction has so many. */
  void add(long t, int datoms) {
    total += datoms;
    sinceKept += datoms;
    if (sinceKept >= STEP) {
      sinceKept = 0;
      upTo.put(t, total);
    }
  }

  /** How many came after a T; too high by less than a thousand and the size of one transaction. */
  long after(long t) {
    Map.Entry<Long, Long> before = upTo.floorEntry(t);
    return before == null ? total : total - before.getValue();
  }
}
