package dev.rebasis.server.internal.master;

import java.util.Map;
import java.util.TreeMap;

/**
 * A set of sequence numbers that mostly come one after the other: kept as ranges, so that a client with a million
 * transactions costs as much as one with ten. Confined.
 */
final class SeqRanges {
  /** First number of each range to its last. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  boolean contains(long seq) {
    Map.Entry<Long, Long> range = ranges.floorEntry(seq);
    return range != null && range.getValue() >= seq;
  }

  void add(long seq) {
    if (contains(seq)) {
      return;
    }
    Map.Entry<Long, Long> before = ranges.floorEntry(seq);
    long first = before != null && before.getValue() == seq - 1 ? before.getKey() : seq;
    Long lastOfNext = ranges.remove(seq + 1);
    ranges.put(first, lastOfNext == null ? seq : lastOfNext);
  }

  /** How many ranges there are. */
  int size() {
    return ranges.size();
  }
}
