package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import datomic.Entity;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A transaction and all that took it up again, and took that up: of one chain at most one is ever committed, whoever retries
 * it, its own device, that device's copy or an operator. Pure functions of a database value.
 */
final class RetryChain {
  /** A chain that was settled by a retry. */
  static final Keyword RETRIED = Keyword.of(":retried");
  /** One that an operator gave up. */
  static final Keyword DISCARDED = Keyword.of(":discarded");

  private RetryChain() {}

  /**
   * How a chain ended.
   *
   * @param how {@link #RETRIED} or {@link #DISCARDED}
   * @param t where it was committed, or where the one that was discarded is recorded
   */
  record End(Keyword how, long t) {}

  /** How the chain of a transaction's entity ended; null if it may be taken up still. */
  static End end(Database now, long tx) {
    for (long member : members(now, root(now, tx))) {
      Entity record = now.entity(member);
      if (DISCARDED.equals(keyword(record, RebasisSchema.TX_SETTLED))) {
        return new End(DISCARDED, EntityIds.tOf(member));
      }
      Keyword outcome = keyword(record, RebasisSchema.TX_OUTCOME);
      if (outcome == null || OutcomeKind.of(outcome).isCommitted()) {
        return new End(RETRIED, EntityIds.tOf(member));
      }
    }
    return null;
  }

  /** The first of a chain: the one that takes up no other. */
  static long root(Database now, long tx) {
    long first = tx;
    for (Entity older = retried(now, first); older != null; older = retried(now, first)) {
      first = (Long) older.get(":db/id");
    }
    return first;
  }

  private static Entity retried(Database now, long tx) {
    return (Entity) now.entity(tx).get(RebasisSchema.TX_RETRIES.toString());
  }

  /** A transaction's entity and those of all that took it up, directly or not, each after the one that it takes up. */
  static List<Long> members(Database now, long tx) {
    List<Long> all = new ArrayList<>();
    Deque<Long> next = new ArrayDeque<>(List.of(tx));
    while (!next.isEmpty()) {
      long member = next.remove();
      all.add(member);
      for (Datom datom : now.datoms(Database.VAET, member, DatomicValues.keyword(RebasisSchema.TX_RETRIES))) {
        next.add((Long) datom.e());
      }
    }
    return all;
  }

  /** A keyword of a record, or null. */
  static Keyword keyword(Entity record, Keyword attribute) {
    Object value = record.get(attribute.toString());
    return value == null ? null : DatomicValues.keyword((clojure.lang.Keyword) value);
  }
}
