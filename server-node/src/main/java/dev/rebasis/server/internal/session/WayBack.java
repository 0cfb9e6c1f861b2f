package dev.rebasis.server.internal.session;

import datomic.Database;
import datomic.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.server.internal.master.Master;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Whether a client that was away long is sent less if it gives up what it holds and loads anew.
 *
 * <p>One that holds a part of the database is sent the log of its part, so the two are compared by a sample of the part's entities.
 *
 * <p>One that holds everything is sent what has changed after its T without what has come and gone ({@link
 * dev.rebasis.server.internal.master.Missing}), which is never more than the log. Loading anew is less than that if more of what it
 * holds was retracted than is left. With A facts asserted since that still stand, R of its own facts retracted since, S of its own that
 * still stand, and X that have come and gone: what is current is A + S, the log since has A + R + 2X datoms, R + X of them
 * retractions. The log's numbers are known, A by a sample of the entities, and so R.
 */
final class WayBack {
  /** So many entities are looked at, evenly chosen: some milliseconds. */
  private static final int SAMPLE = 1_000;
  /** Of one entity so many facts are counted: an entity with a long history must not hold up the core. */
  private static final int ENTITY_FACTS_MAX = 1_000;
  /** Of all entities so many facts are counted; what was seen by then is sample enough. */
  private static final long FACTS_MAX = 50_000;
  /** Where nearly all facts are. */
  private static final List<String> PARTITIONS = List.of(":db.part/tx", ":db.part/user");

  private WayBack() {}

  /**
   * Compares for a client that holds a part, by the facts of the entities in the part; their transactions come with both.
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
    for (int i = 0; entities.hasNext() && log + load < FACTS_MAX; i++) {
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
    Iterator<Datom> facts = database.datoms(Database.EAVT, e).iterator();
    while (count < ENTITY_FACTS_MAX && facts.hasNext()) {
      facts.next();
      count++;
    }
    return count;
  }

  /**
   * Compares for a client that holds everything.
   *
   * @param t where the client stands
   * @param least what must be spared at least to be worth giving up what is there
   */
  static boolean isLoadLess(Master master, long t, long least) {
    long retractions = master.retractionsAfter(t);
    if (retractions < least) {
      return false;
    }
    long current = master.datomsAfter(0) - 2 * master.retractionsAfter(0);
    long asserted = (long) (current * shareAfter(master, t));
    long ownRetracted = 2 * retractions + asserted - master.datomsAfter(t);
    long ownLeft = current - asserted;
    return ownRetracted - ownLeft >= least;
  }

  /** About which share of the current facts was asserted after a T. Transactions and entities share one counter. */
  private static double shareAfter(Master master, long t) {
    Database now = master.database();
    long tx = EntityIds.txOf(t);
    long step = now.nextT() / SAMPLE + 1;
    long all = 0;
    long after = 0;
    for (long n = step / 2; n < now.nextT() && all < FACTS_MAX; n += step) {
      for (String partition : PARTITIONS) {
        Iterator<Datom> facts = now.datoms(Database.EAVT, now.entidAt(partition, n)).iterator();
        for (int i = 0; i < ENTITY_FACTS_MAX && facts.hasNext(); i++) {
          all++;
          after += (Long) facts.next().tx() > tx ? 1 : 0;
        }
      }
    }
    return all == 0 ? 0 : (double) after / all;
  }
}
