package dev.rebasis.client.internal.db;

import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.SystemIds;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Tries a transaction on a database value: decides it as {@code transact} would, and stores nothing. Pure.
 *
 * <p>There is no clock here, so the transaction has the instant of the newest one of all, also on a view; Datomic allows
 * equal instants.
 */
final class Speculator {
  /** Local numbers from here on are those of tried transactions; a client does not get as far. */
  static final long FIRST_NUMBER = 1L << 44;

  /**
   * A transaction as it would be.
   *
   * @param datoms in order, the instant of its own entity first
   * @param nextNumber the next local number that is free
   */
  record Tried(List<Datom> datoms, Map<String, Long> tempids, long nextNumber) {}

  private Speculator() {}

  /**
   * Tries.
   *
   * @param forms EDN text, or the same as a {@code List}
   * @param number the first local number that is free
   * @throws TransactionException if it cannot be applied
   */
  static Tried run(AbstractDatabase database, LocalIds ids, Object forms, long number) {
    Object data = forms instanceof String text ? Edn.read(text) : forms;
    long[] next = {number};
    IntentBuilder.Completed completed = IntentBuilder.complete(data, database.schema(), () -> next[0]++);
    Instant instant = newestInstant(database.whole());
    Intent intent = new Intent(
        new UUID(0, number), 1, database.basisT(), instant, completed.forms(), completed.tempids());
    Decision decision = Decider.decide(
        intent, database, RemoteChanges.NONE, new PresentIds(database.whole(), ids), database.queries().rules());
    if (!decision.kind().isCommitted()) {
      throw new TransactionException(
          decision.reason().code(), decision.reason().message(), decision.reason().data());
    }
    List<Datom> datoms = new ArrayList<>(decision.datoms().size() + 1);
    long tx = intent.txLocalId();
    datoms.add(new Datom(tx, SystemIds.DB_TX_INSTANT, instant, tx, true));
    datoms.addAll(decision.datoms());
    return new Tried(datoms, authorsTempids(decision, completed), next[0]);
  }

  /** The tempids that stand in the forms; the builder adds some for maps without one. */
  private static Map<String, Long> authorsTempids(Decision decision, IntentBuilder.Completed completed) {
    Map<String, Long> tempids = new HashMap<>();
    completed.tempids().forEach((tempid, local) -> {
      if (!tempid.startsWith("#")) {
        tempids.put(tempid, decision.tempids().getOrDefault(tempid, -local));
      }
    });
    return tempids;
  }

  private static Instant newestInstant(AbstractDatabase database) {
    for (Datom datom : database.rseekDatoms(IndexOrder.AVET, SystemIds.DB_TX_INSTANT)) {
      if (datom.a() != SystemIds.DB_TX_INSTANT) {
        break;
      }
      if (datom.e() == datom.tx()) {
        return (Instant) datom.v();
      }
    }
    return Instant.EPOCH;
  }

  /** The local ids of a value, where an entity counts as made if the value holds, or held, anything about it. */
  record PresentIds(DatabaseValue database, LocalIds ids) implements LocalIds {
    @Override
    public long resolve(long localId) {
      return ids.resolve(localId);
    }

    @Override
    public boolean isMade(long localId) {
      long id = ids.resolve(localId);
      return id >= 0
          || database.datoms(IndexOrder.EAVT, id).iterator().hasNext()
          || database.datoms(IndexOrder.VAET, id).iterator().hasNext()
          // A retracted entity can be written to again. It was made here, so that a history that begins late has it too.
          || database.scan(Scan.of(Prefix.of(IndexOrder.EAVT, id)).ofHistory(true)).iterator().hasNext();
    }
  }
}
