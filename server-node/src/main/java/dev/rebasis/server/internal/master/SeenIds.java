package dev.rebasis.server.internal.master;

import java.util.UUID;

/**
 * Remembers which transaction ids were ever decided, to answer the commonest question fast: most pushed ids are new,
 * and to find that out in Datomic's index cost a sixth of the whole server's time. It may say yes wrongly (once in some
 * ten billion billion), then the index is asked; it never says no wrongly. An open-addressed table of 64-bit
 * fingerprints, 8 to 16 bytes an id, where the transaction itself takes over a thousand in memory. Confined.
 */
final class SeenIds {
  private long[] table = new long[1 << 10];
  private int size;

  /** Remembers an id. */
  void add(UUID id) {
    if (2 * (size + 1) > table.length) {
      grow();
    }
    if (insert(table, fingerprint(id))) {
      size++;
    }
  }

  /** False if the id was certainly never added. */
  boolean mayContain(UUID id) {
    long wanted = fingerprint(id);
    for (int i = slot(wanted, table); table[i] != 0; i = (i + 1) & (table.length - 1)) {
      if (table[i] == wanted) {
        return true;
      }
    }
    return false;
  }

  private void grow() {
    long[] larger = new long[2 * table.length];
    for (long known : table) {
      if (known != 0) {
        insert(larger, known);
      }
    }
    table = larger;
  }

  private static boolean insert(long[] into, long fingerprint) {
    int i = slot(fingerprint, into);
    while (into[i] != 0) {
      if (into[i] == fingerprint) {
        return false;
      }
      i = (i + 1) & (into.length - 1);
    }
    into[i] = fingerprint;
    return true;
  }

  private static int slot(long fingerprint, long[] in) {
    return (int) (fingerprint >>> 32) & (in.length - 1);
  }

  /** Both halves mixed, since clients may make ids that differ in few bits; never 0, which means empty. */
  private static long fingerprint(UUID id) {
    long mixed = (id.getMostSignificantBits() * 0x9E3779B97F4A7C15L) ^ id.getLeastSignificantBits();
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    mixed ^= mixed >>> 32;
    return mixed == 0 ? 1 : mixed;
  }
}
