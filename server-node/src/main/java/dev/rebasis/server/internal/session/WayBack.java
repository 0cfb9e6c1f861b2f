package dev.rebasis.server.internal.session;

import datomic.Database;
import java.util.Iterator;
import java.util.Set;

/**
 * Whether a client that was away long and holds a part of the database is sent less if it loads the part anew than if it is
 * sent the log. A client that holds everything needs no such choice: what it loads after its T leaves out what has come and gone, and
 * so is never more than the log.
 */
final class WayBack {
  /** So many entities are looked at, evenly chosen: some milliseconds. */
  private static final int SAMPLE = 1_000;

  private WayBack() {}

  /**
   * Compares, by the facts of the entities in the part; their transactions come with both.
   *
   * @param members the entities in the part now
   * @param t where the client stands
   * @param least with fewer facts in the log than this it is not worth giving up what is there
   */
  static boolean isLoadLess(Database now, Set<Long> members, long t, long least) {
    Database since = now.since(t).history();
    int every = members.size() / SAMPLE + 1;
    long log = 0;
    long load = 0;
    Iterator<Long> entities = members.iterator();
    for (int i = 0; entities.hasNext(); i++) {
      Long e = entities.next();
      if (i % every == 0) {
        log += count(since, e);
        load += count(now, e);
      }
    }
    return log * every >= least && load < log;
  }

  private static long count(Database database, Long e) {
    long count = 0;
    for (Object ignored : database.datoms(Database.EAVT, e)) {
      count++;
    }
    return count;
  }
}
